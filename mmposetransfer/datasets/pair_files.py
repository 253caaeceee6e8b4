"""Lists of pairs of images."""

import json
import os

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.text_files import read_json, read_text

from .identities import identities_of_lines, pairs_of_identities
from .list_lines import pair_columns, read_list_lines
from .pair_lines import split_line

__all__ = ['read_pairs']

_JSON_FORMS = (
    'expected ["reference", "target"], {"from": ..., "to": ...} '
    'or {"source": ..., "target": ...}'
)


def read_pairs(path, split='train', max_pairs=None, seed=0):
    """Read the pairs of a split, or form them of identities.

    What a file holds its content tells:

    - JSON: lists of pairs under the names of the splits, or one list, which
      is one split, in one piece or a pair a line. A pair is a list
      [reference, target], an object with the keys ``from`` and ``to``,
      ``source`` and ``target`` or ``reference`` and ``target``, or a text as
      in the next point.
    - Text, with such columns or without: see ``datasets/list_lines.py``.
    - Or who is in the images, from which all pairs of one person are formed:
      the columns ``name`` and ``identity``, or names of images that tell,
      one a line (see :func:`read_identities`).

    Args:
        path (str | Path): The file, in UTF-8.
        split (str): Name of the split, for JSON that has several.
        max_pairs (int, optional): At most so many of the pairs that were
            formed; see :func:`pairs_of_identities`.
        seed (int): For drawing them.

    Returns:
        list[tuple[str]]: (reference, target).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: For a file, pair or line that cannot be read.
    """
    path = str(path)
    if not os.path.isfile(path):
        raise UserFileNotFoundError(f"There is no file of pairs '{path}'.")
    content = _json_content(path)
    if content is not None:
        return _pairs_of_json(path, content, split)
    found = read_list_lines(path, 'file of pairs')
    if found.kind == 'pairs':
        return found.rows
    return pairs_of_identities(
        identities_of_lines(path, found), max_pairs, seed
    )


def _json_content(path):
    """What a JSON file holds, None of other text."""
    if path.lower().endswith('.json'):
        return read_json(path, 'file of pairs')
    text = read_text(path, 'file of pairs').strip()
    if not text.startswith(('[', '{')):
        return None  # a name may begin so, too
    for parts in ([text], text.split('\n')):
        try:
            content = [json.loads(part) for part in parts if part.strip()]
        except (ValueError, RecursionError):
            continue
        # A single line of an object is a pair, not splits.
        single = isinstance(content[0], dict) and pair_columns(
            list(content[0])
        )
        return content[0] if parts == [text] and not single else content
    return None


def _pairs_of_json(path, content, split):
    where = f"'{path}'"
    if isinstance(content, dict):
        if split not in content:
            raise UserValueError(
                f"{where} has no split '{split}'; it has {sorted(content)}."
            )
        content, where = content[split], f"{where}, split '{split}'"
    if not isinstance(content, list):
        raise UserValueError(
            f"{where}: '{split}' must be a list of pairs, not a "
            f'{type(content).__name__}.'
        )
    return [
        _pair_of_json(pair, f'{where}, pair {index}')
        for index, pair in enumerate(content)
    ]


def _pair_of_json(value, where):
    pair = value
    if isinstance(value, dict):
        columns = pair_columns(list(value))
        pair = columns and [value[column] for column in columns]
    elif isinstance(value, str):
        try:
            pair = split_line(value) if value.strip() else None
        except ValueError as error:
            raise UserValueError(f'{where}: {error}') from None
    if (
        not isinstance(pair, list)
        or len(pair) != 2
        or not all(isinstance(name, str) and name for name in pair)
    ):
        raise UserValueError(
            f'{where}: {_JSON_FORMS}, got {json.dumps(value)[:60]}.'
        )
    return tuple(pair)
