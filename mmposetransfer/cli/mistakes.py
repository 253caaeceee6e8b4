"""How commands tell a user's mistakes."""

import sys
from contextlib import contextmanager

__all__ = ['told_plainly']


@contextmanager
def told_plainly(*more):
    """End the program with an error's message in place of its traceback.

    Only around the code that raises for what the user gave: an error of the
    library's own keeps its traceback.

    Args:
        *more (type[Exception]): Beside FileNotFoundError and ValueError.
    """
    try:
        yield
    except (FileNotFoundError, ValueError, *more) as error:
        sys.exit(f'error: {error}')
