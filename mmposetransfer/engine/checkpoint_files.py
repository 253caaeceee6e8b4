"""Which checkpoints of a work directory are whole, and which is the last."""

import logging
import zipfile
import zlib
from pathlib import Path

from mmengine.logging import print_log

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.atomic_write import PART_ENDING
from mmposetransfer.io.checkpoint import read_checkpoint

__all__ = [
    'LAST_CHECKPOINT',
    'check_resumable',
    'find_last_good_checkpoint',
    'find_damage',
    'remove_leftovers',
]

# The file that names the newest checkpoint, as MMEngine calls it.
LAST_CHECKPOINT = 'last_checkpoint'
# What training can go on from holds these.
_NEEDED = ('state_dict', 'optimizer', 'meta', 'message_hub')


def find_damage(path):
    """Say what is wrong with a checkpoint file, if anything is.

    Args:
        path (str | Path): The file; torch writes a zip archive, whose
            checksums are compared with what the file holds.

    Returns:
        str: Such as 'it is empty'; '' for a file that is whole.

    Raises:
        FileNotFoundError: If there is no such file.
    """
    if Path(path).stat().st_size == 0:
        return 'it is empty'
    try:
        with zipfile.ZipFile(path) as archive:
            wrong = archive.testzip()
    # Flipped bits may ask for any method, password or position.
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
        ValueError,
    ) as error:
        return _damage_of_old_format(path, error)
    return f"the checksum of '{wrong}' in it is wrong" if wrong else ''


def _damage_of_old_format(path, error):
    """What torch before 1.6 wrote is no archive."""
    try:
        read_checkpoint(path)
    except (ValueError, OSError):  # torch reads beyond what is there
        return f'it is cut off or no checkpoint ({error})'
    return ''


def check_resumable(path):
    """Refuse a checkpoint that training cannot go on from.

    Args:
        path (str | Path): A file, which is read as data.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, would run code when read, or holds
            weights without what training needs beside them.
    """
    if not Path(path).is_file():
        raise UserFileNotFoundError(
            f"There is no checkpoint '{path}' to resume from."
        )
    damage = find_damage(path)
    if damage:
        raise UserValueError(
            f"The checkpoint '{path}' is damaged: {damage}. Resume from "
            'another one, or from the last good one of the work directory by '
            '--resume without a name.'
        )
    content = read_checkpoint(path)
    missing = [
        key
        for key in _NEEDED
        if not isinstance(content, dict) or key not in content
    ]
    if missing:
        raise UserValueError(
            f"Training cannot go on from '{path}': it holds no "
            f'{", ".join(missing)}. To start from its weights give it as '
            '--cfg-options load_from=PATH, without --resume.'
        )


def find_last_good_checkpoint(folder, resumable=False):
    """The newest checkpoint of a work directory that is whole.

    That is the one named in ``last_checkpoint``, else the newest file
    ``*.pth`` there or beside it. Files that are damaged are passed over with
    a warning.

    Args:
        folder (str | Path): A work directory.
        resumable (bool): Whether training is to go on from it, so that
            weights alone will not do.

    Returns:
        str | None: Path of the checkpoint.
    """
    for path in _newest_first(Path(folder)):
        try:
            if resumable:
                check_resumable(path)
                return str(path)
            problem = find_damage(path)
        except (ValueError, OSError) as error:
            problem = error
        if not problem:
            return str(path)
        print_log(
            f"Passing over the checkpoint '{path}': {problem}",
            logger='current',
            level=logging.WARNING,
        )
    return None


def _newest_first(folder):
    named = _named(folder)
    folders = [folder] if named is None else [folder, named.parent]
    others = {
        path
        for place in dict.fromkeys(folders)
        for path in place.glob('*.pth')
        if not path.name.startswith('best_')
    }
    if named is not None:
        yield named
        others.discard(named)
    yield from sorted(
        others,
        key=lambda path: (path.stat().st_mtime_ns, path.name),
        reverse=True,
    )


def _named(folder):
    """The file that ``last_checkpoint`` names, also in a folder that moved."""
    try:
        name = (folder / LAST_CHECKPOINT).read_text(errors='replace').strip()
    except OSError:
        return None
    for path in (Path(name), folder / Path(name).name):
        try:
            if name and path.is_file():
                return path
        except (OSError, ValueError):  # not a name at all
            return None
    return None


def remove_leftovers(folder):
    """Remove what killed processes left of files they were writing.

    Args:
        folder (str | Path): Sub-folders are not looked into.

    Returns:
        list[Path]: What was removed.
    """
    leftovers = sorted(Path(folder).glob(f'.*{PART_ENDING}'))
    for path in leftovers:
        path.unlink(missing_ok=True)
    return leftovers
