"""Read bodies in the SMPL format, also from files nobody has vouched for.

A licensed SMPL file is a pickle, and a pickle can run any program. The
reader here rebuilds arrays only: numpy's own, scipy's sparse matrices and
chumpy's arrays (as plain numpy; chumpy need not be installed). Whatever else
a pickle asks for is refused.
"""

import math
import os
import pickle
import zipfile

import numpy as np
from scipy import sparse

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.plain_pickle import (
    PlainUnpickler,
    Rebuilt,
    unpickle,
)

NUM_JOINTS = 24
POSE_FEATURES = 9 * (NUM_JOINTS - 1)
REQUIRED = (
    'v_template',
    'f',
    'weights',
    'J_regressor',
    'shapedirs',
    'posedirs',
    'kintree_table',
)
# More than any body has, in one matrix or in all of a file.
MAX_NUMBERS = 250_000_000


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
        raise UserFileNotFoundError(
            f'no body model at {path!r}; give an SMPL .pkl or .npz, or leave '
            'the path out for the free body'
        )
    ending = os.path.splitext(path)[1].lower()
    if ending not in ('.npz', '.pkl'):
        raise UserValueError(
            f'{path}: expected a .pkl or .npz file, got {ending!r}'
        )
    read = _read_npz if ending == '.npz' else _read_pickle
    data = read(path)
    missing = [key for key in REQUIRED if key not in data]
    if missing:
        raise UserValueError(
            f'{path}: no key {missing[0]!r}; a body in the SMPL format has '
            f'{", ".join(REQUIRED)}, this file has '
            f'{", ".join(sorted(map(str, data))) or "nothing"}'
        )
    _check_arrays(path, data)
    return data


def _read_npz(path):
    if not zipfile.is_zipfile(path):
        raise UserValueError(f'{path}: not an .npz file')
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > 8 * MAX_NUMBERS:
            raise ValueError(f'it would take {size / 1e9:.0f} GB')
        file = np.load(path, allow_pickle=False)
    except Exception as error:  # a damaged archive fails in many ways
        raise UserValueError(f'{path}: not an .npz file ({error})') from error
    with file:
        return {key: _npz_entry(path, file, key) for key in file.files}


def _npz_entry(path, file, key):
    try:
        return file[key]
    except Exception as error:  # a damaged entry fails in many ways
        pickled = 'allow_pickle' in str(error)
        if pickled and key not in REQUIRED:
            return None
        reason = (
            'is a pickled object; save it as a plain array (a sparse '
            'J_regressor as .toarray())'
            if pickled
            else f'is damaged ({error})'
        )
        raise UserValueError(f'{path}: {key!r} {reason}') from error


def _read_pickle(path):
    content = unpickle(path, _BodyUnpickler)
    if not isinstance(content, dict):
        raise UserValueError(
            f'{path}: expected a dict, got {type(content).__name__}'
        )
    return {
        key: _plain(path, key, content[key])
        for key in REQUIRED
        if key in content
    }


class _Stub(Rebuilt):
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


class _BodyUnpickler(PlainUnpickler):
    """Builds inert stubs beside arrays."""

    def find_class(self, module, name):
        """Also stubs for scipy's matrices and chumpy's arrays."""
        if module.split('.')[0] == 'chumpy':
            return _Chumpy
        if module.startswith('scipy.sparse') and name == 'csc_matrix':
            return _Sparse
        if module.startswith('scipy.sparse') and name == 'csr_matrix':
            return _SparseRows
        if (module, name) in (
            ('copy_reg', '_reconstructor'),
            ('copyreg', '_reconstructor'),
        ):
            return _make_stub
        if module in ('__builtin__', 'builtins') and name in _BUILTINS:
            return _BUILTINS[name]
        return super().find_class(module, name)


_BUILTINS = {'object': object, 'set': set, 'frozenset': frozenset}


def _make_stub(cls, base, state):
    if not (isinstance(cls, type) and issubclass(cls, _Stub)):
        raise pickle.UnpicklingError(f'it rebuilds a {cls!r}')
    return cls()


def _plain(path, key, value):
    """A numpy array from whatever stood in the pickle under ``key``."""
    if isinstance(value, _Chumpy):
        value = value.state.get('x')
    if isinstance(value, _Sparse):
        value = _dense(path, key, value)
    if not isinstance(value, np.ndarray) or value.dtype.hasobject:
        raise UserValueError(
            f'{path}: {key!r} should be an array, got {type(value).__name__}'
        )
    return np.asarray(value)


def _dense(path, key, stub):
    state = stub.state
    build = sparse.csc_matrix if stub.layout == 'csc' else sparse.csr_matrix
    try:
        shape = state['_shape'] if '_shape' in state else state['shape']
        if math.prod(shape) > MAX_NUMBERS:
            raise ValueError(f'its shape is {shape}')
        matrix = build(
            (state['data'], state['indices'], state['indptr']), shape=shape
        )
        matrix.check_format(full_check=True)
    except Exception as error:  # scipy takes what it is given on trust
        raise UserValueError(
            f'{path}: {key!r} is a broken sparse matrix ({error})'
        ) from error
    return matrix.toarray()


def _check_arrays(path, data):
    vertices = len(data['v_template'])
    expected = {
        'v_template': (vertices, 3),
        'f': (None, 3),
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
            for want, got in zip(shape, array.shape, strict=True)
        )
        if not fits:
            wanted = ', '.join('any' if s is None else str(s) for s in shape)
            raise UserValueError(
                f'{path}: {key!r} should have shape ({wanted}), '
                f'got {array.shape}'
            )
        if array.dtype.kind not in 'fiu':
            raise UserValueError(
                f'{path}: {key!r} should hold numbers, got dtype {array.dtype}'
            )
        if not np.isfinite(array).all():
            raise UserValueError(f'{path}: {key!r} holds NaN or infinity')
    faces = data['f']
    if faces.size and int(faces.max()) >= vertices:
        raise UserValueError(
            f"{path}: 'f' names vertex {int(faces.max())}, but "
            f'there are only {vertices}'
        )
