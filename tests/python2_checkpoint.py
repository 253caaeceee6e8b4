"""Checkpoints as torch 0.4 writes them on Python 2, byte by byte.

The layout (torch/serialization.py of 0.4.0): pickles of a magic number, the
protocol's version, the machine, the object (whose storages are persistent
ids) and the list of storage keys, then for each storage an int64 of its
length and its values. Python 2 pickles with protocol 2: a ``str`` is a
SHORT_BINSTRING, a ``long`` a LONG1, an OrderedDict a call with a list of
lists.
"""

import pickle
import struct

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001


def string(text):
    data = text.encode('ascii')
    return b'U' + bytes([len(data)]) + data


def integer(number):
    return b'J' + struct.pack('<i', number)


def long_integer(number):
    data = number.to_bytes(number.bit_length() // 8 + 1, 'little')
    return b'\x8a' + bytes([len(data)]) + data


def sequence(items):
    return b'(' + b''.join(items) + b't'


def dictionary(items):
    return b'}(' + b''.join(string(k) + v for k, v in items.items()) + b'u'


def name(module, attribute):
    return f'c{module}\n{attribute}\n'.encode()


def ordered(items, metadata=False):
    """An OrderedDict; of a module's state dict with its ``_metadata``."""
    pairs = b''.join(
        b'](' + string(key) + value + b'e' for key, value in items.items()
    )
    made = name('collections', 'OrderedDict') + b'](' + pairs + b'e' + b'\x85R'
    if metadata:
        version = dictionary(dict(version=integer(1)))
        made += dictionary(dict(_metadata=ordered({'': version}))) + b'b'
    return made


def pickled(body):
    return b'\x80\x02' + body + b'.'


def tensor(key, value, location):
    kind = (
        'LongStorage'
        if value.dtype.is_floating_point is False
        else 'FloatStorage'
    )
    storage = (
        sequence(
            [
                string('storage'),
                name('torch', kind),
                string(key),
                string(location),
                long_integer(value.numel()),
                b'N',
            ]
        )
        + b'Q'
    )
    shape = [
        sequence([integer(n) for n in numbers])
        for numbers in (value.shape, value.stride())
    ]
    return (
        name('torch._utils', '_rebuild_tensor_v2')
        + sequence([storage, integer(0), *shape, b'\x89', ordered({})])
        + b'R'
    )


def write(path, weights, location='cuda:0', body=None):
    """Write a state dict; ``body`` puts a pickled object in its place."""
    keys = {name: str(93825000000000 + i) for i, name in enumerate(weights)}
    if body is None:
        body = ordered(
            {
                name: tensor(keys[name], value.contiguous(), location)
                for name, value in weights.items()
            },
            metadata=True,
        )
    machine = dictionary(
        dict(
            protocol_version=integer(PROTOCOL),
            little_endian=b'\x88',
            type_sizes=dictionary(
                dict(short=integer(2), int=integer(4), long=integer(4))
            ),
        )
    )
    with open(path, 'wb') as file:
        file.write(pickled(long_integer(MAGIC)))
        file.write(pickled(integer(PROTOCOL)))
        file.write(pickled(machine))
        file.write(pickled(body))
        file.write(
            pickled(b'](' + b''.join(map(string, keys.values())) + b'e')
        )
        for value in weights.values():
            file.write(struct.pack('<q', value.numel()))
            file.write(value.contiguous().numpy().tobytes())


# The same opcodes, as Python's own pickle reads them.
assert pickle.loads(pickled(long_integer(MAGIC))) == MAGIC
