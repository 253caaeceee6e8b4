"""Names of a person's own photographs, and who they say is in them."""

import hashlib
import re
from pathlib import PurePosixPath

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.file_names import short_path
from mmposetransfer.io.folders import Picture
from mmposetransfer.io.left_out import few
from mmposetransfer.io.picture_formats import split_ending

from ..identities import read_identities
from ..name_keys import BLANKS
from ..names import NameIndex
from ..published_names import identity_of

__all__ = ['find_identities', 'flat_name', 'flat_names', 'match_names']


def find_identities(names, file=None, folder=None):
    """Who is in the images.

    Args:
        names (Sequence[str]): Paths of images within their folder.
        file (str | Path, optional): A table with the columns ``name`` and
            ``identity``. Names may be written in any way that
            ``datasets/names.py`` takes for the same, or as this data set
            calls them ('anna_1.png').
        folder (str | Path, optional): Where the images are.

    Returns:
        dict[str, str]: Image -> identity. Without a file: as DeepFashion's
        and Market-1501's names tell; else the image's folder; images that
        lie in no folder of their own all show one person.

    Raises:
        ValueError: If the file lacks an image, or may mean several.
    """
    if file is None:
        return {
            name: identity_of(name) or PurePosixPath(name).parent.as_posix()
            for name in names
        }
    table = read_identities(file)
    index = NameIndex(table, f"'{file}'", 'identity')
    found = match_names(index, names, folder, needed=False)
    flat = {flat_name(name): name for name in names if found[name] is None}
    for name, entry in index.match(flat, names, needed=False).items():
        found[flat[name]] = entry
    lacking = [name for name, entry in found.items() if entry is None]
    if lacking:
        raise UserValueError(
            f"'{file}' does not say who is in {few(lacking)}. "
            f'{index.why_not(lacking[0])}'
        )
    return {name: table[entry] for name, entry in found.items()}


def match_names(index, names, folder=None, needed=True):
    """The entries of the images of a folder or archive.

    Args:
        index (NameIndex): Of the entries.
        names (Sequence[str]): Paths of images within their folder.
        folder (str | Path, optional): Where they are; that tells namesakes
            apart, too. None for an archive.
        needed (bool): See `NameIndex.match`.

    Returns:
        dict[str, str | None]: Image -> entry.

    Raises:
        ValueError: See `NameIndex.match`.
    """
    if folder is None:
        return index.match(names, needed=needed)
    pictures = [Picture(str(folder), name) for name in names]
    found = index.match(pictures, needed=needed)
    return {picture.name: entry for picture, entry in found.items()}


def flat_name(name):
    """What an image is called in the data set, in one folder.

    Args:
        name (str): Its path within the source.

    Returns:
        str: 'anna/1.jpg' -> 'anna_1.png'; what no list can hold becomes '-'.
    """
    stem = split_ending(name)[0]
    parts = [part.strip(BLANKS) for part in re.split(r'[/\\]', stem)]
    flat = re.sub(r'[\0-\x1f\x7f\x85\u2028\u2029]', '-', '_'.join(parts))
    return short_path(f'{flat}.png')


def flat_names(names):
    """What many images are called, of which no two get one name.

    Those that would share a name, on a file system that does not tell case
    too, all have a sum of their own in it: so no name passes from one to
    another when images are added.

    Args:
        names (Sequence[str]): Paths of images within the source.

    Returns:
        dict[str, str]: Image -> name, as of :func:`flat_name`.
    """
    owners = {}
    for name in names:
        owners.setdefault(flat_name(name).casefold(), []).append(name)
    flat = {}
    for name in names:
        flat[name] = flat_name(name)
        if len(owners[flat[name].casefold()]) > 1:
            digest = hashlib.sha256(name.encode()).hexdigest()[:8]
            flat[name] = f'{flat[name][:-4]}~{digest}.png'
    return flat
