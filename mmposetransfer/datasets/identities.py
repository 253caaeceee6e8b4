"""Pairs of images from who is in them."""

from bisect import bisect_right
from itertools import accumulate
from random import Random

from mmposetransfer.errors import UserValueError

from .list_lines import read_list_lines
from .pair_lines import PAIR_FORMS
from .published_names import identity_of

__all__ = [
    'identities_of_lines',
    'pairs_of_identities',
    'read_identities',
    'read_image_list',
]


def read_image_list(path):
    """Read a list of images, as ``train.lst``: one name a line.

    Args:
        path (str | Path): The file; empty lines are left out.

    Returns:
        list[str]: Names.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a name is there twice, a line holds two names, or the
            file is no text.
    """
    found = read_list_lines(path)
    _refuse_pairs(path, found)
    return list(_by_name(path, found))


def read_identities(path):
    """Read who is in the images.

    Args:
        path (str | Path): A table with the columns ``name`` and
            ``identity``; or a list of images whose names tell, those of
            DeepFashion and Market-1501.

    Returns:
        dict[str, str]: Image name -> identity.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: For a line that cannot be read, or a name that does not
            tell the identity.
    """
    return identities_of_lines(path, read_list_lines(path))


def identities_of_lines(path, found):
    """Who is in the images of a list that was read.

    Args:
        path (str | Path): The file, for errors.
        found (ListLines): What it holds.

    Returns:
        dict[str, str]: As of :func:`read_identities`.

    Raises:
        ValueError: As of :func:`read_identities`.
    """
    _refuse_pairs(path, found)
    rows = _by_name(path, found)
    if found.kind == 'identities':
        return {name: row[1] for name, row in rows.items()}
    return {name: _told(name, path) for name in rows}


def _refuse_pairs(path, found):
    if found.kind == 'pairs':
        raise UserValueError(
            f"'{path}' holds pairs, such as {', '.join(found.rows[0])}; "
            "expected names alone, or the columns 'name' and 'identity'."
            if found.rows
            else f"'{path}' is an empty list of pairs."
        )


def _by_name(path, found):
    """Rows by their first field, which may be there once."""
    rows, places = {}, {}
    for row, line in zip(found.rows, found.lines, strict=True):
        name = row[0]
        if name in rows:
            raise UserValueError(
                f"'{path}', line {line}: '{name}' is there a "
                f'second time, after line {places[name]}.'
            )
        rows[name], places[name] = row, line
    return rows


def _told(name, path):
    identity = identity_of(name)
    if identity is None:
        raise UserValueError(
            f"'{path}': the name '{name}' does not tell who is in it, as "
            'those of DeepFashion and Market-1501 do. Give a table with the '
            f"columns 'name' and 'identity'; or, of pairs: {PAIR_FORMS}."
        )
    return identity


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
        raise UserValueError(f'max_pairs must be at least 1, got {max_pairs}.')
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
