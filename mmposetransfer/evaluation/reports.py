"""Results as files: CSV, JSON and LaTeX, each number with its protocol."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.evaluator import Evaluator

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.atomic_write import atomic_write

from .table import Cell, group_cells, table_cells

__all__ = ['REPORT_ENDINGS', 'Report', 'check_report_path', 'write_report']

REPORT_ENDINGS = ('.csv', '.json', '.tex')
_ARROWS = {'higher': r'$\uparrow$', 'lower': r'$\downarrow$', 'one': '(1)'}
_ESCAPES = str.maketrans(
    {
        **{character: f'\\{character}' for character in '&%$#_{}'},
        '\\': r'\textbackslash{}',
        '~': r'\textasciitilde{}',
        '^': r'\textasciicircum{}',
    }
)


class Report(NamedTuple):
    """Numbers, and what they are of.

    Attributes:
        method: What the row of the results is called.
        numbers: Name -> number, as the evaluator returned them.
        evaluator: The evaluator.
        count: How many pairs the numbers are of.
        details: More to be told in JSON, such as what is missing.
    """

    method: str
    numbers: Mapping[str, Any]
    evaluator: Evaluator
    count: int
    details: Mapping[str, Any]


def check_report_path(path: str | Path) -> None:
    """Refuse the name of a file that no report is written to.

    Args:
        path: The file.

    Raises:
        ValueError: For an ending other than .csv, .json and .tex.
    """
    if Path(path).suffix.lower() not in REPORT_ENDINGS:
        raise UserValueError(
            f"'{path}' cannot be written: the ending of a report tells its "
            f'format, which is one of {", ".join(REPORT_ENDINGS)}'
        )


def write_report(path: str | Path, report: Report) -> None:
    r"""Write a report; the ending of its name tells the format.

    CSV has the columns method, number, protocol, pairs and value, one number
    a line with all of its digits. JSON has ``details``, the protocols in
    words, and ``numbers`` by the names that the evaluator gives them. TeX is
    a ``tabular`` for each table and protocol, with rules of booktabs.

    Args:
        path: The file, which appears whole or not at all.
        report: What to write.

    Raises:
        ValueError: For another ending.
        WriteError: If the file cannot be written.
    """
    check_report_path(path)
    write = {'.csv': _csv, '.json': _json, '.tex': _tex}
    text = write[Path(path).suffix.lower()](report)
    with atomic_write(path, 'w') as file:
        file.write(text)


def _csv(report: Report) -> str:
    cells, rest = table_cells(report.numbers, report.evaluator, report.method)
    lines = io.StringIO()
    table = csv.writer(lines, lineterminator='\n')
    table.writerow(['method', 'number', 'protocol', 'pairs', 'value'])
    for cell in cells:
        table.writerow(
            [
                cell.row,
                cell.number,
                cell.protocol,
                report.count,
                repr(cell.value),
            ]
        )
    for name, value in rest.items():
        table.writerow([report.method, name, '', report.count, repr(value)])
    return lines.getvalue()


def _json(report: Report) -> str:
    protocols = {
        metric.protocol.name: metric.protocol
        for metric in report.evaluator.metrics
        if getattr(metric, 'protocol', None)
    }
    content = dict(
        report.details,
        method=report.method,
        pairs=report.count,
        protocols={
            name: dict(source=protocol.source, unknown=protocol.unknown)
            for name, protocol in protocols.items()
        },
        numbers=dict(report.numbers),
    )
    return json.dumps(content, indent=2, ensure_ascii=False) + '\n'


def _tex(report: Report) -> str:
    cells, rest = table_cells(report.numbers, report.evaluator, report.method)
    blocks = [f'% pairs: {report.count}']
    blocks += map(_tabular, group_cells(cells, by_protocol=True))
    # What has no column is told, if only to whoever reads the file.
    blocks += [f'% {name}: {value!r}' for name, value in rest.items()]
    return '\n'.join([r'% \usepackage{booktabs}', *blocks]) + '\n'


def _tabular(cells: list[Cell]) -> str:
    title = cells[0].column.table
    columns = {cell.heading: cell for cell in cells}
    texts = {(cell.row, cell.heading): cell.text for cell in cells}
    rows = [[title.translate(_ESCAPES), *map(_tex_heading, columns.values())]]
    for row in dict.fromkeys(cell.row for cell in cells):
        rows.append(
            [
                row.translate(_ESCAPES),
                *(texts.get((row, heading), '--') for heading in columns),
            ]
        )
    head, *body = (' & '.join(row) + r' \\' for row in rows)
    return '\n'.join(
        [
            rf'\begin{{tabular}}{{l{"r" * len(columns)}}}',
            r'\toprule',
            head,
            r'\midrule',
            *body,
            r'\bottomrule',
            r'\end{tabular}',
        ]
    )


def _tex_heading(cell: Cell) -> str:
    said = ', '.join(filter(None, (cell.column.unit, cell.protocol)))
    heading = (
        f'{cell.column.heading} ({said})' if said else (cell.column.heading)
    )
    return f'{heading.translate(_ESCAPES)} {_ARROWS[cell.column.better]}'
