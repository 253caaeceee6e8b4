"""The CSV of PATN, GFLA and their line: name:keypoints_y:keypoints_x."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.atomic_write import atomic_write
from mmposetransfer.io.text_files import read_text

from ..name_keys import BLANKS
from .arrays import to_openpose18
from .people import DetectedPerson, KeypointFile

__all__ = ['CSV_HEADER', 'read_csv', 'write_keypoint_csv']

#: First line of a file of keypoints.
CSV_HEADER = 'name:keypoints_y:keypoints_x'
COLUMNS = CSV_HEADER.split(':')
# Tenths of a pixel: finer than any detector, and short.
DECIMALS = 1
# A name, which may hold any of these signs, and two lists at the end, quoted
# or not. pandas separates by commas unless it is told otherwise. A separator
# may not be a blank, too: long runs of it would take forever.
LINE = re.compile(
    r'(?P<name>.*?)[:,;\t][ "]*(?P<first>\[[^\[\]]*\])'
    r'[ "]*[:,;\t][ "]*(?P<second>\[[^\[\]]*\])[\s"]*'
)
# What NumPy 2 prints of its numbers in a list.
NUMPY_NUMBER = re.compile(
    r'\b(?:np|numpy)\.(?:u?int|float|u?long|double)\w*\(([^()]*)\)'
)
NUMBER = re.compile(
    r'[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|nan|inf|infinity)',
    re.IGNORECASE,
)


def read_csv(path: str | Path) -> KeypointFile:
    """Read the CSV of PATN, GFLA and their line.

    Each line is ``name:[y, ...]:[x, ...]`` with the 18 joints of OpenPose,
    -1 where one is missing. The line ``name:keypoints_y:keypoints_x`` may
    stand above them. Fields may be quoted and numbers such as NumPy 2 prints
    them; nothing is evaluated.

    Args:
        path: The file.

    Returns:
        One person a picture; one without joints where all of them are -1:
        nobody was found.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a line is malformed; the message names it.
    """
    people, x_first = {}, False
    # str.splitlines would split names, too.
    lines = re.split(r'\r\n|\n|\r', read_text(path, 'keypoint file'))
    for number, line in enumerate(lines, start=1):
        where = f"'{path}', line {number}"
        if not line.strip():
            continue
        if _is_header(line):
            x_first = _x_comes_first(line, where)
            continue
        name, points = _read_line(line, where, x_first)
        if name in people:
            raise UserValueError(f'{where}: {name!r} is there a second time')
        people[name] = [DetectedPerson(points)]
    if not people and not any(map(_is_header, lines)):
        raise UserValueError(
            f"'{path}', line 1: expected the header '{CSV_HEADER}', or "
            'name:[y, ...]:[x, ...]; the file is empty'
        )
    return KeypointFile(people)


def _is_header(line):
    return COLUMNS[1] in line and set(COLUMNS[1:]) <= set(_fields(line))


def _fields(line):
    return [part.strip(' "\t') for part in re.split('[:,;\t]', line)]


def _x_comes_first(header, where):
    columns = _fields(header)
    if sorted(columns) != sorted(COLUMNS) or columns[0] != COLUMNS[0]:
        raise UserValueError(
            f'{where}: expected the columns {CSV_HEADER}, got '
            f'{header[:60]!r}; pandas leaves its index out by index=False'
        )
    return columns[1] == COLUMNS[2]


def _read_line(line, where, x_first):
    match = LINE.fullmatch(line)
    if match is None:
        raise UserValueError(
            f'{where}: expected name:[y, ...]:[x, ...], got {line[:60]!r}'
        )
    name = _unquoted(match['name'].strip(BLANKS))
    axes = [
        _numbers(match[group], axis, f'{where} ({name})')
        for group, axis in zip(
            ('first', 'second'), 'xy' if x_first else 'yx', strict=True
        )
    ]
    points = np.stack(axes if x_first else axes[::-1], axis=1)
    return name, to_openpose18(points, f'{where} ({name})')


def _numbers(text, axis, where):
    try:
        values = json.loads(text)
    except ValueError:
        values = _printed_numbers(text)
    if values is None or not all(type(v) in (int, float) for v in values):
        raise UserValueError(
            f'{where}: keypoints_{axis} is no list of numbers: {text[:60]!r}'
        )
    if len(values) != 18:
        raise UserValueError(
            f'{where}: expected 18 values of keypoints_{axis}, got '
            f'{len(values)}'
        )
    return values


def _printed_numbers(text):
    """A list as NumPy prints it; None if it is something else."""
    text = NUMPY_NUMBER.sub(r'\1', text)[1:-1]
    parts = re.split(r'\s*,\s*' if ',' in text else r'\s+', text.strip())
    if not all(map(NUMBER.fullmatch, parts)):
        return None
    return [float(part) for part in parts]


def _unquoted(name):
    """The name in quotes, if it is quoted as a field of a CSV."""
    inner = name[1:-1]
    if (
        len(name) > 1
        and name[0] == name[-1] == '"'
        and ('"' not in inner.replace('""', ''))
    ):
        return inner.replace('""', '"')
    return name


def _quoted(name):
    """The name, in quotes where it would be read as another one."""
    if name.strip() == name and _unquoted(name) == name:
        return name
    return '"' + name.replace('"', '""') + '"'


def write_keypoint_csv(
    path: str | Path, keypoints: Mapping[str, np.ndarray]
) -> None:
    """Write the CSV of PATN, GFLA and their line.

    Lines are ``name:[y, ...]:[x, ...]``, -1 where a joint is missing, in the
    order of the dict. Coordinates are rounded to a tenth of a pixel.

    Args:
        path: The file; it appears whole or not at all.
        keypoints: Image name -> (18, 3) x, y, score.

    Raises:
        ValueError: If a name has a line break in it.
        WriteError: If the file cannot be written.
    """
    lines = [CSV_HEADER]
    for name, points in keypoints.items():
        if '\n' in name or '\r' in name:
            raise UserValueError(
                f'{name!r} has a line break, no CSV can hold it'
            )
        points = np.asarray(points, np.float64)
        there = points[:, 2] > 0
        axes = [
            [
                _number(value) if seen else -1
                for value, seen in zip(column, there, strict=True)
            ]
            for column in points[:, :2].T
        ]
        lines.append(
            f'{_quoted(name)}:{json.dumps(axes[1])}:{json.dumps(axes[0])}'
        )
    with atomic_write(path, 'w') as file:
        file.write('\n'.join(lines) + '\n')


def _number(value):
    value = round(float(value), DECIMALS)
    if value == -1:  # would be read as missing
        return -0.9
    return int(value) if value == int(value) else value
