"""Answers are kept, once each, in order, in a file that is whole."""

import sqlite3

import pytest
from study_samples import small_study

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.study import (
    StudyDatabase,
    begin_study,
    continue_study,
    plan_trials,
)
from mmposetransfer.study.database import Conflict, StudyIsFull


@pytest.fixture
def database(tmp_path):
    return small_study(tmp_path)[0]


def test_study_is_the_same_when_it_is_opened_again(database):
    assert StudyDatabase(database.path).study == database.study
    assert database.study.beside == ('reference', 'pose')


def test_plan_is_kept_as_it_was_made(database):
    study = database.study
    for number in range(2):
        person = database.participant(database.join('en'))
        assert (person.number, person.answered) == (number, 0)
        planned = plan_trials(study.design, study.scenes, study.seed, number)
        assert database.trials(number) == planned
        assert database.trial(number, 5) == planned[5]
    assert database.trial(0, 999) is None


def test_answers_come_in_turn_and_the_first_one_counts(database):
    token = database.join('zh')
    database.answer(0, 0, 'left', 500)
    database.answer(0, 0, 'right', 1)  # sent again: it was not acknowledged
    database.answer(0, 1, 'right', 700)
    with pytest.raises(Conflict):
        database.answer(0, 3, 'left', 500)
    trials = database.trials(0)
    assert list(database.answers()) == [
        (0, trials[0], 'left'),
        (0, trials[1], 'right'),
    ]
    assert database.participant(token).answered == 2
    assert database.participant(token).language == 'zh'
    assert database.finished() == set()
    for position in range(2, len(trials)):
        database.answer(0, position, 'left', 0)
    with pytest.raises(Conflict):
        database.answer(0, len(trials), 'left', 0)
    database.join('en')
    assert database.finished() == {0}


def test_nobody_is_known_by_a_guess(database):
    database.join('en')
    assert database.participant('') is None
    assert database.participant("' OR 1 --") is None


def test_no_more_take_part_than_may(tmp_path):
    database, _ = small_study(tmp_path, participants=2)
    database.join('en')
    database.join('en')
    with pytest.raises(StudyIsFull):
        database.join('en')


def test_other_files_are_refused_and_left_as_they_are(tmp_path, database):
    with pytest.raises(UserFileNotFoundError, match='no study'):
        StudyDatabase(tmp_path / 'none.sqlite')
    other = tmp_path / 'other.sqlite'
    connection = sqlite3.connect(other)
    connection.execute('CREATE TABLE t (x)')
    connection.close()
    text = tmp_path / 'text.sqlite'
    text.write_text('no database, but long enough for a header ' * 9)
    for path in (other, text):
        before = path.read_bytes()
        with pytest.raises(UserValueError, match=path.name):
            StudyDatabase(path)
        assert path.read_bytes() == before
    study = database.study
    with pytest.raises(UserValueError, match='is there'):
        begin_study(database.path, study.folders, study.design)


def test_pictures_are_checked_when_a_study_goes_on(database, tmp_path):
    continue_study(database.path)
    (tmp_path / 'ours' / '000.png').unlink()
    with pytest.raises(UserFileNotFoundError, match="'000'"):
        continue_study(database.path)
