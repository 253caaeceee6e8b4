"""Pairs of images from who is in them."""

import csv
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from random import Random

from mmposetransfer.utils.text_files import read_text

from .image_names import identity_of

__all__ = ['pairs_of_identities', 'read_identities', 'read_image_list']

_COLUMNS = ('name', 'identity')


def read_image_list(path):
    """Read a list of images, as ``train.lst``: one name a line.

    Args:
        path (str | Path): The file; empty lines are left out.

    Returns:
        list[str]: Names.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a name is there twice, or the file is no text.
    """
    names = {}
    for number, line in enumerate(_lines(path), start=1):
        name = line.strip()
        if not name:
            continue
        if name in names:
            raise ValueError(f"'{path}', line {number}: '{name}' is there a "
                             f'second time, after line {names[name]}.')
        names[name] = number
    return list(names)


def read_identities(path):
    """Read who is in the images.

    Args:
        path (str | Path): A ``.csv`` with the columns ``name`` and
            ``identity``; or a list of images whose names tell, those of
            DeepFashion and Market-1501.

    Returns:
        dict[str, str]: Image name -> identity.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: For a line that cannot be read, or a name that does not
            tell the identity.
    """
    if Path(path).suffix.lower() != '.csv':
        return {name: _told(name, path) for name in read_image_list(path)}
    rows, identities = csv.DictReader(_lines(path)), {}
    try:
        if not set(_COLUMNS) <= set(rows.fieldnames or ()):
            raise ValueError(
                f"'{path}' needs the columns 'name' and 'identity' in its "
                f'first line, it has {rows.fieldnames}.')
        for row in rows:
            _add_identity(row, identities, f"'{path}', line {rows.line_num}")
    except csv.Error as error:
        raise ValueError(
            f"'{path}', line {rows.line_num + 1}: {error}.") from error
    return identities


def _add_identity(row, identities, where):
    name, identity = (row[key] for key in _COLUMNS)
    if not name or not identity:
        raise ValueError(f"{where}: both 'name' and 'identity' have to be "
                         'there.')
    if name in identities:
        raise ValueError(f"{where}: '{name}' is there a second time.")
    identities[name] = identity


def _told(name, path):
    identity = identity_of(name)
    if identity is None:
        raise ValueError(
            f"'{path}': the name '{name}' does not tell who is in it, as "
            'those of DeepFashion and Market-1501 do. Give a .csv with the '
            "columns 'name' and 'identity'.")
    return identity


def _lines(path):
    return read_text(path, 'list of images').splitlines()


def pairs_of_identities(identities, max_pairs=None, seed=0):
    """Form all ordered pairs of two images of one person, or some of them.

    Args:
        identities (dict[str, str]): Image name -> identity.
        max_pairs (int, optional): At most so many are drawn of all pairs,
            each with the same chance, without replacement.
        seed (int): The same seed gives the same pairs.

    Returns:
        list[tuple[str, str]]: (reference, target), in the order of the
        images.

    Raises:
        ValueError: If ``max_pairs`` is no positive number.
    """
    if max_pairs is not None and max_pairs < 1:
        raise ValueError(f'max_pairs must be at least 1, got {max_pairs}.')
    groups = {}
    for name, identity in identities.items():
        groups.setdefault(identity, []).append(name)
    groups = list(groups.values())
    ends = list(accumulate(len(g) * (len(g) - 1) for g in groups))
    numbers = range(ends[-1] if ends else 0)
    if max_pairs is not None and max_pairs < len(numbers):
        numbers = sorted(Random(seed).sample(numbers, max_pairs))
    return [_pair(number, groups, ends) for number in numbers]


def _pair(number, groups, ends):
    """The pair of a number, without making all of them."""
    group = bisect_right(ends, number)
    names = groups[group]
    number -= ends[group - 1] if group else 0
    reference, target = divmod(number, len(names) - 1)
    return names[reference], names[target + (target >= reference)]
