"""Results as tables that a person can read."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mmengine.evaluator import Evaluator

from .metrics.base import MODEL, PoseTransferMetric

__all__ = ['format_table']


class _Cell(NamedTuple):
    """Where a number stands: its row, its column, and how it is written."""

    row: str
    heading: str
    text: str


def format_table(numbers: Mapping[str, Any], evaluator: Evaluator) -> str:
    """Write the numbers of an evaluation as tables.

    What stands in which column, metrics say; which rows there are, the
    baselines. Numbers by different protocols never share a column, and each
    is headed by its protocol.

    Args:
        numbers: As the evaluator returned them; those that no metric has a
            column for are listed below.
        evaluator: The evaluator, such as ``runner.test_loop.evaluator``.

    Returns:
        str: Several lines, without a line break at the end.

    Examples:
        >>> from mmposetransfer.evaluation import PoseTransferEvaluator
        >>> evaluator = PoseTransferEvaluator(
        ...     dict(type='mmposetransfer.ImageQuality')
        ... )
        >>> numbers = {'SSIM_dsc': 0.9, 'copy_reference/SSIM_dsc': 0.8}
        >>> print(format_table(numbers, evaluator))
        images             | SSIM (dsc) ↑
        -------------------+-------------
        the model          |       0.9000
        copy the reference |       0.8000
    """
    rest = dict(numbers)
    blocks = [
        _draw(title, cells)
        for title, cells in _tables(rest, evaluator).items()
    ]
    if rest:
        blocks.append(
            '\n'.join(
                f'{name}: {value:.6g}'
                if isinstance(value, float)
                else f'{name}: {value}'
                for name, value in rest.items()
            )
        )
    return '\n\n'.join(blocks)


def _tables(
    numbers: dict[str, Any], evaluator: Evaluator
) -> dict[str, list[_Cell]]:
    """Take what has a column out of the numbers: table -> its cells."""
    rows = {MODEL: 'the model'}
    for baseline in getattr(evaluator, 'baselines', ()):
        rows[baseline.name] = baseline.title
    tables: dict[str, list[_Cell]] = {}
    for metric in evaluator.metrics:
        if isinstance(metric, PoseTransferMetric):
            for method, row in rows.items():
                for table, cell in _cells(numbers, metric, method, row):
                    tables.setdefault(table, []).append(cell)
    return tables


def _cells(
    numbers: dict[str, Any], metric: PoseTransferMetric, method: str, row: str
) -> list[tuple[str, _Cell]]:
    """The numbers of one metric and one method, with their tables."""
    protocol = metric.protocol.name if metric.protocol else ''
    found = []
    for name, column in metric.columns.items():
        path = (metric.prefix, method, metric.number_name(name))
        key = '/'.join(filter(None, path))
        if key in numbers:
            cell = _Cell(
                f'{metric.prefix}: {row}' if metric.prefix else row,
                column.text(protocol),
                f'{numbers.pop(key):.{column.digits}f}',
            )
            found.append((column.table, cell))
    return found


def _draw(title: str, cells: list[_Cell]) -> str:
    """One table, its rows and columns in the order of its cells."""
    texts = {(cell.row, cell.heading): cell.text for cell in cells}
    headings = list(dict.fromkeys(cell.heading for cell in cells))
    rows = [[title, *headings]]
    for row in dict.fromkeys(cell.row for cell in cells):
        rows.append([row, *(texts.get((row, h), '-') for h in headings)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *values in rows:
        aligned = [
            value.rjust(width)
            for value, width in zip(values, widths[1:], strict=True)
        ]
        lines.append(' | '.join([name.ljust(widths[0]), *aligned]))
    lines.insert(1, '-+-'.join('-' * width for width in widths))
    return '\n'.join(lines)
