"""Files: found, read as data whatever is in them, written whole."""

from .atomic_write import WriteError, atomic_write, check_writable
from .folders import FoundPictures, Picture, find_pictures
from .left_out import LeftOut

__all__ = [
    'FoundPictures',
    'LeftOut',
    'Picture',
    'WriteError',
    'atomic_write',
    'check_writable',
    'find_pictures',
]
