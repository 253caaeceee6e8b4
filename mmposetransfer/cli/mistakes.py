"""How the tools tell a user's mistakes: one line, and no traceback.

A `UserError` is a message to the user, and so is what MMEngine's Runner says
of a config, a full disk, or a place that may not be written to. All else that
goes wrong is a bug and keeps its traceback. Memory that has run out is no bug
either.
"""

import os
import sys
from contextlib import contextmanager

from mmengine import runner

from mmposetransfer.errors import UserError
from mmposetransfer.io.atomic_write import WAYS_OUT
from mmposetransfer.utils.memory_errors import memory_message

__all__ = ['TRACEBACK_VARIABLE', 'told_plainly', 'user_message']

# Set in the environment, it has the traceback of every error shown.
TRACEBACK_VARIABLE = 'MMPT_TRACEBACK'


@contextmanager
def told_plainly(less_memory=''):
    """End the program with the message of an error that the user can mend.

    Wrap a tool's whole ``main``, as a block or a decorator.

    Args:
        less_memory (str): A sentence on what takes less memory of the tool,
            for a user whose memory has run out.

    Examples:
        >>> @told_plainly()
        ... def main():
        ...     read_image('nowhere.png')
        >>> main()  # exit status 1
        error: the image 'nowhere.png' does not exist
    """
    try:
        yield
    except Exception as error:
        message = user_message(error, less_memory)
        if message is None or os.environ.get(TRACEBACK_VARIABLE):
            raise
        sys.exit(f'error: {message}')


def user_message(error, less_memory=''):
    """What an error says to the user.

    Args:
        error (Exception): As it was caught; also one that a loader's worker
            sent.
        less_memory (str): See `told_plainly`.

    Returns:
        str | None: The message; None for what is no user's mistake.
    """
    if isinstance(error, UserError):
        return _text(error)
    message = memory_message(error, less_memory)
    if message:
        return message
    if isinstance(error, OSError) and error.errno in WAYS_OUT:
        return (f"'{error.filename}': " if error.filename else '') + (
            f'{error.strerror}. {WAYS_OUT[error.errno]}'
        )
    return str(error) if _is_of_runner(error) else None


def _text(error):
    """The message; of a loader's worker the last lines of its traceback."""
    text = str(error)
    if text.startswith(f'Caught {type(error).__name__} in DataLoader worker'):
        text = text.rpartition(f'.{type(error).__qualname__}: ')[2].rstrip()
    return text


def _is_of_runner(error):
    """Whether MMEngine's Runner itself refuses what a config says."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return (
        isinstance(error, (TypeError, ValueError))
        and place is not None
        and place.tb_frame.f_code.co_filename == runner.runner.__file__
    )
