"""Pickles of plain data are read, and no other."""

import collections
import gzip
import io
import lzma
import os
import pickle
import zlib

import joblib
import numpy as np
import pytest

from mmposetransfer.io.plain_pickle import load_plain_pickle

NESTED = {
    'a': [(1, -2.5), None, True, 'ß'],
    7: {'deep': {'er': [[], {}, ()]}},
    (1, 'b'): [b'\x00\xff', b''],
}
# What Python 2.7 and numpy 1.16 write for numpy.array([1., -2., 3.5]).
PYTHON2_ARRAY = (
    b'\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\n'
    b'q\x02K\x00\x85U\x01b\x87Rq\x03(K\x01K\x03\x85cnumpy\ndtype\nq\x04'
    b'U\x02f8K\x00K\x01\x87Rq\x05(K\x03U\x01<NNNJ\xff\xff\xff\xff'
    b'J\xff\xff\xff\xffK\x00tb\x89U\x18'
    + np.array([1, -2, 3.5]).tobytes()
    + b'tb.'
)


@pytest.fixture
def load(tmp_path):
    """Loads what a pickle's bytes hold."""

    def load(data):
        (tmp_path / 'x.pkl').write_bytes(data)
        return load_plain_pickle(tmp_path / 'x.pkl')

    return load


class Calling:
    """Calls a function when it is unpickled."""

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_nested_containers(load, protocol):
    assert load(pickle.dumps(NESTED, protocol)) == NESTED


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    'array',
    [
        np.arange(12, dtype=np.int64).reshape(3, 4),
        np.asfortranarray(
            np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
        ),
        np.array([200, 255], np.uint8),
        np.array(['a', 'ß']),
        np.array([[1, 'x'], [None, 2.5]], object),
        np.array([[1.5, -2]], '>f4'),
        np.zeros((0, 3), np.float16),
    ],
    ids=lambda array: str(array.dtype),
)
def test_numpy_arrays(load, protocol, array):
    got = load(pickle.dumps({'a': [array]}, protocol))['a'][0]
    assert (got.dtype.kind, got.itemsize) == (array.dtype.kind, array.itemsize)
    np.testing.assert_array_equal(got, array)


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_numpy_numbers(load, protocol):
    for number in (np.float32(1.5), np.int64(-3), np.bool_(True)):
        got = load(pickle.dumps(number, protocol))
        assert got == number and type(got) is type(number)


def test_what_python_2_has_written(load):
    got = load(PYTHON2_ARRAY)
    assert got.dtype == np.float64 and got.tolist() == [1, -2, 3.5]
    # A str of bytes beyond ASCII, which are what arrays are made of.
    assert load(b'\x80\x02U\x02\xe4\xffq\x00.') == 'äÿ'
    # {'fashion': [[1L, -1]], u'x': 2.5} in protocol 0
    assert load(
        b"(dp0\nS'fashion'\np1\n(lp2\n(lp3\nL1L\naI-1\naasVx\np4\nF2.5\ns."
    ) == {'fashion': [[1, -1]], 'x': 2.5}


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    'hostile, name',
    [
        (Calling(os.system, 'touch hacked'), 'system'),
        (Calling(os.mkdir, 'hacked'), 'mkdir'),
        (Calling(eval, "open('hacked', 'w')"), 'eval'),
        (Calling(exec, "open('hacked', 'w')"), 'exec'),
        (Calling(open, 'hacked', 'w'), 'open'),
        (Calling(getattr, {}, 'clear'), 'getattr'),
        (Calling(__import__, 'antigravity'), '__import__'),
        (Calling(np.save, 'hacked', [1]), 'save'),
        (Calling(np.loadtxt, 'secret'), 'loadtxt'),
        (Calling(np.memmap, 'hacked', 'u1', 'w+', 0, (4,)), 'memmap'),
        (Calling(np.vectorize, 'x'), 'vectorize'),
        (np.add, 'add'),
        (collections.Counter('aab'), 'Counter'),
    ],
)
def test_nothing_else_is_called(
    load, tmp_path, monkeypatch, protocol, hostile, name
):
    monkeypatch.chdir(tmp_path)
    # Also deep within plain data, and beside it.
    data = pickle.dumps({'a': [np.ones(2), hostile]}, protocol)
    with pytest.raises(ValueError, match=rf'x\.pkl.*asks for .*{name}'):
        load(data)
    assert [path.name for path in tmp_path.iterdir()] == ['x.pkl']


