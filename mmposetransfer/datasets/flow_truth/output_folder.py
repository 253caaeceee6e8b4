"""A folder that many processes fill, also after some were killed."""

import json
import os
import time
from contextlib import contextmanager, suppress

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.atomic_write import PART_ENDING, atomic_write
from mmposetransfer.io.text_files import read_json

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ['MARK', 'filling']

#: The file that says what a folder of flow was made of.
MARK = 'flow.json'
# A file of flow is written within milliseconds.
_ABANDONED = 600  # seconds


@contextmanager
def filling(folder, description, alone=False):
    """Claim a folder for a job, and clear up behind processes that died.

    Args:
        folder (str | Path): Made if it is not there.
        description (dict): What the files depend on. Others may fill the
            folder at the same time if theirs is the same.
        alone (bool): Whether no process on another machine fills it: then
            what a killed one left half-written is removed at once, else
            when it is ten minutes old.

    Raises:
        ValueError: If the folder holds flow that was made of something else.
        WriteError: If it cannot be written to.
    """
    mark = os.path.join(folder, MARK)
    _claim(mark, description)
    with open(mark, 'rb') as file:
        _sweep(folder, 0 if alone and _lock(file, True) else _ABANDONED)
        _lock(file, False)
        try:
            yield
        finally:
            _sweep(folder, 0 if alone and _lock(file, True) else _ABANDONED)


def _claim(mark, description):
    if os.path.isfile(mark):
        found = read_json(mark, 'description of a folder of flow')
        if found == description:
            return
        found = found if isinstance(found, dict) else {}
        differ = [
            key for key in description if found.get(key) != description[key]
        ]
        raise UserValueError(
            f"'{os.path.dirname(mark)}' holds flow that was made of something "
            f'else ({_difference(differ, found, description)}); name another '
            'folder, or delete that one'
        )
    with atomic_write(mark, 'w') as file:
        file.write(json.dumps(description, indent=1) + '\n')


def _difference(keys, found, description):
    return ', '.join(
        'other fits'
        if key == 'fits'
        else f'{key} {found.get(key)!r}, now {description[key]!r}'
        for key in keys
    )


def _lock(file, exclusive):
    """Try to lock; the system unlocks when the process ends, however."""
    if fcntl is None:
        return False
    kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except OSError:  # somebody has it, or the file system knows no locks
        return False
    return True


def _sweep(folder, age):
    """Remove what was being written when a process was killed."""
    before = time.time() - age
    for place, _, names in os.walk(folder):
        for name in names:
            if name.startswith('.') and name.endswith(PART_ENDING):
                path = os.path.join(place, name)
                with suppress(FileNotFoundError):
                    if os.stat(path).st_mtime <= before:
                        os.remove(path)
