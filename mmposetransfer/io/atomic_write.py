"""Files that appear whole or not at all, and errors that say what to do."""

import errno
import os
import secrets
from contextlib import contextmanager, suppress

from mmposetransfer.errors import UserError

__all__ = [
    'PART_ENDING',
    'WAYS_OUT',
    'WriteError',
    'atomic_write',
    'check_writable',
    'explained',
]

# What a file's name ends in until it is whole. Only a process that was killed
# leaves such a file behind.
PART_ENDING = '.part'

_NO_SPACE = 'Free some space, or name a place on another disk.'
_NO_RIGHT = 'Name a place that you may write to.'
# By the system's error.
WAYS_OUT = {
    errno.ENOSPC: _NO_SPACE,
    errno.EDQUOT: _NO_SPACE,
    errno.EFBIG: _NO_SPACE,
    errno.EACCES: _NO_RIGHT,
    errno.EPERM: _NO_RIGHT,
    errno.EROFS: _NO_RIGHT,
    errno.ENAMETOOLONG: 'Choose a shorter name.',
    errno.ENOTDIR: 'A part of the path is a file, not a folder.',
    errno.EEXIST: 'A part of the path is a file, not a folder.',
    errno.EISDIR: 'Name a file: this is a folder.',
}


class WriteError(UserError, OSError):
    """A file that cannot be written: which, why, and the way out.

    ``errno`` is that of the system's error, where it gave one.
    """


@contextmanager
def atomic_write(path, mode='wb', durable=False):
    """Open a file beside ``path``, which becomes ``path`` when it is whole.

    If the block fails, nothing of the new file stays and what was at
    ``path`` before is untouched. Folders that are missing are made. A link is
    followed; a device or pipe, such as /dev/stdout, is written to directly.

    Args:
        path (str | Path): The file to be written.
        mode (str): 'wb', or 'w' for text in UTF-8.
        durable (bool): Whether to wait until the disk has it, so that it
            survives a loss of power, too.

    Yields:
        file: Open for writing. Whoever needs a path finds it in ``.name``.

    Raises:
        WriteError: If the file cannot be written, as on a full disk.

    Examples:
        >>> with atomic_write('/tmp/numbers.txt', 'w') as file:
        ...     _ = file.write('1 2 3')
    """
    with explained(path):
        target = os.path.realpath(path)
        if os.path.isdir(target):
            raise IsADirectoryError(errno.EISDIR, 'it is a folder')
        direct = os.path.exists(target) and not os.path.isfile(target)
        if not direct:
            os.makedirs(os.path.dirname(target), exist_ok=True)
        part = target if direct else _beside(target)
        file = _open(part, mode, direct)
    try:
        with explained(path, part):
            with file:
                yield file
                _finish(file, durable and not direct)
            if not direct:
                os.replace(part, target)
                if durable:
                    _sync_folder(os.path.dirname(target))
    except BaseException:
        if not direct:
            with suppress(OSError):
                os.remove(part)
        raise


def check_writable(path, keep_folder=True):
    """Find out now what would keep a file from being written later.

    Args:
        path (str | Path): The file.
        keep_folder (bool): Whether the folder that was made for it stays.
            False is not for several processes that check one place at once.

    Raises:
        WriteError: As `atomic_write`; a disk that has some room left may
            still be too full later.
    """
    missing = [] if keep_folder else _missing_folders(os.path.realpath(path))
    try:
        with suppress(_Enough), atomic_write(path):
            raise _Enough
    finally:
        with suppress(OSError):  # someone else has put something there
            for folder in missing:
                os.rmdir(folder)


def _missing_folders(path):
    """Those above a file that are not there, the innermost first."""
    missing = []
    folder = os.path.dirname(path)
    while folder and not os.path.lexists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    return missing


class _Enough(Exception):  # noqa: N818
    """Leaves `atomic_write` without a file."""


def _beside(target):
    """A name of its own in the same folder, hidden; short names stay so."""
    folder, name = os.path.split(target)
    # Not of the module random, whose state belongs to the user's program.
    return os.path.join(
        folder, f'.{name[:40]}.{secrets.token_hex(4)}{PART_ENDING}'
    )


def _open(part, mode, direct):
    if mode not in ('w', 'wb'):
        raise ValueError(f"mode must be 'w' or 'wb', got {mode!r}")
    encoding = 'utf-8' if mode == 'w' else None
    return open(
        part, mode if direct else mode.replace('w', 'x'), encoding=encoding
    )


def _finish(file, durable):
    if not file.closed:  # else whoever closed it has flushed it
        file.flush()
        if durable:
            os.fsync(file.fileno())


def _sync_folder(folder):
    """Have the new name on the disk as well; not all systems know that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def explained(path, part=None):
    """Name the file that was meant, and the way out, in errors of writing.

    Errors about other files, which a block may read meanwhile, are let alone.

    Args:
        path (str | Path): The file that a user knows.
        part (str, optional): The file that is written in its place.

    Raises:
        WriteError: In place of the system's error.
    """
    try:
        yield
    except WriteError:
        raise
    except (OSError, RuntimeError) as error:
        # torch.save hides the system's error behind one of its own.
        found = error.__context__ if isinstance(error, RuntimeError) else error
        if not isinstance(found, OSError) or (
            part is not None and found.filename not in (None, part)
        ):
            raise
        reason = found.strerror or str(found) or type(found).__name__
        way_out = WAYS_OUT.get(found.errno, 'Is the disk full?')
        if os.path.isfile(path):
            way_out += ' What was there before is untouched.'
        raised = WriteError(f"'{path}' cannot be written: {reason}. {way_out}")
        raised.errno = found.errno
        raise raised from error
