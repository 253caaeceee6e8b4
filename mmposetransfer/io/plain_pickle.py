"""Read pickles of numbers, strings, containers and numpy arrays only.

A pickle names functions, which are called when it is read. Against that
Python's manual has a recipe: an unpickler whose `find_class` hands out what is
on a list. It is followed here, but leaves three things open. Numpy's own
functions trust the file, and one that lies has them take any bytes for
addresses: none of them is on the list, and stand-ins rebuild the arrays. The
attributes of what is on the list could be set. And the unpickler in C may be
had to fill the memory.

joblib's files are read, too: pickles, often compressed, in which the bytes of
an array follow the object that stands for it.
"""

import math
import os
import pickle
import re
import sys
from io import BytesIO

import numpy as np

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.unpacking import unpacked

__all__ = ['PlainUnpickler', 'Rebuilt', 'load_plain_pickle', 'unpickle']

# Truth values, whole and broken numbers, complex ones, strings, objects.
_DTYPE_CODE = re.compile(r'b1|[iu][1248]|f[248]|c8|c16|[SU]\d{1,6}|O8?')


class Rebuilt:
    """Base of the objects whose state a pickle may set."""


class _DType(Rebuilt):
    """Stands in for numpy.dtype."""

    def __init__(self, code, align=False, copy=False):
        if not isinstance(code, str) or not _DTYPE_CODE.fullmatch(code):
            raise pickle.UnpicklingError(f'it holds an array of {code!r}')
        self.dtype = np.dtype(code)

    def __setstate__(self, state):
        # version, byte order, parts, names, fields, sizes and flags, of
        # which a dtype without parts needs the byte order only.
        _, order, *compound = state[:5]
        if any(part is not None for part in compound):
            raise pickle.UnpicklingError('it holds a structured array')
        self.dtype = self.dtype.newbyteorder(order)


class _Array(np.ndarray, Rebuilt):
    """An array that is empty until its state is set."""

    def __setstate__(self, state):
        _, shape, dtype, fortran, raw = state
        raw = _checked_raw(shape, dtype.dtype, raw)
        super().__setstate__((1, shape, dtype.dtype, bool(fortran), raw))


_NDARRAY = object()  # what only `_reconstruct` has a use for


def _checked_raw(shape, dtype, raw):
    """Refuse data that is not what it should be; numpy would take it."""
    if isinstance(raw, str):  # of Python 2
        raw = raw.encode('latin1')
    sizes = isinstance(shape, tuple) and all(
        type(side) is int and 0 <= side < 2**40 for side in shape
    )
    count = math.prod(shape) if sizes else -1
    if dtype.hasobject:
        fits = isinstance(raw, list) and len(raw) == count
    else:
        fits = isinstance(raw, (bytes, bytearray)) and (
            len(raw) == count * dtype.itemsize
        )
    if not fits:
        raise pickle.UnpicklingError(
            f'it holds an array of shape {shape} and data of another size'
        )
    if dtype.kind == 'U' and raw:
        letters = np.frombuffer(raw, np.dtype('u4').newbyteorder(dtype.str[0]))
        if letters.max() > sys.maxunicode:
            raise pickle.UnpicklingError('it holds letters that are none')
    return raw


def _reconstruct(cls, shape, code):
    if cls is not _NDARRAY:
        raise pickle.UnpicklingError(f'it rebuilds {cls!r}')
    return np.empty(0).view(_Array)


def _frombuffer(raw, dtype, shape, order):
    array = np.empty(0).view(_Array)
    array.__setstate__((1, shape, dtype, order == 'F', bytes(raw)))
    return array


def _scalar(dtype, raw):
    if dtype.dtype.hasobject:
        raise pickle.UnpicklingError('it holds an object as a number')
    return np.frombuffer(_checked_raw((), dtype.dtype, raw), dtype.dtype)[0]


def _encode(text, encoding):
    """How the protocols of Python 2 write the bytes of Python 3."""
    if encoding != 'latin1':
        raise pickle.UnpicklingError(f'it holds bytes in {encoding!r}')
    return text.encode('latin1')


def _no_bytes():
    return b''


_FACTORY = object()  # of a defaultdict; it is never called


def _defaultdict(factory=None):
    if factory not in (None, _FACTORY):
        raise pickle.UnpicklingError(f'it makes values by {factory!r}')
    return {}


