"""Tables of a comparison: text, Markdown, CSV and JSON."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mmposetransfer.evaluation.table import draw_table, group_cells
from mmposetransfer.io.atomic_write import atomic_write

from .orderings import Ordering, find_orderings
from .spread import Row, SpreadCell, spread_cells

__all__ = ['format_rows', 'write_tables']

_COLUMNS = 4  # side by side in a table


def format_rows(rows: Sequence[Row]) -> str:
    """Tables for a terminal.

    Args:
        rows: Of the comparison.

    Returns:
        str: Several lines, without a line break at the end.
    """
    return '\n\n'.join(
        draw_table(title, cells) for title, cells in _tables(rows)
    )


def write_tables(
    folder: Path,
    rows: Sequence[Row],
    details: dict[str, Any],
    order: Sequence[str] = (),
) -> None:
    """Write table.txt, table.md, table.csv and table.json.

    The first two have means and ranges, and say whether methods stand in the
    order that is expected; Markdown also shows the figure. CSV has a line for
    each number: method, number, protocol, how many seeds, mean, lowest and
    highest. JSON also has the value of each seed, and ``details``.

    Args:
        folder: Of the comparison.
        rows: Of the comparison.
        details: What the numbers are of, as plain values.
        order: Names of methods, the best first.

    Raises:
        WriteError: If a file cannot be written.
    """
    said = _said(details)
    found = find_orderings(rows, order)
    orderings = _order_table(found)
    if orderings:
        said += f'\n\nIn how many seeds each is better:\n\n{orderings}'
    texts = {
        'table.txt': f'{format_rows(rows)}\n\n{said}\n',
        'table.md': f'{_markdown(rows)}\n\n{said}\n{_figure(details)}',
        'table.csv': _csv(rows),
        'table.json': _json(rows, details, found),
    }
    for name, text in texts.items():
        with atomic_write(folder / name, 'w') as file:
            file.write(text)


def _said(details: dict[str, Any]) -> str:
    """How many trainings there are, and of what length."""
    done, total = details['trainings'], details['trainings_in_all']
    budget = details['budget']
    return (
        f'{done} of {total} trainings are finished (seeds '
        f'{", ".join(map(str, details["seeds"]))}). Means over the seeds, '
        'with the lowest and the highest where there are several. '
        + (
            f'Each generator has learnt for {budget:,} steps.'
            if budget
            else 'Each config has its own length.'
        )
    )


def _figure(details: dict[str, Any]) -> str:
    name = details.get('figure')
    return f'\n![The same pairs by every method]({name})\n' if name else ''


def _tables(rows: Sequence[Row]) -> Iterator[tuple[str, list[SpreadCell]]]:
    """Titles and cells of tables that are not too wide."""
    for cells in group_cells(spread_cells(rows), by_protocol=True):
        headings = list(dict.fromkeys(cell.heading for cell in cells))
        for start in range(0, len(headings), _COLUMNS):
            chosen = headings[start : start + _COLUMNS]
            yield (
                cells[0].column.table,
                [cell for cell in cells if cell.heading in chosen],
            )


def _markdown(rows: Sequence[Row]) -> str:
    blocks = []
    seeds = {row.title: len(row.seeds) for row in rows if row.seeds}
    for title, cells in _tables(rows):
        headings = list(dict.fromkeys(cell.heading for cell in cells))
        texts = {(cell.row, cell.heading): cell.text for cell in cells}
        lines = [[title, 'seeds', *headings], ['---'] * (len(headings) + 2)]
        for row in dict.fromkeys(cell.row for cell in cells):
            values = [texts.get((row, heading), '') for heading in headings]
            lines.append([row, str(seeds.get(row, '')), *values])
        blocks.append(_lines(lines))
    return '\n\n'.join(blocks)


def _order_table(orderings: Sequence[Ordering]) -> str:
    """A line for each number, a column for each pair of methods."""
    if not orderings:
        return ''
    texts = {
        (o.number, (o.better, o.worse)): f'{o.held} of {o.seeds}'
        for o in orderings
    }
    pairs = list(dict.fromkeys(pair for _, pair in texts))
    titles = [f'{better} better than {worse}' for better, worse in pairs]
    lines = [['number', *titles], ['---'] * (len(pairs) + 1)]
    for number in dict.fromkeys(number for number, _ in texts):
        values = [texts.get((number, pair), '') for pair in pairs]
        lines.append([number, *values])
    return _lines(lines)


def _lines(lines: Sequence[Sequence[str]]) -> str:
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def _csv(rows: Sequence[Row]) -> str:
    lines = io.StringIO()
    table = csv.writer(lines, lineterminator='\n')
    table.writerow(
        ['method', 'number', 'protocol', 'seeds', 'mean', 'lowest', 'highest']
    )
    for row in rows:
        for (number, protocol), spread in row.numbers.items():
            table.writerow(
                [
                    row.title,
                    number,
                    protocol,
                    len(row.seeds),
                    repr(spread.mean),
                    repr(min(spread.values)),
                    repr(max(spread.values)),
                ]
            )
    return lines.getvalue()


def _json(
    rows: Sequence[Row], details: dict[str, Any], found: Sequence[Ordering]
) -> str:
    methods = [
        dict(
            method=row.title,
            seeds=row.seeds,
            numbers=[
                dict(
                    number=number,
                    protocol=protocol,
                    mean=spread.mean,
                    values=spread.values,
                    column=asdict(row.columns[number, protocol]),
                )
                for (number, protocol), spread in row.numbers.items()
            ],
        )
        for row in rows
    ]
    orderings = [ordering._asdict() for ordering in found]
    content = dict(details, methods=methods, orderings=orderings)
    return json.dumps(content, indent=1, ensure_ascii=False) + '\n'
