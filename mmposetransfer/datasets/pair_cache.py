"""Drawn pairs on disk, shared by processes, epochs, stages and runs."""

import hashlib
import json
import os
import zipfile
from functools import cache
from pathlib import Path

import numpy as np

import mmposetransfer
from mmposetransfer.io.atomic_write import atomic_write

__all__ = ['PairCache']

# What a pair depends on beside its settings: the code and the assets that it
# is drawn with. A cache of another version of them is never read.
_DRAWN_BY = ('synthfashion', 'geometry', 'assets')


@cache
def _version():
    """Digest of all that draws."""
    root = Path(mmposetransfer.__file__).parent
    digest = hashlib.sha256()
    for folder in _DRAWN_BY:
        for path in sorted((root / folder).rglob('*')):
            if path.suffix in ('.py', '.npz'):
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


class PairCache:
    """A folder of pairs, each a file that appears whole or not at all.

    Any number of processes may read and write it at once: what two of them
    write for a pair is the same. Files are uncompressed: 0.1 MB a pair at
    64x64, 1.5 MB at 256x256.

    Args:
        folder (str | Path): Where; pairs of other settings, and of other
            versions of the library, have folders of their own in it.
        **settings: All that a pair depends on but its index.
    """

    def __init__(self, folder, **settings):
        key = json.dumps(dict(settings, version=_version()), sort_keys=True)
        name = hashlib.sha256(key.encode()).hexdigest()[:16]
        self.folder = os.path.join(folder, name)

    def path(self, index):
        """The file of a pair."""
        return os.path.join(self.folder, f'{index:07d}.npz')

    def get(self, index, make):
        """A pair: read, or made and written.

        Args:
            index (int): Of the pair.
            make (Callable): Makes it from the index: a dict of arrays,
                numbers and strings.

        Returns:
            dict: The pair.

        Raises:
            WriteError: If it cannot be written, as on a full disk.
        """
        pair = self._read(index)
        if pair is None:
            pair = make(index)
            with atomic_write(self.path(index)) as file:
                np.savez(file, **pair)
        return pair

    def _read(self, index):
        """The pair, or None where there is none, or a damaged one."""
        try:
            with np.load(self.path(index), allow_pickle=False) as file:
                pair = {key: file[key] for key in file.files}
        except FileNotFoundError:
            return None
        except (EOFError, OSError, ValueError, zipfile.BadZipFile):
            return None  # made and written anew
        return {
            key: value if value.ndim else value.item()
            for key, value in pair.items()
        }
