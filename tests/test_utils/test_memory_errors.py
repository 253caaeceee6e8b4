"""Memory that has run out, by the words of those who run out of it."""

import errno

import cv2
import numpy as np
import pytest
import torch

from mmposetransfer.utils.memory_errors import memory_message

TOO_MUCH = 2**60


def enlarge():
    """OpenCV asks for 245 TiB, more than a process can address."""
    cv2.resize(np.zeros((4, 4, 3), np.uint8), (30_000_000, 3_000_000))


@pytest.mark.parametrize(
    ('allocate', 'size'),
    [
        (
            lambda: torch.empty(TOO_MUCH, dtype=torch.uint8),
            '1,073,741,824.00 GiB',
        ),
        (lambda: np.empty(TOO_MUCH, np.uint8), '1.00 EiB'),
        (lambda: bytearray(TOO_MUCH), None),
        (enlarge, '251,457.10 GiB'),
    ],
)
def test_what_allocators_raise(allocate, size):
    with pytest.raises(Exception) as caught:  # noqa: B017
        allocate()
    message = memory_message(caught.value, 'Take less.')
    wanted = f' ({size} more were asked for)' if size else ''
    assert message == f'memory has run out{wanted}. Take less.'


class OutOfMemoryError(RuntimeError):
    """As torch names its own, in whatever module."""


# What torch writes, and what there is too little of.
@pytest.mark.parametrize(
    ('error', 'expected'),
    [
        (
            OutOfMemoryError(
                'CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a '
                'total capacity of 7.79 GiB of which 3.56 GiB is free.'
            ),
            'the memory of the GPU is full (20.00 GiB more were asked for). ',
        ),
        (
            RuntimeError(
                'CUDA error: out of memory\nCUDA kernel errors might be'
            ),
            'the memory of the GPU is full. ',
        ),
        (
            RuntimeError('cuDNN error: CUDNN_STATUS_ALLOC_FAILED'),
            'the memory of the GPU is full. ',
        ),
        (
            RuntimeError(
                'DataLoader worker (pid 71) is killed by signal: Killed. '
            ),
            'a worker of the loader was killed',
        ),
        (
            RuntimeError(
                'DataLoader worker (pid 7) is killed by signal: Bus error. It '
                "is possible that dataloader's workers are out of shared "
                'memory.'
            ),
            'the shared memory',
        ),
        (
            RuntimeError(
                'unable to mmap 7200 bytes from file <filename not '
                'specified>: Cannot allocate memory (12)'
            ),
            'the shared memory',
        ),
        (
            RuntimeError(
                'unable to write to file </torch_8_1_0>: No space left on '
                'device (28)'
            ),
            'the shared memory',
        ),
        (
            RuntimeError(
                'Caught _ArrayMemoryError in DataLoader worker process 0.'
            ),
            'memory has run out. ',
        ),
        (
            OSError(errno.ENOMEM, 'Cannot allocate memory'),
            'memory has run out. ',
        ),
    ],
)
def test_words_of_torch_and_of_the_system(error, expected):
    message = memory_message(error)
    assert message.startswith(expected) and '\n' not in message


def test_causes_count_unless_they_are_hidden():
    reached = RuntimeError('DataLoader worker (pid(s) 7) exited unexpectedly')
    reached.__cause__ = MemoryError()
    assert memory_message(reached)
    hidden = ValueError('damaged')
    hidden.__context__, hidden.__suppress_context__ = MemoryError(), True
    assert memory_message(hidden) is None


@pytest.mark.parametrize(
    'error',
    [
        RuntimeError('CUDA error: device-side assert triggered'),
        RuntimeError(
            'DataLoader worker (pid 7) is killed by signal: Aborted.'
        ),
        ValueError('the list is out of memory lane'),
        OSError(errno.ENOSPC, 'No space left on device'),
    ],
)
def test_other_errors_are_none_of_these(error):
    assert memory_message(error) is None
