"""What compiled code writes past Python."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ['held_back_stderr']


@contextmanager
def held_back_stderr() -> Iterator[None]:
    """Drop what is written to the error output, unless the block fails.

    Some libraries tell of their inner workings there, with no setting against
    it. What they wrote before an exception is shown, as it may say why. The
    error output is that of the whole process: keep the block short.
    """
    try:
        real = os.dup(2)
    except OSError:  # a process without an error output
        yield
        return
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(real, held.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(real, 2)
            os.close(real)
