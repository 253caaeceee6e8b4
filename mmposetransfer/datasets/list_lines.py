"""Lists of pictures as text: pairs, who is in them, or names alone.

A first line that names columns says what a file holds; without one every line
tells by itself whether it is one name or two (``pair_lines.py``), and all have
to be alike. What cannot be told apart is refused: never is a whole line taken
for a name.
"""

import re
from typing import NamedTuple

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.picture_formats import split_ending
from mmposetransfer.io.text_files import read_text

from .pair_lines import PAIR_FORMS, SEPARATORS, split_fields, split_line
from .published_names import identity_of

__all__ = ['ListLines', 'pair_columns', 'read_list_lines']

_FIRST = ('from', 'source', 'src', 'reference', 'ref')
_SECOND = ('to', 'target', 'tgt', 'dst')
_NAME = ('name', 'image', 'file', 'filename', 'picture')
_WHO = ('identity', 'person', 'pid')
_COLUMNS = {*_FIRST, *_SECOND, *_NAME, *_WHO}
# 'source_image' and 'ref_id' are columns, too.
_MORE = re.compile(r'[ _-](file|filename|id|image|img|name|path)$')
_KINDS = {1: 'one name', 2: 'a pair'}


class ListLines(NamedTuple):
    """What a list holds.

    Attributes:
        kind: 'pairs', 'identities' or 'names'.
        rows: list[tuple[str, ...]]: Reference and target, name and identity,
            or a name alone.
        lines: list[int]: The line of each row, from 1.
    """

    kind: str
    rows: list
    lines: list


def read_list_lines(path, what='list of pictures'):
    """Read a list of any kind, with or without a header.

    Args:
        path (str | Path): A text file in UTF-8.
        what (str): What error messages call it.

    Returns:
        ListLines: Its rows; empty lines are left out.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: For a line that cannot be told apart; names it.
    """
    # Not `splitlines`: names may hold what it takes for the end of a line.
    text = read_text(path, what).replace('\r\n', '\n').replace('\r', '\n')
    lines = [
        (number, line)
        for number, line in enumerate(text.split('\n'), start=1)
        if line.strip()
    ]
    for separator in SEPARATORS if lines else ():
        header = split_fields(lines[0][1], separator)
        if len(header) > 1 and _COLUMNS & {*map(_column, header)}:
            return _with_header(path, lines, separator, header)
    return _without_header(path, lines)


def pair_columns(columns):
    """Which of several columns or keys are reference and target.

    Args:
        columns (Sequence[str]): Their names.

    Returns:
        tuple[str, str] | None: None if they are not there, or ambiguous.
    """
    return _find_columns(columns, _FIRST, _SECOND)


def _find_columns(columns, *wanted):
    found = []
    for words in wanted:
        exact = [c for c in columns if c.lower() in words]
        found.append(exact or [c for c in columns if _column(c) in words])
    unique = all(len(columns) == 1 for columns in found)
    return tuple(columns[0] for columns in found) if unique else None


def _column(field):
    return _MORE.sub('', field.lower())


def _with_header(path, lines, separator, header):
    kind, columns = 'pairs', pair_columns(header)
    if columns is None:
        kind, columns = 'identities', _find_columns(header, _NAME, _WHO)
    if columns is None:
        raise UserValueError(
            f"'{path}' needs the columns 'from' and 'to' (or 'source' or "
            "'reference', and 'target'), or 'name' and 'identity', once each "
            f'in its first line, it has {header}.'
        )
    places, rows = [header.index(column) for column in columns], []
    for number, line in lines[1:]:
        fields, where = split_fields(line, separator), f'line {number}'
        if len(fields) != len(header):
            raise UserValueError(
                f"'{path}', {where}: it has {len(fields)} columns, the first "
                f'line has {len(header)}; names that hold {separator!r} have '
                f'to be put in quotes: {line[:80]}'
            )
        rows.append(tuple(fields[place] for place in places))
        if not all(rows[-1]):
            raise UserValueError(
                f"'{path}', {where}: both '{columns[0]}' and "
                f"'{columns[1]}' have to be there."
            )
    return ListLines(kind, rows, [number for number, _ in lines[1:]])


def _without_header(path, lines):
    rows, forms = [], []
    for place, (number, line) in enumerate(lines):
        try:
            fields = split_line(line)
        except ValueError as error:
            raise UserValueError(f"'{path}', line {number}: {error}") from None
        row = tuple(fields[-2:])
        rows.append(row)
        # Lines that are numbered count on from the first one.
        forms.append(
            (len(row), int(fields[0]) - place if len(fields) == 3 else None)
        )
        if forms[-1] != forms[0]:
            raise UserValueError(
                f"'{path}', line {number}: {line[:80]!r} is "
                f'{_KINDS[len(row)]} and not as the lines before, the first '
                f'of which is {_KINDS[len(rows[0])]}: {PAIR_FORMS}'
            )
    _check_first(path, rows)
    kind = 'pairs' if rows and len(rows[0]) == 2 else 'names'
    return ListLines(kind, rows, [number for number, _ in lines])


def _check_first(path, rows):
    """A header that is not known is no pair, and no name."""
    endings = [[bool(split_ending(name)[1]) for name in row] for row in rows]
    if (
        len(rows) > 1
        and not any(endings[0])
        and all(map(all, endings[1:]))
        and None in map(identity_of, rows[0])
    ):
        raise UserValueError(
            f"'{path}', line 1: {', '.join(rows[0])} can be no picture, as "
            'all others have an ending, and is no known name of a column: '
            f'{PAIR_FORMS}'
        )
