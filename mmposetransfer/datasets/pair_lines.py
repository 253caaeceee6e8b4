"""One line of a list: is it one name of a picture, or two?"""

import csv
import re

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.picture_formats import split_ending

from .name_keys import BLANKS
from .published_names import identity_of

__all__ = ['PAIR_FORMS', 'SEPARATORS', 'split_fields', 'split_line']

#: What errors say of lines that are no pairs.
PAIR_FORMS = (
    'a pair is a line `a.jpg,b.jpg` (or with `;`, a tab, a blank or `/` '
    'between the names, and names that hold one of these in quotes), or a '
    'row under the columns from,to or source,target or reference,target'
)
#: What separates columns; blanks and '/' are in names more often.
SEPARATORS = (',', ';', '\t')
# Also with an arrow, as messages tell of pairs.
_BLANK = r'\s+(?:[-=]>\s+)?'


def split_fields(line, separator):
    """The columns of a line.

    Args:
        line (str): Without its end.
        separator (str): One of ``SEPARATORS``.

    Returns:
        list[str]: Without quotes, and without blanks around them. Quotes
        that do not close belong to a name.
    """
    try:
        fields = next(
            csv.reader(
                [line], delimiter=separator, strict=True, skipinitialspace=True
            )
        )
    except csv.Error:
        fields = line.split(separator)
    return [field.strip(BLANKS) for field in fields]


def split_line(line):
    """Take a line without a header apart.

    - Columns, separated by ``,``, ``;`` or a tab: a pair.
    - Two names with the ending of a picture, or two words without, with
      blanks between them: a pair.
    - The same with ``/``: ``a.jpg/b.jpg`` and ``a/b`` are pairs, and
      ``anna/1.jpg`` is a name; so is a name in a folder that tells who is in
      it, as those of DeepFashion and Market-1501 do.
    - What is in quotes is a name.

    Args:
        line (str): Without its end, not empty.

    Returns:
        list[str]: One name; reference and target; or these behind the number
        of the line.

    Raises:
        ValueError: If it may be one name or two, or has more columns.
    """
    for separator in SEPARATORS:
        fields = split_fields(line, separator)
        if len(fields) > 1:
            return _checked(fields, line)
    if fields[0] != line.strip(BLANKS):
        return fields  # it was in quotes
    for separator in (_BLANK, r'[/\\]'):
        cuts = list(re.finditer(separator, fields[0]))
        pairs = [
            (fields[0][: cut.start()], fields[0][cut.end() :]) for cut in cuts
        ]
        both = [pair for pair in pairs if all(map(_has_ending, pair))]
        if both:
            return _checked(both[0], line) if len(both) == 1 else _refuse(line)
        if separator == _BLANK and pairs:
            if identity_of(fields[0]) is not None:
                return fields
            return _checked(fields[0].split(), line)
    if any(_has_ending(first) for first, _ in pairs):
        _refuse(line)  # a name in a folder 'a.jpg', or two?
    if len(pairs) == 1 and not _has_ending(fields[0]):
        told = [identity_of(name) is not None for name in pairs[0]]
        if told[0] == told[1]:
            return list(pairs[0])
    return fields


def _checked(fields, line):
    """The same, if all of them can be names of pictures."""
    numbered = len(fields) == 3 and fields[0].isdecimal()
    names = fields[1:] if numbered else fields
    if len(names) != 2:
        raise UserValueError(
            f'{line[:80]!r} is no pair, and no name: {PAIR_FORMS}'
        )
    if not all(names):
        raise UserValueError(f'{line[:80]!r} lacks a name: {PAIR_FORMS}')
    if _has_ending(names[0]) != _has_ending(names[1]):
        _refuse(line)
    return list(fields)


def _has_ending(name):
    return bool(split_ending(name)[1])


def _refuse(line):
    raise UserValueError(
        f'{line[:80]!r} may be one name or two, of which one has no ending, '
        f'or a name and who it shows: {PAIR_FORMS}; who is in pictures is '
        'told under the columns name,identity'
    )
