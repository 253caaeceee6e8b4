"""Numbers of several trainings of each method, gathered into rows."""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from mmposetransfer.evaluation import Column

from .running import BASELINES, numbers_of, run_folder
from .scoring import Number

__all__ = [
    'Key',
    'Row',
    'Spread',
    'SpreadCell',
    'gather',
    'repeated_keys',
    'spread_cells',
]

# Name of a number, and its protocol.
Key = tuple[str, str]


class Spread(NamedTuple):
    """One number of all trainings of a method.

    Attributes:
        values: One for each seed; one alone of what has no seed.
    """

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Over the seeds."""
        return mean(self.values)

    def text(self, digits: int) -> str:
        """The mean and, where values differ, the range."""
        low, high = min(self.values), max(self.values)
        if low == high:
            return f'{low:.{digits}f}'
        return f'{self.mean:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})'


class Row(NamedTuple):
    """A method, a free baseline, or a baseline beside a method.

    Attributes:
        title: Of its row.
        seeds: Of the trainings that are finished; none of what has no seed.
        numbers: Those that there are, in order; what a method does not
            predict has no number.
        columns: How each is printed.
    """

    title: str
    seeds: tuple[int, ...]
    numbers: dict[Key, Spread]
    columns: dict[Key, Column]


class SpreadCell(NamedTuple):
    """A number in a table of text; see `evaluation.table.Cell`."""

    row: str
    number: str
    protocol: str
    column: Column
    text: str

    @property
    def heading(self) -> str:
        """What stands above its column."""
        return self.column.text(self.protocol)


def gather(
    root: Path, names: Sequence[str], seeds: Sequence[int]
) -> list[Row]:
    """Rows of what is finished.

    Args:
        root: Folder of the comparison.
        names: Of the methods.
        seeds: Of the trainings.

    Returns:
        Free baselines, methods, and what the methods' predicted flow does
        without them.
    """
    rows = []
    for name, baseline in BASELINES.items():
        numbers = numbers_of(run_folder(root, name))
        if numbers:
            rows.append(_row(baseline.title, (), [numbers]))
    behind = []
    for name in names:
        found = {
            seed: numbers
            for seed in seeds
            if (numbers := numbers_of(run_folder(root, name, seed)))
        }
        titles = {n.row for numbers in found.values() for n in numbers}
        for title in sorted(titles):
            chosen = [
                [number for number in numbers if number.row == title]
                for numbers in found.values()
            ]
            row = _row(
                f'{name}: {title}' if title else name, tuple(found), chosen
            )
            (behind if title else rows).append(row)
    return rows + behind


def _row(title: str, seeds: tuple[int, ...], runs: list[list[Number]]) -> Row:
    values: dict[Key, list[float]] = {}
    columns: dict[Key, Column] = {}
    for numbers in runs:
        for number in numbers:
            key = number.number, number.protocol
            values.setdefault(key, []).append(number.value)
            columns[key] = Column(**number.column)
    spreads = {key: Spread(tuple(some)) for key, some in values.items()}
    return Row(title, seeds, spreads, columns)


def spread_cells(rows: Sequence[Row]) -> list[SpreadCell]:
    """The cells of tables that people read.

    A number that another protocol gives every method to the last digit, such
    as a PSNR, stands there once.

    Args:
        rows: Of the comparison.

    Returns:
        Row by row.
    """
    again = repeated_keys(rows)
    return [
        SpreadCell(
            row.title,
            *key,
            row.columns[key],
            spread.text(row.columns[key].digits),
        )
        for row in rows
        for key, spread in row.numbers.items()
        if key not in again
    ]


def repeated_keys(rows: Sequence[Row]) -> set[Key]:
    """Numbers whose values are those of another protocol, for all rows."""
    seen: dict[tuple, Key] = {}
    again = set()
    for key in dict.fromkeys(key for row in rows for key in row.numbers):
        values = tuple(row.numbers.get(key) for row in rows)
        if seen.setdefault((key[0], values), key) != key:
            again.add(key)
    return again
