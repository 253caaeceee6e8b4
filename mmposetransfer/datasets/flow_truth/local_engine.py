"""Work on one machine: in this process, or in several."""

import os
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread

import cv2
import torch

from mmposetransfer.errors import UserChildProcessError

from .flow_job import FlowMaker

__all__ = ['run_here']

_maker = None  # of a worker process


def run_here(job, work, chunks, workers=1):
    """Make portions of a work list.

    Args:
        job (FlowJob): What to make.
        work (WorkList): Of which pairs.
        chunks (Sequence[int]): Which portions, such as ``work.share(0, 1)``.
        workers (int): Processes, of one thread each; 0 and 1 stay in this
            one.

    Yields:
        FlowCounts: After each portion, in order.

    Raises:
        ValueError: If a pair cannot be made.
        ChildProcessError: If a worker was killed.
        WriteError: If a file cannot be written.
    """
    if workers <= 1:
        yield from map(FlowMaker(job, work), chunks)
        return
    # Not forked: threads of this process may hold locks.
    with ProcessPoolExecutor(
        workers, get_context('spawn'), _start, (job, work)
    ) as pool:
        try:
            yield from _in_flight(pool, chunks, 4 * workers)
        except BrokenProcessPool as error:
            raise UserChildProcessError(
                'a worker was killed, perhaps for want of memory; the files '
                'that are there are whole: the same command goes on'
            ) from (error)
        finally:
            pool.shutdown(cancel_futures=True)


def _in_flight(pool, chunks, count):
    """Results in order, with so many portions handed out ahead."""
    waiting = deque()
    for chunk in chunks:
        waiting.append(pool.submit(_work, chunk))
        if len(waiting) >= count:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _start(job, work):
    global _maker
    Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    _maker = FlowMaker(job, work)


def _end_with_parent():
    """A pool's workers would wait for ever for a parent that was killed."""
    parent_process().join()
    os._exit(1)


def _work(chunk):
    return _maker(chunk)
