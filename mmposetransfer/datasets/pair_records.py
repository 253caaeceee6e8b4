"""Pairs as records of one length, so that a file of them can be mapped."""

import json
import zlib
from dataclasses import asdict, dataclass

import numpy as np

from mmposetransfer.errors import UserTypeError, UserValueError
from mmposetransfer.structures import FIELDS

__all__ = ['PairLayout']

_MARK = b'pair'
_HEAD = 16  # bytes: the mark, a checksum, the length of the notes, nothing
_NOTES = 1008  # bytes of numbers and strings, as JSON
_WAY_OUT = 'Leave it out by cached_keys, or add it behind the cache.'


@dataclass(frozen=True)
class _Array:
    """An array of each pair, and how it is stored.

    Attributes:
        name (str): Its key.
        dtype (str): In the pair.
        shape (tuple[int]): In the pair and in the record.
        stored (str): The dtype in the record.
        step (float): What one of an integer stands for; 0: stored as it is.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    stored: str
    step: float = 0.0

    @property
    def bytes(self):
        """Its length in the record, a multiple of eight."""
        count = int(np.prod(self.shape, dtype=np.int64))
        return -(-count * np.dtype(self.stored).itemsize // 8) * 8

    def encode(self, value):
        """The array as it is stored."""
        if not self.step:
            return value
        limits = np.iinfo(self.stored)
        steps = np.rint(value / np.float32(self.step))
        return np.clip(steps, limits.min, limits.max).astype(self.stored)

    def decode(self, stored):
        """An array of the caller's own from what was stored."""
        if not self.step:
            return stored.copy()
        return np.multiply(stored, self.step, dtype=self.dtype)


class PairLayout:
    """Which bytes of a pair's record hold what.

    Arrays are stored as they are, except for fields of the table whose row
    says ``stored``: integers of a step each. Numbers, strings and lists of
    them share a kilobyte.

    Args:
        arrays (Sequence[_Array]): What all pairs hold, sorted by name.
    """

    def __init__(self, arrays):
        self.arrays = tuple(arrays)
        self.length = _HEAD + _NOTES + sum(a.bytes for a in self.arrays)
        # Records of another layout do not pass for ones of this.
        self._key = zlib.crc32(self.to_json().encode())

    @classmethod
    def of(cls, pair):
        """The layout of pairs that are like one.

        Raises:
            TypeError: If it holds arrays of strings or objects.
        """
        arrays = []
        for name in sorted(pair):
            value = pair[name]
            if not _is_array(value):
                continue
            if value.dtype.kind not in 'biuf':
                raise UserTypeError(
                    f"'{name}' of a pair is an array of {value.dtype}, which "
                    f'cannot be kept on disk. {_WAY_OUT}'
                )
            kept = FIELDS[name].stored if name in FIELDS else None
            if kept is None or value.dtype.kind != 'f':
                kept = (value.dtype.str, 0.0)
            arrays.append(_Array(name, value.dtype.str, value.shape, *kept))
        return cls(arrays)

    @classmethod
    def from_json(cls, text):
        """The layout that :meth:`to_json` wrote."""
        rows = json.loads(text)
        return cls(
            _Array(**dict(row, shape=tuple(row['shape']))) for row in rows
        )

    def to_json(self):
        """The layout as text."""
        return json.dumps([asdict(array) for array in self.arrays], indent=1)

    def encode(self, pair):
        """A pair's record, (length,) uint8.

        Raises:
            ValueError: If its arrays are others than the layout's, or its
                numbers and strings are longer than a kilobyte.
            TypeError: If it holds something that cannot be kept.
        """
        self._check(pair)
        notes = _notes(pair)
        record = np.zeros(self.length, np.uint8)
        record[_HEAD : _HEAD + len(notes)] = np.frombuffer(notes, np.uint8)
        for array, part in self._parts(record):
            part[...] = array.encode(pair[array.name])
        record[:4] = np.frombuffer(_MARK, np.uint8)
        record[8:12].view(np.uint32)[:] = len(notes)
        record[4:8].view(np.uint32)[:] = self._checksum(record)
        return record

    def decode(self, record):
        """The pair of a record.

        Args:
            record (np.ndarray): (length,) uint8.

        Returns:
            dict | None: With arrays of its own; None where no whole record
            of this layout is.
        """
        if record[:4].tobytes() != _MARK:
            return None
        if record[4:8].view(np.uint32)[0] != self._checksum(record):
            return None
        length = int(record[8:12].view(np.uint32)[0])
        pair = json.loads(record[_HEAD : _HEAD + length].tobytes())
        for array, part in self._parts(record):
            pair[array.name] = array.decode(part)
        return pair

    def _parts(self, record):
        """Each array with its place in a record, as an array of its shape."""
        start = _HEAD + _NOTES
        for array in self.arrays:
            count = int(np.prod(array.shape, dtype=np.int64))
            part = record[start : start + array.bytes].view(array.stored)
            yield array, part[:count].reshape(array.shape)
            start += array.bytes

    def _checksum(self, record):
        return zlib.crc32(record[8:], self._key)

    def _check(self, pair):
        found = {
            name: (value.dtype.str, value.shape)
            for name, value in pair.items()
            if _is_array(value)
        }
        expected = {a.name: (a.dtype, a.shape) for a in self.arrays}
        for name in sorted(found.keys() | expected.keys()):
            if found.get(name) != expected.get(name):
                raise UserValueError(
                    'the pairs of a cache have to be alike, but '
                    f"'{name}' is {_told(found.get(name))} in one and "
                    f'{_told(expected.get(name))} in another. {_WAY_OUT}'
                )


def _is_array(value):
    return isinstance(value, np.ndarray) and value.ndim > 0


def _told(array):
    return f'{array[0]} of shape {array[1]}' if array else 'missing'


def _notes(pair):
    """Numbers, strings and lists of a pair as JSON."""
    values = {}
    for name, value in pair.items():
        if _is_array(value):
            continue
        value = value.item() if hasattr(value, 'item') else value
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            raise UserTypeError(
                f"'{name}' of a pair is a {type(value).__name__}, but only "
                'arrays, numbers and strings can be kept on disk. '
                f'{_WAY_OUT}'
            ) from None
        values[name] = value
    notes = json.dumps(values, separators=(',', ':')).encode()
    if len(notes) > _NOTES:
        raise UserValueError(
            f'the numbers and strings of a pair, {sorted(values)}, take '
            f'{len(notes)} bytes, but {_NOTES} is the most that is kept. '
            + _WAY_OUT
        )
    return notes