@pytest.mark.parametrize(
    'module, name',
    [
        ('numpy', 'fromfile'),
        ('numpy', 'ndarray.tofile'),
        ('numpy.core.multiarray', 'fromfile'),
        ('numpy.testing._private.utils', 'runstring'),
        ('numpyhacked', 'ndarray'),
        ('os', 'ndarray'),
        ('_codecs', 'lookup'),
        ('__builtin__', 'eval'),
        ('posix', 'system'),
    ],
)
def test_names_that_only_look_harmless(load, module, name):
    text = b''.join(
        b'\x8c' + bytes([len(s)]) + s.encode() for s in (module, name)
    )
    with pytest.raises(ValueError, match='x.pkl.*asks for'):
        load(b'\x80\x04' + text + b'\x93.')


def test_files_that_are_no_pickles(load, tmp_path):
    with pytest.raises(FileNotFoundError, match='none.pkl'):
        load_plain_pickle(tmp_path / 'none.pkl')
    whole = pickle.dumps({'a': np.arange(100)})
    for data in (b'', b'name,x,y\n', whole[:20], whole[:-50], b'\x80\x99.'):
        with pytest.raises(ValueError, match='x.pkl'):
            load(data)


class Reducing:
    """Pickled as a call, and a state to set."""

    def __init__(self, *reduction):
        self.reduction = reduction

    def __reduce__(self):
        return self.reduction


def _lying_dtype(code, *state):
    return Reducing(np.dtype, (code, False, True), (3, *state))


def _lying_array(dtype, raw, shape=(2,)):
    reconstruct = np.zeros(1).__reduce__()[0]
    return Reducing(
        reconstruct, (np.ndarray, (0,), b'b'), (1, shape, dtype, False, raw)
    )


ADDRESSES = b'ABCDEFGH' * 2
OBJECTS = _lying_dtype('O8', '|', None, None, None, -1, -1, 0)


@pytest.mark.parametrize(
    'hostile',
    [
        _lying_array(OBJECTS, ADDRESSES),
        _lying_array(OBJECTS, [1, 2, 3]),
        _lying_array(OBJECTS, [1], (10**6,)),
        Reducing(np.float64(0).__reduce__()[0], (OBJECTS, ADDRESSES[:8])),
        _lying_array(
            _lying_dtype(
                'V8', '|', (np.dtype('O'), (1,)), None, None, 8, 1, 0
            ),
            ADDRESSES,
        ),
        _lying_array(
            _lying_dtype(
                'V8', '|', None, ('a',), {'a': (np.dtype('O'), 0)}, 8, 1, 0
            ),
            ADDRESSES,
        ),
        _lying_array(
            _lying_dtype(
                'V8',
                '|',
                None,
                ('a',),
                {'a': (np.dtype('f8'), 10**6)},
                8,
                1,
                0,
            ),
            ADDRESSES,
        ),
        _lying_array(
            _lying_dtype(
                'f8', '<', (np.dtype('O'), (1,)), None, None, -1, -1, 0
            ),
            ADDRESSES,
        ),
        _lying_array(np.dtype('f8'), ADDRESSES, (10**15,)),
        _lying_array(np.dtype('f8'), ADDRESSES, (-2,)),
        _lying_array(np.dtype('f8'), ADDRESSES, (True, 2)),
        _lying_array(np.dtype('U2'), b'\xff' * 16),
    ],
)
def test_arrays_that_lie(load, hostile):
    """NumPy's own functions would take bytes for addresses of objects."""
    with pytest.raises(ValueError, match='x.pkl'):
        load(pickle.dumps({'a': hostile}, 4))


