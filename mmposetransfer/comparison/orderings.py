"""Whether methods stand in the order in which they are expected."""

from collections.abc import Sequence
from typing import NamedTuple

from mmposetransfer.errors import UserValueError
from mmposetransfer.utils.build_errors import did_you_mean

from .spread import Row, repeated_keys

__all__ = ['Ordering', 'check_order', 'find_orderings']


class Ordering(NamedTuple):
    """How often one method was better than another by one number.

    Attributes:
        better: The method that is expected to be the better one.
        worse: The other.
        number: The heading of the number's column.
        held: In how many of the seeds it was.
        seeds: How many both have been trained with.
    """

    better: str
    worse: str
    number: str
    held: int
    seeds: int


def check_order(order: Sequence[str], names: Sequence[str]) -> None:
    """Refuse an order of others than the methods that are compared.

    Args:
        order: Names, the best first.
        names: Of the methods.

    Raises:
        ValueError: If one is none, or stands there twice, or alone.
    """
    for name in order:
        if name not in names:
            raise UserValueError(
                f"the order names '{name}', which is not compared."
                f'{did_you_mean(name, names)} Compared are {", ".join(names)}'
            )
    if len({*order}) < len(order) or len(order) == 1:
        raise UserValueError(
            'an order is of two methods or more, each once, got '
            f'{", ".join(order)}'
        )


def find_orderings(
    rows: Sequence[Row], order: Sequence[str]
) -> list[Ordering]:
    """Hold neighbours of an order against each other, seed by seed.

    By all numbers that both have and of which the higher or the lower one is
    the better; costs are none of them.

    Args:
        rows: Of a comparison.
        order: Names of methods, the best first.

    Returns:
        For each pair of neighbours all numbers, but none where no seed is
        common to both.
    """
    by_name = {row.title: row for row in rows}
    again = repeated_keys(rows)
    found = []
    for better, worse in zip(order, order[1:], strict=False):
        one, other = by_name.get(better), by_name.get(worse)
        if one is None or other is None:
            continue
        for key, column in one.columns.items():
            if (
                key in again
                or key not in other.numbers
                or column.table == 'cost'
                or column.better not in ('higher', 'lower')
            ):
                continue
            mine, theirs = (
                dict(zip(row.seeds, row.numbers[key].values, strict=True))
                for row in (one, other)
            )
            sign = 1 if column.better == 'higher' else -1
            both = [seed for seed in mine if seed in theirs]
            held = sum(sign * (mine[s] - theirs[s]) > 0 for s in both)
            if both:
                heading = column.text(key[1])
                found.append(Ordering(better, worse, heading, held, len(both)))
    return found
