"""Results as tables that a person can read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mmengine.evaluator import Evaluator

from .columns import Column
from .metrics.base import MODEL, PoseTransferMetric

__all__ = [
    'Cell',
    'draw_table',
    'format_table',
    'group_cells',
    'table_cells',
]


class Cell(NamedTuple):
    """A number that a metric has a column for, and where it stands.

    Attributes:
        row: What the method is called.
        number: The number's name without those of method and protocol.
        protocol: Of the number; '' for none.
        column: How it is printed.
        value: The number itself.
    """

    row: str
    number: str
    protocol: str
    column: Column
    value: float

    @property
    def heading(self) -> str:
        """What stands above its column."""
        return self.column.text(self.protocol)

    @property
    def text(self) -> str:
        """The number as it is printed."""
        return f'{self.value:.{self.column.digits}f}'


def format_table(
    numbers: Mapping[str, Any],
    evaluator: Evaluator,
    model: str = 'the model',
    by_protocol: bool = False,
) -> str:
    """Write the numbers of an evaluation as tables.

    What stands in which column, metrics say; which rows there are, the
    baselines. Numbers by different protocols never share a column, and each
    is headed by its protocol.

    Args:
        numbers: As the evaluator returned them; those that no metric has a
            column for are listed below.
        evaluator: The evaluator, such as ``runner.test_loop.evaluator``.
        model: What the row of the model is called.
        by_protocol: Whether the numbers of each protocol have a table of
            their own, as a line with those of many is too long.

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
    cells, rest = table_cells(numbers, evaluator, model)
    blocks = [
        draw_table(found[0].column.table, found)
        for found in group_cells(cells, by_protocol)
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


def table_cells(
    numbers: Mapping[str, Any],
    evaluator: Evaluator,
    model: str = 'the model',
) -> tuple[list[Cell], dict[str, Any]]:
    """Take numbers apart into the cells of tables.

    Args:
        numbers: As the evaluator returned them.
        evaluator: The evaluator.
        model: What the row of the model is called.

    Returns:
        The cells in the order of metrics and methods; and the numbers that
        no metric has a column for.
    """
    rest, cells = dict(numbers), []
    rows = {MODEL: model}
    for baseline in getattr(evaluator, 'baselines', ()):
        rows[baseline.name] = baseline.title
    for metric in evaluator.metrics:
        if isinstance(metric, PoseTransferMetric):
            for method, row in rows.items():
                cells += _cells(rest, metric, method, row)
    return cells, rest


def group_cells(
    cells: Iterable[Any], by_protocol: bool = False
) -> list[list[Any]]:
    """The cells of each table.

    Args:
        cells: Of all tables, with a ``column`` and a ``protocol`` each, as
            `Cell`.
        by_protocol: Whether each protocol has tables of its own.

    Returns:
        A list of cells for each table, in the order in which they come up.
    """
    tables: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        key = cell.column.table, cell.protocol if by_protocol else ''
        tables.setdefault(key, []).append(cell)
    return list(tables.values())


def draw_table(title: str, cells: Sequence[Any]) -> str:
    """One table, its rows and columns in the order of its cells.

    Args:
        title: Above the names of the rows.
        cells: With a ``row``, a ``heading`` and a ``text`` each, as `Cell`.

    Returns:
        str: Several lines, without a line break at the end.
    """
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


def _cells(
    numbers: dict[str, Any], metric: PoseTransferMetric, method: str, row: str
) -> list[Cell]:
    """Take the numbers of one metric and one method out."""
    protocol = metric.protocol.name if metric.protocol else ''
    found = []
    for name, column in metric.columns.items():
        path = (metric.prefix, method, metric.number_name(name))
        key = '/'.join(filter(None, path))
        if key in numbers:
            title = f'{metric.prefix}: {row}' if metric.prefix else row
            found.append(Cell(title, name, protocol, column, numbers.pop(key)))
    return found
