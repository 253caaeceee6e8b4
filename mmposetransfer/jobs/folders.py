"""A folder that many processes fill, also after some were killed."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mmposetransfer.utils.atomic_write import PART_ENDING, atomic_write
from mmposetransfer.utils.text_files import read_json

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

__all__ = ['check_same', 'filling']

# A file is written within milliseconds to seconds.
_ABANDONED = 600  # seconds
# Settings that take more signs, such as sums, are not told.
_TOLD = 60


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
        _difference(key, found.get(key), settings.get(key))
        for key in {**settings, **found}
        if found.get(key) != settings.get(key)
    ]
    raise ValueError(
        f"'{where}' was made with other settings "
        f'({", ".join(differences)}): use those, name another place, or '
        'delete it'
    )


def _difference(key, found, now):
    found, now = repr(found), repr(now)
    if max(len(found), len(now)) > _TOLD:
        return f'other {key}'
    return f'{key} {found}, now {now}'


@contextmanager
def filling(
    folder: str | Path, mark: str, settings: dict, alone: bool = False
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

    Raises:
        ValueError: If the folder was filled with other settings.
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
        _sweep(folder, file, alone)
        _lock(file, False)
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