def test_flags_of_a_dtype_count_for_nothing(load):
    dtype = _lying_dtype('f8', '<', None, None, None, -1, -1, 63)
    array = load(pickle.dumps(_lying_array(dtype, ADDRESSES), 4))
    assert array.dtype == np.float64 and not array.dtype.hasobject
    assert array.tobytes() == ADDRESSES


@pytest.mark.parametrize(
    'data',
    [
        b'cnumpy\ndtype\n}\x8c\x05shape\x4b\x01sb.',  # the state of a class
        b'c_codecs\nencode\n}\x8c\x05shape\x4b\x01sb.',
        b'\x80\x02]\x81.',
        b"c_codecs\nencode\n(V\nS'zip'\ntR.",
        b'c__builtin__\nbytes\n(L1000000000000L\ntR.',
    ],
)
def test_only_what_is_rebuilt_is_changed(load, data):
    with pytest.raises(ValueError, match='x.pkl'):
        load(data)


def test_a_table_of_many_gigabytes(load):
    """A damaged number has the unpickler in C fill the memory."""
    assert load(b']r\xff\xff\xff\x3f.') == []
    assert load(b']p99999999999\n.') == []


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_other_dicts_are_plain_ones(load, protocol):
    content = collections.OrderedDict(
        b=[1],
        a=collections.defaultdict(list, x=[2]),
        c=collections.defaultdict(None, y=3),
        d=collections.OrderedDict(z=collections.OrderedDict()),
    )
    got = load(pickle.dumps(content, protocol))
    assert got == dict(b=[1], a=dict(x=[2]), c=dict(y=3), d=dict(z={}))
    assert list(got) == ['b', 'a', 'c', 'd']
    assert {type(value) for value in (got, got['a'], got['d'])} == {dict}


@pytest.mark.parametrize('factory', [os.getcwd, Calling, len, dict.fromkeys])
def test_factories_are_not_taken(load, factory):
    with pytest.raises(ValueError, match='x.pkl'):
        load(pickle.dumps(collections.defaultdict(factory, a=1)))


def test_what_a_defaultdict_names_is_not_called(load):
    for data in (
        b'cbuiltins\nlist\n)R.',
        b'cbuiltins\nint\n(I7\ntR.',
        b'cbuiltins\ndict\n)\x81.',
    ):
        with pytest.raises(ValueError, match='x.pkl'):
            load(data)


# What joblib writes ---------------------------------------------------------

JOBLIB = {
    'f8': np.arange(12.0).reshape(3, 4),
    'f4': np.float32([[1.5], [-2]]),
    'fortran': np.asfortranarray(np.arange(6).reshape(2, 3)),
    'empty': np.zeros((0, 3), 'f4'),
    'scalar': np.array(2.5),
    'bool': np.array([True, False]),
    'text': np.array(['a', 'ß']),
    'big': np.arange(5, dtype='>i2'),
    'number': np.float32(0.5),
    'objects': np.array([None, {'a': [1]}], object),
    'last': np.uint8([255]),
}


@pytest.mark.parametrize('protocol', [2, 3, 4, 5, None])
@pytest.mark.parametrize(
    'compress', [0, 1, 3, 9, ('gzip', 3), ('bz2', 3), ('lzma', 3), ('xz', 3)]
)
def test_files_of_joblib(load, tmp_path, protocol, compress):
    content = {1: JOBLIB, 'frames': [(k, np.full(k, k)) for k in range(5)]}
    joblib.dump(content, tmp_path / 'y.pkl', compress, protocol)
    got = load((tmp_path / 'y.pkl').read_bytes())
    assert list(got[1]) == list(JOBLIB)
    for name, array in JOBLIB.items():
        found = got[1][name]
        assert found.shape == array.shape
        assert (found.dtype.kind, found.itemsize) == (
            array.dtype.kind,
            array.itemsize,
        )
        np.testing.assert_array_equal(found, array)
    assert [(k, a.tolist()) for k, a in got['frames']] == [
        (k, [k] * k) for k in range(5)
    ]


