"""Drawn pairs on disk, shared by processes, epochs, stages and runs."""

import hashlib
import json
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

import mmposetransfer
from mmposetransfer.io.atomic_write import atomic_write, explained

from .pair_records import PairLayout

__all__ = ['PairCache']

# What a pair depends on beside its settings: the code and the assets that it
# is drawn with. A cache of another version of them is never read.
_DRAWN_BY = ('synthfashion', 'geometry', 'assets')
_LAYOUT = 'layout.json'
_RECORDS = 256  # in a file


@cache
def _version():
    """Digest of all that draws; weights in the package do not."""
    root = Path(mmposetransfer.__file__).parent
    digest = hashlib.sha256()
    for folder in _DRAWN_BY:
        for path in sorted((root / folder).rglob('*')):
            name = path.relative_to(root).as_posix()
            if path.suffix in ('.py', '.npz') and '/weights/' not in name:
                digest.update(name.encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


class PairCache:
    """A folder of pairs in files that are mapped into memory.

    Any number of processes may read and write it at once, and share what the
    system keeps of the files in memory: what two of them write for a pair is
    the same. A pair counts when it is whole; one whose writer was killed, or
    that a disk has damaged, is made anew. The files have holes where pairs
    are yet to be made: ``du`` tells what they take.

    Flow is kept in sixteenths of a pixel and soft maps as their fields say,
    everything else as it is: 0.06 MB a pair of SynthFashion at 64x64, 0.7 MB
    at 256x176.

    Args:
        folder (str | Path): Where; pairs of other settings, and of other
            versions of the library, have folders of their own in it.
        **settings: All that a pair depends on but its index, as JSON has it.
    """

    def __init__(self, folder, **settings):
        key = json.dumps(dict(settings, version=_version()), sort_keys=True)
        name = hashlib.sha256(key.encode()).hexdigest()[:16]
        self.folder = os.path.join(folder, name)
        self._layout, self._maps = None, {}

    def __getstate__(self):
        # Each process maps the files itself.
        return dict(self.__dict__, _maps={})

    def path(self, index):
        """The file that a pair is in."""
        return os.path.join(self.folder, f'{index // _RECORDS:05d}.pairs')

    def get(self, index, make):
        """A pair: read, or made and written.

        Args:
            index (int): Of the pair, from 0.
            make (Callable): Makes it from the index: a dict of arrays,
                numbers and strings, always the same keys and shapes.

        Returns:
            dict: The pair as it is kept, whether it was there or not; its
            arrays are the caller's.

        Raises:
            WriteError: If it cannot be written, as on a full disk.
            ValueError: If its arrays are others than those of other pairs.
            TypeError: If it holds something that cannot be kept.
        """
        pair = self._read(index)
        if pair is None:
            made = make(index)
            layout = self._known_layout() or self._write_layout(made)
            record = layout.encode(made)
            self._write(index, record)
            pair = layout.decode(record)
        return pair

    def missing(self, indices):
        """Those of some pairs that are not there, or damaged.

        Args:
            indices (Iterable[int]): Of pairs, from 0.

        Returns:
            list[int]: In the same order.
        """
        return [index for index in indices if self._read(index) is None]

    def _known_layout(self):
        """The layout of all pairs; None before the first was written."""
        if self._layout is None:
            # A damaged one is written anew.
            with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
                path = Path(self.folder, _LAYOUT)
                self._layout = PairLayout.from_json(path.read_text('utf-8'))
        return self._layout

    def _write_layout(self, pair):
        layout = PairLayout.of(pair)
        path = os.path.join(self.folder, _LAYOUT)
        with atomic_write(path, 'w', durable=True) as file:
            file.write(layout.to_json())
        self._layout = layout
        return layout

    def _read(self, index):
        """The pair, or None where there is none, or a damaged one."""
        layout = self._known_layout()
        records = None if layout is None else self._records(index)
        if records is None:
            return None
        return layout.decode(records[index % _RECORDS])

    def _records(self, index):
        """The mapped file of a pair, (records, length) uint8, or None."""
        path = self.path(index)
        if path not in self._maps:
            shape = (_RECORDS, self._layout.length)
            # One that is not there, or shorter, is yet to be written.
            with suppress(FileNotFoundError, ValueError):
                mapped = np.memmap(path, np.uint8, 'r', shape=shape)
                self._maps[path] = np.asarray(mapped)
        return self._maps.get(path)

    def _write(self, index, record):
        path, length = self.path(index), len(record)
        with explained(path), open(path, 'ab'):
            pass  # it is there now, whoever made it
        with explained(path), open(path, 'r+b') as file:
            # Never shorter than before: others have it mapped.
            if file.seek(0, os.SEEK_END) < _RECORDS * length:
                file.truncate(_RECORDS * length)
            start = index % _RECORDS * length
            file.seek(start)
            # Whoever is killed in between leaves a record without its mark.
            for at, part in ((0, bytes(8)), (8, record[8:]), (0, record[:8])):
                file.seek(start + at)
                file.write(part)
                file.flush()
