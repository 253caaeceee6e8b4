"""Makers of parts, as modules that worker processes import have them."""

import os
import signal
from pathlib import Path

import cv2
import torch

from mmposetransfer.utils.atomic_write import atomic_write


class Square:
    """Squares numbers, in one thread, and says in which process."""

    def __init__(self, marks=None):
        if marks is not None:
            Path(marks, str(os.getpid())).touch()

    def __call__(self, number):
        threads = torch.get_num_threads(), cv2.getNumThreads()
        return number**2, os.getpid(), threads


class Sick:
    """Works until it gets what it cannot do."""

    def __init__(self, start_with=None):
        if start_with is not None:
            raise start_with

    def __call__(self, part):
        if isinstance(part, BaseException):
            raise part
        if part == 'killed':
            os.kill(os.getpid(), signal.SIGKILL)
        return part


class Writer:
    """Writes what a part says into its file."""

    def __call__(self, part):
        if part.work is None:
            raise ValueError('there is nothing to write')
        with atomic_write(part.path, 'w') as file:
            file.write(part.work)
