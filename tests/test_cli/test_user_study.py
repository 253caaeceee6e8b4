"""`mmposetransfer user-study` from its command line, but for serving."""

import csv
import json

import pytest
from study_samples import small_study

from mmposetransfer.cli import main


def test_results_are_printed_and_written(tmp_path, capsys):
    pytest.importorskip('krippendorff', reason='needs mmposetransfer[study]')
    database, _ = small_study(tmp_path)
    for number in range(3):
        database.join('en')
        for position in range(len(database.trials(number)) - number):
            database.answer(number, position, 'left', 100)
    files = [tmp_path / 'r.csv', tmp_path / 'r.json']
    arguments = ['--csv', str(files[0]), '--json', str(files[1])]
    main(['user-study', 'results', database.path, *arguments])
    printed = capsys.readouterr().out
    assert '3 people, 1 of them finished' in printed
    assert printed.count('R2G') == printed.count('G2R') == 2
    rows = list(csv.DictReader(files[0].read_text().splitlines()))
    content = json.loads(files[1].read_text())
    assert (content['participants'], content['finished']) == (3, 1)
    assert len(rows) == len(content['measures']) == 6
    main(['user-study', 'results', database.path, '--finished-only'])
    assert '1 people, 1 of them' in capsys.readouterr().out


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['results', 'none.sqlite'], "there is no study 'none.sqlite'"),
        (['serve', 'none.sqlite'], 'takes --real and --method'),
        (['serve', 'none.sqlite', '--real', 'x'], 'takes --method'),
        (
            ['serve', 'n.sqlite', '--real', 'x', '--method', 'a=x'],
            "there is no folder '.*x'",
        ),
        (
            ['serve', 'n', '--real=x', '--method=a=x', '--images=0'],
            'the study has no trials',
        ),
        (
            ['serve', 'n', '--real', 'x', '--method', 'a=x', '--method=a=y'],
            'two methods have one name',
        ),
    ],
)
def test_mistakes_are_told(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=message):
        main(['user-study', *arguments])
    assert not list(tmp_path.iterdir())


def test_no_answers_yet(tmp_path):
    database, _ = small_study(tmp_path)
    with pytest.raises(SystemExit, match='no answers yet'):
        main(['user-study', 'results', database.path])


def test_method_without_a_folder_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(['user-study', 'serve', 'x', '--method', 'results/dsc'])
    assert 'expected NAME=FOLDER' in capsys.readouterr().err
