"""Read pickles of numbers, strings, containers and numpy arrays only."""

import os
import pickle

__all__ = ['load_plain_pickle']

# What numpy writes into a pickle, in its old and new module names.
_NUMPY_NAMES = ('_reconstruct', 'scalar', 'ndarray', 'dtype', '_frombuffer')
# How the protocols of Python 2 write the bytes of Python 3, and empty ones.
_BYTES_NAMES = (('_codecs', 'encode'), ('__builtin__', 'bytes'))


class _PlainUnpickler(pickle.Unpickler):

    def find_class(self, module, name):
        if module.split('.')[0] == 'numpy' and name in _NUMPY_NAMES:
            return super().find_class(module, name)
        if (module, name) in _BYTES_NAMES:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(
            f'it asks for {module}.{name}, which plain data does not need')


def load_plain_pickle(path):
    """Load a pickle without running what a hostile one might ask for.

    Args:
        path (str | Path): The file; also one that Python 2 wrote.

    Returns:
        Dicts, lists, tuples, strings, numbers and numpy arrays.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is no pickle of plain data.
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(f"There is no file '{path}'.")
    try:
        with open(path, 'rb') as file:
            return _PlainUnpickler(file, encoding='latin1').load()
    except (pickle.UnpicklingError, EOFError, AttributeError, ImportError,
            IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"'{path}' is not a pickle of plain data: {error}") from error
