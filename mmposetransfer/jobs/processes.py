"""Parts of a job on one machine: made in this process, or in several."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any

import cv2
import torch

__all__ = ['run']

# Of a worker process: what gives the maker of parts, and the maker itself.
_start = _make = None


def run(
    start: Callable[[], Callable[[Any], Any]],
    parts: Iterable,
    workers: int = 1,
) -> Iterator:
    """Make the parts of a job.

    Args:
        start: Gives what makes a part of its description, such as a class
            whose arguments are bound. It is called once in each process that
            works, and has to be picklable for more than one.
        parts: Descriptions of the parts, picklable as well.
        workers: Processes, of one thread each; 0 and 1 stay in this one.

    Yields:
        What was made of each part, in order.

    Raises:
        ChildProcessError: If a worker was killed.
        Exception: What making a part has raised.
    """
    parts = list(parts)
    if not parts:
        return
    if workers <= 1:
        yield from map(start(), parts)
        return
    # Not forked: threads of this process may hold locks.
    with ProcessPoolExecutor(
        min(workers, len(parts)), get_context('spawn'), _begin, (start,)
    ) as pool:
        try:
            yield from _in_flight(pool, parts, 4 * workers)
        except BrokenProcessPool as error:
            raise ChildProcessError(
                'a worker was killed, perhaps for want of memory; the files '
                'that are there are whole: the same command goes on'
            ) from error
        except (ImportError, OSError, ValueError) as error:
            # Raised here, it is the user's mistake and not a bug's traceback.
            raise error.with_traceback(None) from error.__cause__
        finally:
            pool.shutdown(cancel_futures=True)


def _in_flight(pool, parts, count):
    """Results in order, with so many parts handed out ahead."""
    waiting = deque()
    for part in parts:
        waiting.append(pool.submit(_work, part))
        if len(waiting) >= count:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _begin(start):
    global _start
    Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    _start = start


def _end_with_parent():
    """A pool's workers would wait for ever for a parent that was killed."""
    parent_process().join()
    os._exit(1)


def _work(part):
    global _make
    if _make is None:  # here, for the pool to hand on what it raises
        _make = _start()
    return _make(part)
