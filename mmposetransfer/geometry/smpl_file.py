"""Read bodies in the SMPL format, also from files nobody has vouched for.

A licensed SMPL file is a pickle, and a pickle can run any program. The
reader here rebuilds arrays only: numpy's own, scipy's sparse matrices and
chumpy's arrays (as plain numpy; chumpy need not be installed). Whatever else
a pickle asks for is refused.
"""
import os
import pickle
import zipfile

import numpy as np
from scipy import sparse

NUM_JOINTS = 24
POSE_FEATURES = 9 * (NUM_JOINTS - 1)
REQUIRED = ('v_template', 'f', 'weights', 'J_regressor', 'shapedirs',
            'posedirs', 'kintree_table')


def read_smpl_file(path: str) -> dict:
    """Read and check a body file.

    Args:
        path: ``.npz`` or ``.pkl`` with the keys of SMPL: v_template (V, 3),
            f (F, 3), weights (V, 24), J_regressor (24, V), shapedirs
            (V, 3, S), posedirs (V, 3, 207), kintree_table (2, 24).

    Returns:
        dict of numpy arrays: the keys above, and for an ``.npz`` all others.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is no body; names the file and the key.
    """
    path = os.fspath(path)
    if not os.path.isfile(path):
        raise FileNotFoundError(
            f'no body model at {path!r}; give an SMPL .pkl or .npz, or leave '
            'the path out for the free body')
    ending = os.path.splitext(path)[1].lower()
    if ending not in ('.npz', '.pkl'):
        raise ValueError(f'{path}: expected a .pkl or .npz file, got '
                         f'{ending!r}')
    read = _read_npz if ending == '.npz' else _read_pickle
    data = read(path)
    missing = [key for key in REQUIRED if key not in data]
    if missing:
        raise ValueError(
            f'{path}: no key {missing[0]!r}; a body in the SMPL format has '
            f'{", ".join(REQUIRED)}, this file has '
            f'{", ".join(sorted(map(str, data))) or "nothing"}')
    _check_arrays(path, data)
    return data


def _read_npz(path):
    if not zipfile.is_zipfile(path):
        raise ValueError(f'{path}: not an .npz file')
    with np.load(path, allow_pickle=False) as file:
        return {key: _npz_entry(path, file, key) for key in file.files}


def _npz_entry(path, file, key):
    try:
        return file[key]
    except Exception as error:  # a damaged entry fails in many ways
        pickled = 'allow_pickle' in str(error)
        if pickled and key not in REQUIRED:
            return None
        reason = ('is a pickled object; save it as a plain array (a sparse '
                  'J_regressor as .toarray())' if pickled
                  else f'is damaged ({error})')
        raise ValueError(f'{path}: {key!r} {reason}') from error


def _read_pickle(path):
    try:
        with open(path, 'rb') as file:
            content = _ArrayUnpickler(file, encoding='latin1').load()
    except (pickle.UnpicklingError, EOFError, AttributeError, IndexError,
            KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f'{path}: not a pickle of plain arrays ({error})') from error
    if not isinstance(content, dict):
        raise ValueError(f'{path}: expected a dict, got '
                         f'{type(content).__name__}')
    return {key: _plain(path, key, content[key])
            for key in REQUIRED if key in content}


class _Stub:
    """Holds the state of an object whose class is never imported."""

    def __init__(self, *args):
        self.state = {}

    def __setstate__(self, state):
        self.state = state if isinstance(state, dict) else {}


class _Chumpy(_Stub):
    pass


class _Sparse(_Stub):
    layout = 'csc'


class _SparseRows(_Sparse):
    layout = 'csr'


class _ArrayUnpickler(pickle.Unpickler):
    """Builds numpy arrays and inert stubs; refuses everything else."""

    def find_class(self, module, name):
        top = module.split('.')[0]
        if top == 'chumpy':
            return _Chumpy
        if module.startswith('scipy.sparse') and name == 'csc_matrix':
            return _Sparse
        if module.startswith('scipy.sparse') and name == 'csr_matrix':
            return _SparseRows
        allowed = _numpy_names().get(name)
        if top == 'numpy' and allowed is not None:
            return allowed
        if (module, name) in (('copy_reg', '_reconstructor'),
                              ('copyreg', '_reconstructor')):
            return _make_stub
        if module in ('__builtin__', 'builtins') and name in _BUILTINS:
            return _BUILTINS[name]
        if (module, name) == ('_codecs', 'encode'):
            return _encode
        raise pickle.UnpicklingError(
            f'it asks for {module}.{name}, which a body file has no use for')


_BUILTINS = {'object': object, 'set': set, 'frozenset': frozenset}


def _numpy_names():
    multiarray = np.zeros(1).__reduce__()[0]
    scalar = np.float64(0).__reduce__()[0]
    from_buffer = np.zeros(1).__reduce_ex__(5)[0]
    return {'_reconstruct': multiarray, 'scalar': scalar,
            '_frombuffer': from_buffer,
            'ndarray': np.ndarray, 'dtype': np.dtype}


def _make_stub(cls, base, state):
    if not (isinstance(cls, type) and issubclass(cls, _Stub)):
        raise pickle.UnpicklingError(f'it rebuilds a {cls!r}')
    return cls()


def _encode(text, encoding):
    if encoding != 'latin1':
        raise pickle.UnpicklingError(f'it holds bytes in {encoding!r}')
    return text.encode('latin1')


def _plain(path, key, value):
    """A numpy array from whatever stood in the pickle under ``key``."""
    if isinstance(value, _Chumpy):
        value = value.state.get('x')
    if isinstance(value, _Sparse):
        value = _dense(path, key, value)
    if not isinstance(value, np.ndarray) or value.dtype.hasobject:
        raise ValueError(f'{path}: {key!r} should be an array, got '
                         f'{type(value).__name__}')
    return value


def _dense(path, key, stub):
    state = stub.state
    build = sparse.csc_matrix if stub.layout == 'csc' else sparse.csr_matrix
    try:
        shape = state['_shape'] if '_shape' in state else state['shape']
        matrix = build((state['data'], state['indices'], state['indptr']),
                       shape=shape)
        matrix.check_format(full_check=True)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f'{path}: {key!r} is a broken sparse matrix '
                         f'({error})') from error
    return matrix.toarray()


def _check_arrays(path, data):
    vertices = len(data['v_template'])
    expected = {
        'v_template': (vertices, 3), 'f': (None, 3),
        'weights': (vertices, NUM_JOINTS),
        'J_regressor': (NUM_JOINTS, vertices),
        'shapedirs': (vertices, 3, None),
        'posedirs': (vertices, 3, POSE_FEATURES),
        'kintree_table': (2, NUM_JOINTS),
    }
    for key, shape in expected.items():
        array = data[key]
        fits = array.ndim == len(shape) and all(
            want in (None, got)
            for want, got in zip(shape, array.shape, strict=True))
        if not fits:
            wanted = ', '.join('any' if s is None else str(s) for s in shape)
            raise ValueError(f'{path}: {key!r} should have shape ({wanted}), '
                             f'got {array.shape}')
        if array.dtype.kind not in 'fiu':
            raise ValueError(f'{path}: {key!r} should hold numbers, got '
                             f'dtype {array.dtype}')
        if not np.isfinite(array).all():
            raise ValueError(f'{path}: {key!r} holds NaN or infinity')
    faces = data['f']
    if faces.size and int(faces.max()) >= vertices:
        raise ValueError(f"{path}: 'f' names vertex {int(faces.max())}, but "
                         f'there are only {vertices}')
