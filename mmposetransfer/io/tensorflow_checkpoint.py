"""Read checkpoints of TensorFlow without TensorFlow, as data.

A checkpoint of ``tf.train.Saver`` in its second format, that of TensorFlow
since 1.0, is a small ``NAME.index`` and ``NAME.data-0000i-of-0000n``. The
index is a sorted table in the format of LevelDB: blocks of keys, each given by
what it shares with the one before it, whose values are protocol buffers that
say where in the data a tensor lies.
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmposetransfer.errors import UserFileNotFoundError, UserValueError

__all__ = ['index_of', 'read_tensorflow_checkpoint']

_MAGIC = 0xDB4775248B80FB57
_FOOTER = 48  # bytes: two handles, padded, and the magic number
_TRAILER = 5  # bytes after a block: how it is compressed, and a checksum
_FLOAT = 1  # of TensorFlow's DataType
_BYTES = 4  # of a float
# Fields of BundleEntryProto.
_DTYPE, _SHAPE, _SHARD, _OFFSET, _SIZE, _SLICES = 1, 2, 3, 4, 5, 7
# Fields of BundleHeaderProto.
_SHARDS, _BIG_ENDIAN = 1, 2
# The files of a checkpoint, beside its name.
_FILE = re.compile(r'\.(index|meta|data-\d{5}-of-\d{5})$')
# What Adam keeps of a variable.
_SLOT = re.compile(r'.*/Adam(_\d+)?$')


def index_of(path: str | Path) -> Path:
    """The index of the checkpoint that a path names.

    Args:
        path (str | Path): The name of the checkpoint, such as
            ``model.ckpt-0``, or one of its files.
    """
    path = Path(path).expanduser()
    return path.with_name(_FILE.sub('', path.name) + '.index')


def read_tensorflow_checkpoint(path: str | Path) -> dict[str, Tensor]:
    """Read the variables of float32, but for what Adam keeps of them.

    Args:
        path (str | Path): The name of the checkpoint, such as
            ``model.ckpt-0``, or one of its files.

    Returns:
        dict[str, Tensor]: By the names of the variables, with the axes that
        TensorFlow gives them. They are mapped from the file, not to be
        written to.

    Raises:
        FileNotFoundError: If the index or a file of data is not there.
        ValueError: If it is damaged or not of the second format.
    """
    index = index_of(path)
    if not index.is_file():
        raise UserFileNotFoundError(f"There is no checkpoint '{index}'.")
    try:
        header, *entries = _table(index.read_bytes())
        shards = _shards(index, header)
        return dict(_variables(entries, shards))
    except (
        *(IndexError, KeyError, OverflowError, ValueError),
        struct.error,
    ) as error:
        raise UserValueError(
            f"'{index}' cannot be read as the index of a checkpoint of "
            f'TensorFlow: it is damaged or of another format ({error}).'
        ) from error


def _shards(index, header):
    """The files of data, as bytes that are mapped."""
    key, fields = header
    if key:
        raise ValueError(f'it begins with {key!r}, not with a header')
    if fields.get(_BIG_ENDIAN, 0):
        raise ValueError('its numbers are big-endian')
    count = fields.get(_SHARDS, 1)
    shards = []
    for shard in range(count):
        path = index.with_suffix(f'.data-{shard:05}-of-{count:05}')
        if not path.is_file():
            raise UserFileNotFoundError(
                f"'{index}' belongs to '{path.name}', which is not beside it."
            )
        shards.append(np.memmap(path, np.uint8, mode='c'))
    return shards


def _variables(entries, shards):
    for key, fields in entries:
        name = key.decode()
        if fields[_DTYPE] != _FLOAT or _SLOT.match(name):
            continue
        if _SLICES in fields:
            raise ValueError(f"'{name}' is stored in slices")
        start, size = fields.get(_OFFSET, 0), fields[_SIZE]
        data = shards[fields.get(_SHARD, 0)][start : start + size]
        shape = _shape(fields.get(_SHAPE, b''))
        if len(data) != size or size != _BYTES * int(np.prod(shape)):
            raise ValueError(f"'{name}' is not whole")
        values = np.frombuffer(data, '<f4').reshape(shape)
        yield name, torch.from_numpy(values)


def _shape(message):
    """Of a TensorShapeProto: dimensions (2), each with a size (1)."""
    return [
        dict(_fields(dimension)).get(1, 0)
        for field, dimension in _fields(message)
        if field == 2
    ]


# ------------------------------------------------------------------- LevelDB


def _table(data: bytes) -> list[tuple[bytes, dict]]:
    """Keys of a table, in order, and fields of their values."""
    if struct.unpack('<Q', data[-8:])[0] != _MAGIC:
        raise ValueError('its end is not that of an index')
    _, at = _handle(data, len(data) - _FOOTER)  # of a block about the table
    index, _ = _handle(data, at)
    return [
        (key, dict(_fields(value)))
        for _, handle in _block(data, *index)
        for key, value in _block(data, *_handle(handle, 0)[0])
    ]


def _handle(data, at):
    """Where a block is, (offset, size), and where the handle ends."""
    offset, at = _varint(data, at)
    size, at = _varint(data, at)
    return (offset, size), at


def _block(data, offset, size) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a block."""
    end = offset + size
    if end + _TRAILER > len(data):
        raise ValueError('it is cut off')
    if data[end]:
        raise ValueError('it is compressed')
    (restarts,) = struct.unpack('<I', data[end - 4 : end])
    end -= 4 * (restarts + 1)
    key, at = b'', offset
    while at < end:
        shared, at = _varint(data, at)
        added, at = _varint(data, at)
        length, at = _varint(data, at)
        key = key[:shared] + data[at : at + added]
        at += added
        yield key, data[at : at + length]
        at += length


# ---------------------------------------------------------- protocol buffers


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and values of the fields of a message."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = _varint(message, at)
        elif kind == 2:
            length, at = _varint(message, at)
            value, at = message[at : at + length], at + length
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
            value, at = message[at : at + length], at + length
        else:
            raise ValueError(f'field {number} is of an unknown kind, {kind}')
        yield number, value


def _varint(data, at):
    """A whole number in groups of seven bits, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