def test_joblib_before_1_2_did_not_align(load):
    """Its wrapper lacks the entry, and the bytes follow at once."""
    buffer = io.BytesIO()
    joblib.dump([np.arange(3.0), 'end'], buffer, protocol=2)
    data = buffer.getvalue()
    key = b'X\x1b\x00\x00\x00numpy_array_alignment_bytes'
    start = data.index(key)
    stop = data.index(b'ub', start)  # the state ends, the object is built
    raw = np.arange(3.0).tobytes()
    old = data[:start] + b'ub' + data[data.index(raw, stop) :]
    array, end = load(old)
    assert array.tolist() == [0, 1, 2] and end == 'end'


def test_sklearn_s_joblib(load):
    buffer = io.BytesIO()
    joblib.dump([np.arange(3)], buffer, protocol=2)
    data = buffer.getvalue().replace(
        b'cjoblib.numpy', b'csklearn.externals.joblib.numpy'
    )
    assert load(data)[0].tolist() == [0, 1, 2]


@pytest.mark.parametrize('compress', [0, 3, ('xz', 3)])
@pytest.mark.parametrize(
    'hostile',
    [Calling(os.mkdir, 'hacked'), np.array([Calling(os.mkdir, 'hacked')])],
)
def test_nothing_of_joblib_s_is_called(
    load, tmp_path, monkeypatch, hostile, compress
):
    monkeypatch.chdir(tmp_path)
    joblib.dump({'a': [np.ones(3), hostile]}, 'y.pkl', compress)
    with pytest.raises(ValueError, match='x.pkl.*asks for .*mkdir'):
        load((tmp_path / 'y.pkl').read_bytes())
    assert not (tmp_path / 'hacked').exists()


def _dumped(content, **options):
    buffer = io.BytesIO()
    joblib.dump(content, buffer, **options)
    return buffer.getvalue()


DAMAGED = {
    'cut': _dumped([np.arange(100.0)])[:-200],
    'zlib': _dumped([np.arange(100.0)], compress=3)[:-20],
    'xz': _dumped([np.arange(100.0)], compress=('xz', 3))[:-20],
    'bz2': _dumped([np.arange(100.0)], compress=('bz2', 3))[:-20],
    # Two that lie about their shapes.
    'large': _dumped([np.arange(100.0)], protocol=2).replace(
        b'K\x64\x85', b'K\xff\x85'
    ),
    'negative': _dumped([np.arange(4.0)], protocol=2).replace(
        b'K\x04\x85', b'J\xff\xff\xff\xff\x85'
    ),
    'masked': _dumped([np.ma.array([1.0])]),
    'text': zlib.compress(b'x' * 100),
    'nothing': zlib.compress(b''),
    'other': lzma.compress(b'text'),
    'header': b'\x78\x9c',
    'gzip': b'\x1f\x8b\x08',
}


@pytest.mark.parametrize('name', DAMAGED)
def test_damaged_and_lying_files_of_joblib(load, name):
    with pytest.raises(ValueError, match='x.pkl'):
        load(DAMAGED[name])


@pytest.mark.parametrize('pack', [zlib.compress, gzip.compress, lzma.compress])
def test_bombs_are_not_unpacked(load, pack):
    bomb = pack(bytes(70 * 2**20))
    assert len(bomb) < 2**20
    with pytest.raises(ValueError, match='unpacks to more than [0-9,]+ bytes'):
        load(bomb)


@pytest.mark.parametrize(
    'data, message',
    [
        (b'\x04\x22\x4d\x18' + bytes(40), 'LZ4.*load it by joblib'),
        (b'ZF0x1a2        ' + zlib.compress(b''), 'joblib before 0.10'),
        (b'\x80\x02cjoblib.numpy_pickle\nZNDArrayWrapper\n.', 'np.savez'),
        (
            b'\x80\x02cjoblib.numpy_pickle_compat\nNDArrayWrapper\n.',
            'np.savez',
        ),
    ],
    ids=['lz4', 'zfile', 'files', 'compat'],
)
def test_what_is_not_read_says_what_to_do(load, data, message):
    with pytest.raises(ValueError, match=message):
        load(data)
