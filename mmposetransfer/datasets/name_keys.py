"""Names of pictures in the form in which they are compared (``names.py``)."""

import os
import re
import unicodedata
from functools import lru_cache

from mmposetransfer.io.folders import Picture
from mmposetransfer.io.picture_formats import split_ending

from .published_names import parse_deepfashion_name

__all__ = [
    'BLANKS',
    'ending_of',
    'folder_key',
    'name_keys',
    'name_text',
    'picture_id',
]

#: What may stand around a name in a list without being a part of it. Other
#: white space, such as a form feed, a file system takes for a letter.
BLANKS = ' \t\r'
_SEPARATORS = re.compile(r'[/\\]')
_DRIVE = re.compile(r'[A-Za-z]:')


def picture_id(name):
    """What results, flow and body parts of a picture are called.

    Args:
        name (str): Of the picture, as of a list of pairs.

    Returns:
        str: Without ending, a path within some folder: with '/', and without
        what leads out of it ('..', a drive). Accents are composed; a path of
        DeepFashion's archive is flattened.
    """
    parts, _ = _take_apart(name)
    stem = '/'.join(parts)
    if len(parts) > 1:
        parsed = parse_deepfashion_name(stem)
        return stem if parsed is None else parsed.flat
    return stem


def name_keys(name, has_ending=True):
    """The paths, without ending, that a name is found under.

    Args:
        name (str | Path | Picture): In any form.
        has_ending (bool): Whether the ending of a picture is no part of what
            the picture is called.

    Returns:
        tuple[str, ...]: One path; two of a path of DeepFashion's archive,
        the second with a flattened name.
    """
    return _name_keys(name_text(name), has_ending)


@lru_cache(maxsize=2**16)
def _name_keys(name, has_ending):
    parts, _ = _take_apart(name, has_ending)
    key = '/'.join(parts)
    parsed = parse_deepfashion_name(key) if 'MEN' in key else None
    if parsed is None:
        return (key,)
    if parts[-1].startswith('fashion'):
        return ('/'.join([*parts[:-1], parsed.flat]),)
    return key, '/'.join([*parts[:-4], parsed.flat])


def ending_of(name):
    """The ending of a picture's name, in lower case; '' where it has none."""
    return _take_apart(name)[1]


def name_text(name):
    """A name as it is written; of a `Picture` that within its folder."""
    if isinstance(name, str):
        return name
    if isinstance(name, Picture):
        return name.name
    return os.fspath(name) if isinstance(name, os.PathLike) else str(name)


def folder_key(folder):
    """Where a folder lies, in the form of `name_keys`."""
    return _absolute_key(os.path.abspath(folder))


@lru_cache(maxsize=64)
def _absolute_key(path):
    return '/'.join(_take_apart(path, False)[0])


def _take_apart(name, has_ending=True):
    """Parts of a path, the last one without ending, and the ending."""
    name = name_text(name)
    if not name.isascii():
        name = unicodedata.normalize('NFC', name)
    parts = []
    for part in _SEPARATORS.split(name):
        part = part.strip(BLANKS) or part
        if part == '..':
            del parts[-1:]
        elif part not in ('', '.'):
            parts.append(part)
    if len(parts) > 1 and _DRIVE.fullmatch(parts[0]):
        del parts[0]
    ending = ''
    if parts and has_ending:
        stem, ending = split_ending(parts[-1])
        parts[-1] = stem.rstrip(BLANKS) or stem
    return parts, ending.lower()
