"""Lists of pairs of images."""

import csv
import json
import os
from io import StringIO

from mmposetransfer.utils.text_files import read_json, read_text

from .identities import pairs_of_identities, read_identities

__all__ = ['read_pairs']


def read_pairs(path, split='train', max_pairs=None, seed=0):
    """Read the pairs of a split, or form them of identities.

    Args:
        path (str | Path): ``.json`` with lists of [reference, target] under
            the names of the splits, or ``.csv`` with the columns ``from``
            and ``to``, which is one split. Or who is in the images, from
            which all pairs of one person are formed: ``.csv`` with the
            columns ``name`` and ``identity``, or ``.lst`` with names of
            images that tell (see :func:`read_identities`).
        split (str): Name of the split, for ``.json``.
        max_pairs (int, optional): At most so many of the pairs that were
            formed; see :func:`pairs_of_identities`.
        seed (int): For drawing them.

    Returns:
        list[tuple[str]]: (reference id, target id).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: For a file, pair or line that cannot be read.
    """
    path = str(path)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"There is no file of pairs '{path}'.")
    if path.endswith('.csv'):
        lines = read_text(path, 'file of pairs').splitlines()
        if 'identity' not in ''.join(lines[:1]).split(','):
            return _read_pairs_csv(path)
    if path.endswith(('.csv', '.lst', '.txt')):
        return pairs_of_identities(read_identities(path), max_pairs, seed)
    splits = read_json(path, 'file of pairs')
    if not isinstance(splits, dict):
        raise ValueError(
            f"'{path}' must hold an object of splits, such as "
            f'{{"{split}": [["a", "b"], ...]}}, not {_kind(splits)}.')
    if split not in splits:
        raise ValueError(f"'{path}' has no split '{split}'; it has "
                         f'{sorted(splits)}.')
    pairs = splits[split]
    if not isinstance(pairs, list):
        raise ValueError(f"'{path}': the split '{split}' must be a list of "
                         f'pairs, not {_kind(pairs)}.')
    for index, pair in enumerate(pairs):
        if not _is_pair(pair):
            raise ValueError(
                f"'{path}', split '{split}', pair {index}: expected "
                f'["reference", "target"], got {json.dumps(pair)[:60]}.')
    return [tuple(pair) for pair in pairs]


def _is_pair(value):
    return (isinstance(value, list) and len(value) == 2
            and all(isinstance(name, str) and name for name in value))


def _kind(value):
    return f'a {type(value).__name__}'


def _read_pairs_csv(path):
    rows = csv.DictReader(StringIO(read_text(path, 'file of pairs')))
    pairs = []
    try:
        if not {'from', 'to'} <= set(rows.fieldnames or ()):
            raise ValueError(f"'{path}' needs the columns 'from' and 'to' in "
                             f'its first line, it has {rows.fieldnames}.')
        for row in rows:
            if not row['from'] or not row['to']:
                raise ValueError(f"'{path}', line {rows.line_num}: a pair "
                                 "needs both 'from' and 'to'.")
            pairs.append((row['from'], row['to']))
    except csv.Error as error:
        raise ValueError(
            f"'{path}', line {rows.line_num + 1}: {error}.") from error
    return pairs
