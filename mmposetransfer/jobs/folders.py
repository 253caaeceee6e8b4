"""A folder that many processes fill, also after some were killed."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.atomic_write import PART_ENDING, atomic_write
from mmposetransfer.io.left_out import few
from mmposetransfer.io.text_files import read_json

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ['check_same', 'filling']

# A file is written within milliseconds to seconds.
_ABANDONED = 600  # seconds
# Settings that take more signs, such as sums, are not told.
_TOLD = 60
# So many differences are told.
_SHOWN = 4


def check_same(where: str | Path, found: Any, settings: dict) -> None:
    """Refuse to go on with what was begun with other settings.

    Args:
        where: The file or folder.
        found: The settings that it was begun with, as they were read.
        settings: Those of now, of plain values.

    Raises:
        ValueError: If they differ; names those that do.
    """
    if found == settings:
        return
    found = found if isinstance(found, dict) else {}
    differences = [
        _difference(key, _told(found, key), _told(settings, key))
        for key in {**settings, **found}
        if _told(found, key) != _told(settings, key)
    ]
    raise UserValueError(
        f"'{where}' was made with other settings "
        f'({few(differences, _SHOWN)}): use those, name another place, or '
        'delete it'
    )


def _told(settings, key):
    return repr(settings[key]) if key in settings else 'nothing'


def _difference(key, found, now):
    if max(len(found), len(now)) > _TOLD:
        return f'other {key}'
    return f'{key} {found}, now {now}'


@contextmanager
def filling(
    folder: str | Path,
    mark: str,
    settings: dict,
    alone: bool = False,
    only: bool = False,
) -> Iterator[None]:
    """Claim a folder for a job, and clear up behind processes that died.

    Args:
        folder: Made if it is not there.
        mark: Path of a JSON file within the folder, which holds the settings.
        settings: What the files depend on, as plain values. Others may fill
            the folder at the same time if theirs are the same.
        alone: Whether no process on another machine fills it: then what a
            killed one left half-written is removed at once, else when it is
            ten minutes old.
        only: Whether no other process may fill it at the same time.

    Raises:
        ValueError: If the folder was filled with other settings, or is
            being filled where that is not meant.
        WriteError: If it cannot be written to.
    """
    mark = os.path.join(folder, mark)
    settings = json.loads(json.dumps(settings, default=str))
    if os.path.isfile(mark):
        found = read_json(mark, 'settings of a folder')
        check_same(os.path.dirname(mark), found, settings)
    else:
        with atomic_write(mark, 'w') as file:
            file.write(json.dumps(settings, indent=1) + '\n')
    with open(mark, 'rb') as file:
        if only and _is_taken(file):
            raise UserValueError(
                f"another process is at work in '{folder}': wait for its "
                'end, or name another place'
            )
        _sweep(folder, file, alone)
        _lock(file, only)
        try:
            yield
        finally:
            _sweep(folder, file, alone)


def _sweep(folder, file, alone):
    """Remove what was being written when a process was killed."""
    age = 0 if alone and _lock(file, True) else _ABANDONED
    before = time.time() - age
    for place, _, names in os.walk(folder):
        for name in names:
            if name.startswith('.') and name.endswith(PART_ENDING):
                path = os.path.join(place, name)
                with suppress(FileNotFoundError):
                    if os.stat(path).st_mtime <= before:
                        os.remove(path)


def _is_taken(file):
    """Whether another process holds a lock; one of one's own stays."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # the file system knows no locks
        return False
    return False


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
