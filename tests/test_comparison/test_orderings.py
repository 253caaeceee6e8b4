"""Orders of methods, seed by seed, of numbers made up here."""

import json

import pytest

from mmposetransfer.comparison import (
    Row,
    Spread,
    check_order,
    find_orderings,
    write_tables,
)
from mmposetransfer.evaluation import Column

COLUMNS = {
    ('SSIM', 'dsc'): Column('images', 'SSIM', 4, 'higher'),
    ('EPE', ''): Column('flow', 'EPE', 3, 'lower', 'px'),
    ('sharpness', 'dsc'): Column('images', 'sharpness', 3, 'one'),
    ('parameters', ''): Column('cost', 'weights', 2, 'lower', 'M'),
}


def row(title, seeds, **numbers):
    """'SSIM' -> values, one for each seed."""
    keys = {name: (name, p) for name, p in COLUMNS}
    spreads = {keys[n]: Spread(tuple(v)) for n, v in numbers.items()}
    columns = {key: COLUMNS[key] for key in spreads}
    return Row(title, tuple(seeds), spreads, columns)


ROWS = [
    row(
        'a', (0, 1, 2), SSIM=(0.7, 0.6, 0.5), EPE=(3, 3, 1), sharpness=(1,) * 3
    ),
    row('b', (0, 2), SSIM=(0.6, 0.55), EPE=(4, 0.5), parameters=(2, 2)),
    row('c', (2,), SSIM=(0.55,)),
]
DETAILS = dict(trainings=6, trainings_in_all=9, seeds=[0, 1, 2], budget=7)


def test_neighbours_are_held_against_each_other():
    got = find_orderings(ROWS, ['a', 'b', 'c', 'not trained yet'])
    assert [tuple(ordering) for ordering in got] == [
        ('a', 'b', 'SSIM (dsc) ↑', 1, 2),
        ('a', 'b', 'EPE (px) ↓', 1, 2),
        ('b', 'c', 'SSIM (dsc) ↑', 0, 1),  # as good is not better
    ]
    assert find_orderings(ROWS, []) == []


def test_tables_tell_them(tmp_path):
    write_tables(tmp_path, ROWS, DETAILS, ['a', 'b', 'c'])
    text = (tmp_path / 'table.md').read_text()
    assert '| number | a better than b | b better than c |' in text
    assert '| SSIM (dsc) ↑ | 1 of 2 | 0 of 1 |' in text
    assert '| EPE (px) ↓ | 1 of 2 |  |' in text
    content = json.loads((tmp_path / 'table.json').read_text())
    assert content['orderings'][0] == dict(
        better='a', worse='b', number='SSIM (dsc) ↑', held=1, seeds=2
    )
    write_tables(tmp_path, ROWS, DETAILS)
    assert 'better' not in (tmp_path / 'table.md').read_text()


def test_means_and_ranges_are_printed(tmp_path):
    write_tables(tmp_path, ROWS, DETAILS)
    lines = (tmp_path / 'table.md').read_text().splitlines()
    assert '| b | 2 | 0.5750 (0.5500–0.6000) |  |' in lines
    assert any(line.startswith('6 of 9 trainings') for line in lines)
    # The same value with every seed has no range.
    assert '| b | 2 | 2.00 |' in lines


@pytest.mark.parametrize(
    ('order', 'message'),
    [
        (['a', 'd'], "names 'd', which is not compared"),
        (['a', 'a'], 'each once'),
        (['a'], 'two methods or more'),
    ],
)
def test_orders_that_say_nothing_are_refused(order, message):
    with pytest.raises(ValueError, match=message):
        check_order(order, ['a', 'b', 'c'])
