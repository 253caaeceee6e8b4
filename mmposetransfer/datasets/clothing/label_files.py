"""Readers of DeepFashion's files of labels.

All have one form: a line with the number of rows, a line with the names of
the columns, and the rows, whose columns are separated by any number of
blanks. Names of attributes may hold blanks themselves.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mmposetransfer.errors import UserFileNotFoundError, UserValueError

__all__ = ['LabelNames', 'read_label_names', 'read_label_rows', 'read_labels']


class LabelNames(NamedTuple):
    """The labels that a data set knows.

    Attributes:
        names: In the order of the labels.
        types: Number of the type of each, as the file has it; empty where
            the file names none.
    """

    names: tuple[str, ...]
    types: tuple[int, ...]


def _rows(path: str | Path) -> Iterator[tuple[int, str]]:
    """Number and text of the rows, whose number is checked."""
    if not Path(path).is_file():
        raise UserFileNotFoundError(
            f"there is no file of labels '{path}': it is in DeepFashion's "
            'folder Anno (or Eval), which its authors hand out'
        )
    with open(path, encoding='utf-8-sig') as file:
        first = file.readline().strip()
        if not first.isdecimal():
            raise UserValueError(
                f"'{path}', line 1: expected the number of rows, as "
                f"DeepFashion's files of labels have it, got {first[:60]!r}"
            )
        file.readline()  # names of the columns
        count = 0
        for number, line in enumerate(file, 3):
            if line.strip():
                count += 1
                yield number, line.strip()
    if count != int(first):
        raise UserValueError(
            f"'{path}' has {count} rows, and its first line says {first}: it "
            'is not whole'
        )


def read_label_names(path: str | Path, typed: bool = True) -> LabelNames:
    """Read ``list_attr_cloth.txt`` or ``list_category_cloth.txt``.

    Args:
        path: Of the file.
        typed: Whether a number of a type stands behind each name, as in the
            Category and Attribute Prediction benchmark.

    Returns:
        Names and types.

    Raises:
        FileNotFoundError: If it is not there.
        ValueError: If it is damaged, or a name comes up twice.
    """
    names, types = [], []
    for number, line in _rows(path):
        name = line
        if typed:
            name, _, kind = line.rpartition(' ')
            if not (name and kind.isdecimal()):
                raise UserValueError(
                    f"'{path}', line {number}: expected a name and the "
                    f'number of its type, got {line[:60]!r}'
                )
            types.append(int(kind))
        names.append(name.strip())
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UserValueError(f"'{path}' names {twice[:4]} more than once")
    return LabelNames(tuple(names), tuple(types))


def read_label_rows(
    path: str | Path, columns: int
) -> dict[str, tuple[str, ...]]:
    """Read a file of few columns, such as ``list_bbox.txt``.

    Args:
        path: Of the file.
        columns: How many follow the name.

    Returns:
        dict[str, tuple[str, ...]]: By the name, its columns as text.

    Raises:
        FileNotFoundError: If it is not there.
        ValueError: If it is damaged.
    """
    found = {}
    for number, line in _rows(path):
        name, *fields = line.split()
        if len(fields) != columns:
            raise UserValueError(
                f"'{path}', line {number}: expected {columns} columns behind "
                f'the name, got {line[:80]!r}'
            )
        found[name] = tuple(fields)
    return found


def read_labels(
    path: str | Path, count: int, wanted: set[str] | None = None
) -> dict[str, np.ndarray]:
    """Read ``list_attr_img.txt`` or ``list_attr_items.txt``.

    The file says 1 for what there is, -1 for what there is not, and 0 for
    what nobody knows.

    Args:
        path: Of the file.
        count: How many attributes there are.
        wanted: Names to be read; None: all.

    Returns:
        dict[str, np.ndarray]: By the name (A,) int8, 1 where the picture has
        it, 0 where not, -1 unknown.

    Raises:
        FileNotFoundError: If it is not there.
        ValueError: If it is damaged.
    """
    meaning = np.array([-1, 1, 0], np.int8)  # of 0, 1 and -1
    found = {}
    for number, line in _rows(path):
        name, *rest = line.split(None, 1)
        if wanted is not None and name not in wanted:
            continue
        fields = rest[0].split() if rest else []
        if len(fields) != count or not {*fields} <= {'-1', '0', '1'}:
            raise UserValueError(
                f"'{path}', line {number}: expected {count} times -1, 0 or 1 "
                f'behind the name, got {len(fields)}: {line[:80]!r}'
            )
        found[name] = meaning[np.array(fields, np.int8)]
    return found
