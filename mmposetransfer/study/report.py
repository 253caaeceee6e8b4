"""The results of a study as a table, and as files."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict

from .results import Measure

__all__ = ['measures_as_csv', 'measures_as_json', 'measures_as_table']

_HEAD = (
    'method',
    'measure',
    '%',
    'by people',
    'by judgements',
    'judgements',
    'people',
    'alpha',
)


def measures_as_table(measures: Iterable[Measure]) -> str:
    """Lines for a terminal: shares and their 95% intervals in percent.

    'By people' is the bootstrap over participants, 'by judgements' Wilson's
    interval; see `Measure`.

    Args:
        measures: From `study_results`.
    """
    rows = [_HEAD, *(_cells(measure) for measure in measures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        ' | '.join(
            f'{cell:<{width}}' if i < 2 else f'{cell:>{width}}'
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    rule = '-+-'.join('-' * width for width in widths)
    return '\n'.join([lines[0], rule, *lines[1:]])


def measures_as_csv(measures: Iterable[Measure]) -> str:
    """A line a measure, below a line of names; shares are in [0, 1].

    Args:
        measures: From `study_results`.
    """
    rows = [_record(measure) for measure in measures]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def measures_as_json(measures: Iterable[Measure], **about: int) -> str:
    """A list of measures, and what is said of all of them.

    Args:
        measures: From `study_results`.
        **about: Such as how many people took part.
    """
    content = about | dict(measures=[_record(m) for m in measures])
    return json.dumps(content, indent=2) + '\n'


def _cells(measure: Measure) -> tuple[str, ...]:
    against = measure.against and f' than {measure.against}'
    return (
        measure.method,
        measure.name + against,
        f'{100 * measure.share:.2f}',
        _interval(measure.bootstrap),
        _interval(measure.wilson),
        str(measure.judgements),
        str(measure.participants),
        '-' if measure.alpha is None else f'{measure.alpha:.3f}',
    )


def _interval(interval: tuple[float, float] | None) -> str:
    if interval is None:
        return '-'
    low, high = interval
    return f'{100 * low:.2f} to {100 * high:.2f}'


def _record(measure: Measure) -> dict:
    record = asdict(measure)
    for name in ('wilson', 'bootstrap'):
        low, high = record.pop(name) or (None, None)
        record |= {f'{name}_low': low, f'{name}_high': high}
    return dict(record, share=measure.share)