class _JoblibArray(Rebuilt):
    """Stands in for what joblib writes before the bytes of an array."""

    def __setstate__(self, state):
        if state['subclass'] is not _NDARRAY:
            raise pickle.UnpicklingError('it holds an array of another kind')
        self.shape, self.dtype = state['shape'], state['dtype']
        self.fortran = state['order'] == 'F'
        # Since joblib 1.2 bytes that align the array come before it.
        self.aligned = state.get('numpy_array_alignment_bytes') is not None

    def read(self, unpickler):
        """The array, whose bytes are next in the file."""
        if self.dtype.dtype.hasobject:  # a pickle of its own
            return type(unpickler)(unpickler.file, encoding='latin1').load()
        if self.aligned:
            unpickler.read(unpickler.read(1)[0])
        size = math.prod(self.shape) * self.dtype.dtype.itemsize
        # A file that lies about the size has fewer bytes left.
        raw = unpickler.read(min(size, _MOST_BYTES))
        return _frombuffer(
            raw, self.dtype, self.shape, 'F' if self.fortran else 'C'
        )


_MOST_BYTES = 2**40
_JOBLIB = re.compile(r'(sklearn\.externals\.)?joblib\.numpy_pickle(_compat)?')
# What numpy writes into a pickle, in its old and new module names.
_OF_NUMPY = {
    '_reconstruct': _reconstruct,
    'scalar': _scalar,
    '_frombuffer': _frombuffer,
    'ndarray': _NDARRAY,
    'dtype': _DType,
}
_OTHERS = {
    ('_codecs', 'encode'): _encode,
    ('__builtin__', 'bytes'): _no_bytes,
    ('collections', 'OrderedDict'): dict,
    ('collections', 'defaultdict'): _defaultdict,
    **{
        (module, name): _FACTORY
        for module in ('builtins', '__builtin__')
        for name in ('dict', 'float', 'int', 'list')
    },
}


# Python's own unpickler, not its faster copy in C: there, a damaged file may
# ask for a table of many gigabytes.
class PlainUnpickler(pickle._Unpickler):
    """Builds arrays, and refuses whatever else a pickle names.

    Args:
        file (BytesIO): The pickle.
        **options: Of `pickle.Unpickler`.
    """

    dispatch = dict(pickle._Unpickler.dispatch)

    def __init__(self, file, **options):
        super().__init__(file, **options)
        self.file = file

    def find_class(self, module, name):
        """The stand-in for an object that the pickle names."""
        if module.split('.')[0] == 'numpy' and name in _OF_NUMPY:
            return _OF_NUMPY[name]
        if _JOBLIB.fullmatch(module):
            if name == 'NumpyArrayWrapper':
                return _JoblibArray
            raise pickle.UnpicklingError(
                'joblib before 0.10 wrote it, which keeps arrays in other '
                'files: load it by joblib and save the arrays by np.savez'
            )
        if (module, name) not in _OTHERS:
            raise pickle.UnpicklingError(
                f'it asks for {module}.{name}, which plain data does not need'
            )
        return _OTHERS[module, name]

    def load_build(self):
        """Set the state of an object, but never that of a stand-in."""
        if not isinstance(self.stack[-2], Rebuilt):
            raise pickle.UnpicklingError(
                f'it changes a {type(self.stack[-2]).__name__}'
            )
        super().load_build()
        if isinstance(self.stack[-1], _JoblibArray):
            self.append(self.stack.pop().read(self))

    dispatch[pickle.BUILD[0]] = load_build  # type: ignore[assignment]


def unpickle(path, unpickler=PlainUnpickler):
    """Load a pickle by an unpickler that calls nothing of the pickle's.

    Args:
        path (str | Path): The file; also one that Python 2 or joblib wrote.
        unpickler (type[PlainUnpickler]): Which stand-ins there are.

    Returns:
        The content.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is damaged or asks for anything else.
    """
    if not os.path.isfile(path):
        raise UserFileNotFoundError(f"There is no file '{path}'.")
    with open(path, 'rb') as file:
        data = file.read()
    try:
        return unpickler(BytesIO(unpacked(data)), encoding='latin1').load()
    except Exception as error:  # damaged bytes raise almost any type
        reason = str(error) or type(error).__name__
        if isinstance(error, KeyError):  # of a byte, or an entry
            reason = 'it is damaged, or another kind of file'
        raise UserValueError(
            f"'{path}' is not a pickle of plain data: {reason}"
        ) from error


def load_plain_pickle(path):
    """Load a pickle without running what a hostile one might ask for.

    Args:
        path (str | Path): The file; also one that Python 2 or joblib wrote.

    Returns:
        Dicts, lists, tuples, strings, numbers and numpy arrays.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is no pickle of plain data.
    """
    return unpickle(path)
