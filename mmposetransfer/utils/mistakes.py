"""How the tools tell a user's mistakes: one line, and no traceback.

What the library, or MMEngine's Runner, raises itself, with ``raise`` and one
of the types that its docstrings name, is a message to the user, and so is a
full disk or a place that may not be written to. All else that goes wrong,
also in the library's own code, is a bug and keeps its traceback. Memory that
has run out is no bug either.
"""

import dis
import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path

from mmengine import runner

from .atomic_write import WAYS_OUT
from .memory_errors import memory_message

__all__ = ['TRACEBACK_VARIABLE', 'told_plainly', 'user_message']

# Set in the environment, it has the traceback of every error shown.
TRACEBACK_VARIABLE = 'MMPT_TRACEBACK'
# FileNotFoundError, WriteError and the like are OSErrors.
MESSAGES = (ImportError, KeyError, OSError, TypeError, ValueError)
# Where those of MMEngine's Runner are about the config.
HOMES = (
    str(Path(__file__).resolve().parents[1]) + os.sep,
    runner.runner.__file__,
)


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
    if isinstance(error, MESSAGES) and _is_raised_here(error.__traceback__):
        return _text(error)
    message = memory_message(error, less_memory)
    if message or not isinstance(error, MESSAGES):
        return message
    if isinstance(error, OSError) and error.errno in WAYS_OUT:
        return (f"'{error.filename}': " if error.filename else '') + (
            f'{error.strerror}. {WAYS_OUT[error.errno]}'
        )
    return _of_worker(error)


def _text(error):
    # A KeyError would put quotes around its message.
    return str(
        error.args[0] if isinstance(error, KeyError) and error.args else error
    )


def _is_raised_here(traceback):
    """Whether it was raised by a ``raise`` of this library, or the Runner."""
    if traceback is None:
        return False
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    code = traceback.tb_frame.f_code
    if not code.co_filename.startswith(HOMES):
        return False
    # Not by a function in C that was called there, such as `int('x')`.
    instruction = dis.opname[code.co_code[traceback.tb_lasti]]
    return instruction == 'RAISE_VARARGS'


def _of_worker(error):
    """The same of an error whose traceback a worker sent as text."""
    text = _text(error)
    if not re.match(r'Caught \w+ in DataLoader worker process', text):
        return None
    frames = list(
        re.finditer(
            r'^  File "(.+)", line \d+, in .+\n    (.*)\n', text, re.MULTILINE
        )
    )
    if (
        not frames
        or not frames[-1][1].startswith(HOMES)
        or (not frames[-1][2].startswith('raise '))
    ):
        return None
    rest = text[frames[-1].end() :]
    message = re.search(r'^[\w.]+: ', rest, re.MULTILINE)
    return rest[message.end() :].rstrip() if message else None
