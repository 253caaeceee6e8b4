"""Metrics as a table that a person can read."""

from mmposetransfer.errors import UserValueError

__all__ = ['add_table_column', 'format_table']

# Short name of a row, in the names of metrics -> what the table calls it.
METHODS = {
    '': 'the model',
    'copy_reference': 'copy the reference',
    'true_flow_warp': 'warp with the true flow',
    'zero_flow': 'zero flow',
}
# Metric -> heading and number of digits; the arrow points to the better.
IMAGE_COLUMNS = {
    'PSNR': ('PSNR (dB) ↑', 2),
    'L1': ('L1 ↓', 4),
}
FLOW_COLUMNS = {
    'EPE': ('EPE (px) ↓', 3),
    'vis_accuracy': ('visibility accuracy ↑', 4),
    'vis_mIoU': ('visibility mIoU ↑', 4),
}
# Table -> its columns, from left to right.
TABLES = {'images': IMAGE_COLUMNS, 'flow': FLOW_COLUMNS}


def add_table_column(table, metric, heading, digits):
    """Give a metric of your own a column; call it where the metric is made.

    The same metric of a baseline, such as 'zero_flow/EPE' beside 'EPE', gets
    into the baseline's row.

    Args:
        table (str): 'images' or 'flow'.
        metric (str): The metric's name in the evaluator's dictionary.
        heading (str): With its unit, and an arrow to the better.
        digits (int): Digits behind the point.

    Raises:
        ValueError: For another table.
    """
    if table not in TABLES:
        raise UserValueError(
            f'table must be one of {sorted(TABLES)}, got {table!r}'
        )
    TABLES[table][metric] = (heading, digits)


def format_table(metrics):
    """Write the metrics of `ImageQuality` and `FlowQuality` as tables.

    SSIM of different protocols never shares a column, and each is headed by
    its protocol.

    Args:
        metrics (dict[str, float | str]): As an evaluator returns them; names
            that no table has a column for are listed below.

    Returns:
        str: Several lines, without a line break at the end.

    Examples:
        >>> print(format_table({'SSIM': 0.9, 'copy_reference/SSIM': 0.8,
        ...                     'SSIM_protocol': 'dsc'}))
        images             | SSIM (dsc) ↑
        -------------------+-------------
        the model          |       0.9000
        copy the reference |       0.8000
    """
    rest, ssim_columns = _split_ssim(metrics)
    tables = {**TABLES, 'images': {**ssim_columns, **IMAGE_COLUMNS}}
    blocks = []
    for title, columns in tables.items():
        cells = _collect(rest, columns)
        if cells:
            blocks.append(_draw(title, columns, cells))
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


def _split_ssim(metrics):
    """Name each SSIM by its protocol, so that it gets a column of its own."""
    protocols = {
        name.removesuffix('SSIM_protocol'): value
        for name, value in metrics.items()
        if name.rpartition('/')[2] == 'SSIM_protocol'
    }
    renamed, columns = {}, {}
    for name, value in metrics.items():
        path, _, metric = name.rpartition('/')
        if metric == 'SSIM':
            protocol = protocols.get(_prefix(path), 'unknown protocol')
            metric = f'SSIM ({protocol})'
            columns[metric] = (f'{metric} ↑', 4)
            renamed[f'{path}/{metric}' if path else metric] = value
        elif metric != 'SSIM_protocol':
            renamed[name] = value
    return renamed, columns


def _prefix(method):
    """'test/copy_reference' -> 'test/', 'copy_reference' -> ''."""
    parts = (part for part in method.split('/') if part not in METHODS)
    return ''.join(f'{part}/' for part in parts)


def _collect(metrics, columns):
    """Take ``{method: {metric: value}}`` out of the flat dictionary."""
    cells = {}
    for name in list(metrics):
        method, _, metric = name.rpartition('/')
        if metric in columns:
            cells.setdefault(method, {})[metric] = metrics.pop(name)
    return cells


def _method_name(method):
    """'test/copy_reference' -> 'test: copy the reference'."""
    if method in METHODS:
        return METHODS[method]
    prefix, _, last = method.rpartition('/')
    if last in METHODS:
        return f'{prefix}: {METHODS[last]}'
    return f'{method}: {METHODS[""]}'


def _draw(title, columns, cells):
    used = [name for name in columns if any(name in c for c in cells.values())]
    rows = [[title] + [columns[name][0] for name in used]]
    for method, values in cells.items():
        rows.append(
            [_method_name(method)]
            + [
                f'{values[name]:.{columns[name][1]}f}'
                if name in values
                else '-'
                for name in used
            ]
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for name, *values in rows:
        aligned = [
            value.rjust(w) for value, w in zip(values, widths[1:], strict=True)
        ]
        lines.append(' | '.join([name.ljust(widths[0]), *aligned]))
    lines.insert(1, '-+-'.join('-' * width for width in widths))
    return '\n'.join(lines)
