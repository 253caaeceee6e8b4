"""Pickles of plain data are read, and no other."""

import collections
import os
import pickle

import numpy as np
import pytest

from mmposetransfer.utils.plain_pickle import load_plain_pickle

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
    + np.array([1, -2, 3.5]).tobytes() + b'tb.')


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
@pytest.mark.parametrize('array', [
    np.arange(12, dtype=np.int64).reshape(3, 4),
    np.asfortranarray(np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)),
    np.array([200, 255], np.uint8),
    np.array(['a', 'ß']),
    np.array([[1, 'x'], [None, 2.5]], object),
    np.array([[1.5, -2]], '>f4'),
    np.zeros((0, 3), np.float16),
], ids=lambda array: str(array.dtype))
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
    assert load(b"(dp0\nS'fashion'\np1\n(lp2\n(lp3\nL1L\naI-1\naasVx\np4\n"
                b'F2.5\ns.') == {'fashion': [[1, -1]], 'x': 2.5}


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize('hostile, name', [
    (Calling(os.system, 'touch hacked'), 'system'),
    (Calling(os.mkdir, 'hacked'), 'mkdir'),
    (Calling(eval, "open('hacked', 'w')"), 'eval'),
    (Calling(exec, "open('hacked', 'w')"), 'exec'),
    (Calling(open, 'hacked', 'w'), 'open'),
    (Calling(getattr, {}, 'clear'), 'getattr'),
    (Calling(__import__, 'antigravity'), '__import__'),
    (Calling(np.save, 'hacked', [1]), 'save'),
    (Calling(np.loadtxt, 'secret'), 'loadtxt'),
    (Calling(np.memmap, 'hacked', 'u1', 'w+', 0, (4, )), 'memmap'),
    (Calling(np.vectorize, 'x'), 'vectorize'),
    (np.add, 'add'),
    (collections.Counter('aab'), 'Counter'),
])
def test_nothing_else_is_called(load, tmp_path, monkeypatch, protocol,
                                hostile, name):
    monkeypatch.chdir(tmp_path)
    # Also deep within plain data, and beside it.
    data = pickle.dumps({'a': [np.ones(2), hostile]}, protocol)
    with pytest.raises(ValueError, match=rf'x\.pkl.*asks for .*{name}'):
        load(data)
    assert [path.name for path in tmp_path.iterdir()] == ['x.pkl']


@pytest.mark.parametrize('module, name', [
    ('numpy', 'fromfile'),
    ('numpy', 'ndarray.tofile'),
    ('numpy.core.multiarray', 'fromfile'),
    ('numpy.testing._private.utils', 'runstring'),
    ('numpyhacked', 'ndarray'),
    ('os', 'ndarray'),
    ('_codecs', 'lookup'),
    ('__builtin__', 'eval'),
    ('posix', 'system'),
])
def test_names_that_only_look_harmless(load, module, name):
    text = b''.join(b'\x8c' + bytes([len(s)]) + s.encode()
                    for s in (module, name))
    with pytest.raises(ValueError, match='x.pkl.*asks for'):
        load(b'\x80\x04' + text + b'\x93.')


def test_files_that_are_no_pickles(load, tmp_path):
    with pytest.raises(FileNotFoundError, match='none.pkl'):
        load_plain_pickle(tmp_path / 'none.pkl')
    whole = pickle.dumps({'a': np.arange(100)})
    for data in (b'', b'name,x,y\n', whole[:20], whole[:-50], b'\x80\x99.'):
        with pytest.raises(ValueError, match='x.pkl'):
            load(data)
