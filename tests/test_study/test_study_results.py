"""R2G, G2R and judged better, of answers that are known."""

import csv
import json

import numpy as np
import pytest
from study_samples import METHODS, small_study

from mmposetransfer.study import (
    measures_as_csv,
    measures_as_json,
    measures_as_table,
    study_judgements,
    study_results,
)

pytest.importorskip('krippendorff', reason='needs mmposetransfer[study]')


def answer_all(database, judge, count=None):
    """A participant who judges by ``judge(trial)``, in so many trials."""
    number = database.participant(database.join('en')).number
    for position, trial in enumerate(database.trials(number)[:count]):
        judged = judge(trial)
        side = 'left' if judged == trial.left else 'right'
        assert judged in (trial.left, trial.right)
        database.answer(number, position, side, 900)


def truthful(trial):
    """Knows what is real, and always prefers ours; wrong in practice."""
    if trial.method is None:
        return 'theirs' if trial.practice else 'ours'
    other = dict(real='generated', generated='real')
    return other[trial.shown] if trial.practice else trial.shown


def credulous(trial):
    """Takes everything of ours for real, and nothing of theirs."""
    if trial.method is None:
        return 'theirs'
    return 'real' if trial.method == 'ours' else 'generated'


@pytest.fixture
def database(tmp_path):
    return small_study(tmp_path)[0]


def by_name(measures):
    return {(m.name, m.method, m.against): m for m in measures}


def test_rates_of_known_answers(database):
    for judge in (truthful, truthful, credulous):
        answer_all(database, judge)
    measures = by_name(study_results(study_judgements(database), METHODS))
    # Counted are 3 real and 3 generated pictures of a method, and 2 pairs.
    assert {key: (m.hits, m.judgements) for key, m in measures.items()} == {
        ('R2G', 'ours', ''): (0, 9),
        ('G2R', 'ours', ''): (3, 9),
        ('R2G', 'theirs', ''): (3, 9),
        ('G2R', 'theirs', ''): (0, 9),
        ('judged better', 'ours', 'theirs'): (4, 6),
        ('judged better', 'theirs', 'ours'): (2, 6),
    }
    assert all(m.participants == 3 for m in measures.values())
    assert measures['G2R', 'ours', ''].share == pytest.approx(1 / 3)


def test_practice_is_not_counted(database):
    answer_all(database, truthful)  # wrong in practice alone
    for measure in study_results(study_judgements(database), METHODS):
        assert measure.share == (
            (measure.name, measure.method) == ('judged better', 'ours')
        )


def test_unfinished_people_count_unless_left_out(database):
    answer_all(database, truthful)
    answer_all(database, credulous, count=4)
    everyone = study_judgements(database)
    finished = study_judgements(database, finished_only=True)
    assert len(everyone) == len(finished) + 2  # 2 of 4 were practice
    assert {j.participant for j in finished} == {0}


def wilson(hits, count, z=1.959963984540054):
    centre = (hits + z**2 / 2) / (count + z**2)
    half = (
        z / (count + z**2) * np.sqrt(hits * (count - hits) / count + z**2 / 4)
    )
    return centre - half, centre + half


def test_intervals_against_closed_form_and_plain_resampling(database):
    chance = np.random.default_rng(5)
    for lean in chance.uniform(0.2, 0.9, 12):
        answer_all(
            database,
            lambda trial, p=lean: (
                trial.left if chance.random() < p else trial.right
            ),
        )
    judgements = study_judgements(database)
    measure = by_name(study_results(judgements, METHODS))['R2G', 'ours', '']
    assert measure.wilson == pytest.approx(
        wilson(measure.hits, measure.judgements), abs=1e-9
    )
    hits = np.zeros(12)
    for judgement in judgements:
        trial = judgement.trial
        if (trial.method, trial.shown) == ('ours', 'real'):
            hits[judgement.participant] += judgement.judged == 'generated'
    drawn = np.random.default_rng(1).integers(0, 12, (20_000, 12))
    shares = hits[drawn].sum(1) / (3 * 12)
    # Of 36 judgements a step is 0.028; percentiles differ by one at most.
    assert measure.bootstrap == pytest.approx(
        np.percentile(shares, [2.5, 97.5]), abs=0.029
    )


def test_one_participant_has_no_interval_by_people(database):
    answer_all(database, truthful)
    for measure in study_results(study_judgements(database), METHODS):
        assert measure.bootstrap is None and measure.alpha is None


def test_agreement_is_of_pictures_that_several_judged(database):
    for _ in range(4):
        answer_all(database, truthful)
    measures = by_name(study_results(study_judgements(database), METHODS))
    assert measures['R2G', 'ours', ''].alpha == 1
    assert measures['G2R', 'ours', ''].alpha == 1
    # All prefer ours: without two kinds of answers it is not defined.
    assert measures['judged better', 'ours', 'theirs'].alpha is None
    for _ in range(4):
        answer_all(database, credulous)
    measures = by_name(study_results(study_judgements(database), METHODS))
    assert measures['R2G', 'theirs', ''].alpha < 0.9


def test_table_and_files_say_the_same(database):
    for judge in (truthful, credulous):
        answer_all(database, judge)
    measures = study_results(study_judgements(database), METHODS)
    head, _, *lines = measures_as_table(measures).splitlines()
    assert head.split(' | ')[0].strip() == 'method' and len(lines) == 6
    rows = list(csv.DictReader(measures_as_csv(measures).splitlines()))
    content = json.loads(measures_as_json(measures, participants=2))
    assert content['participants'] == 2
    for line, row, record, measure in zip(
        lines, rows, content['measures'], measures, strict=True
    ):
        cells = [cell.strip() for cell in line.split(' | ')]
        assert cells[0] == row['method'] == record['method'] == measure.method
        assert cells[2] == f'{100 * float(row["share"]):.2f}'
        assert float(row['share']) == record['share'] == measure.share
        assert float(row['wilson_low']) == record['wilson_low']
        low, high = measure.bootstrap
        assert cells[3] == f'{100 * low:.2f} to {100 * high:.2f}'
