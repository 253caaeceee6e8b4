"""Errors that mean that memory has run out: of what, and what helps.

Allocators raise errors of many types, most of them plain RuntimeErrors, so
the text has to tell. No memory of a kind is touched to find out.
"""

import errno
import re

__all__ = ['MORE_SHARED_MEMORY', 'memory_message']

MORE_SHARED_MEMORY = 'docker run --shm-size=8g (or --ipc=host)'
ANYWHERE = 'Close other programs, or use a machine with more memory.'
FEWER_WORKERS = 'fewer workers of the loader (num_workers=0 is none)'

# By torch's GPU allocators, and by libraries that allocate on their own.
_GPU = re.compile(
    r'(CUDA|HIP|XPU|MPS backend) out of memory|CUDA error: out of memory|'
    r'(CUDNN|CUBLAS)_STATUS_ALLOC_FAILED'
)
# Where tensors of loader's workers lie.
_SHARED = re.compile(
    r'killed by signal: Bus error|[Uu]nexpected bus error encountered in '
    r'worker|[Uu]nable to (mmap \d+ bytes from file|open shared memory '
    r'object|write to file </torch_|allocate shared memory)'
)
_KILLED = re.compile(
    r'DataLoader worker \(pid \d+\) is killed by signal: '
    r'Killed'
)
_MAIN = re.compile(
    r"DefaultCPUAllocator: (can't allocate|not enough) memory|"
    r'Caught \w*MemoryError in|std::bad_alloc|Insufficient memory\)'
)
_WANTED = re.compile(
    r'([Tt]ried|Unable|Failed) to allocate '
    r'(?P<size>[\d.]+ [KMGTPE]iB|\d+ bytes)'
)


def memory_message(error, less_memory=''):
    """What to tell a user whose program has run out of memory.

    Args:
        error (BaseException): As it was caught.
        less_memory (str): A sentence on what takes less memory of this
            program.

    Returns:
        str | None: What there is too little of, and the ways out, on one
        line; None for an error of another kind.
    """
    ways_out = less_memory or ANYWHERE
    for cause in _causes(error):
        text = str(cause)
        if _GPU.search(text) or _is_called(cause, 'OutOfMemoryError'):
            return f'the memory of the GPU is full{_wanted(text)}. {ways_out}'
        if _SHARED.search(text):
            return (
                f'the shared memory, through which workers hand over '
                f'batches, is full. Give it more: {MORE_SHARED_MEMORY}; '
                f'or take {FEWER_WORKERS}.'
            )
        if _KILLED.search(text):
            return (
                'a worker of the loader was killed, as the system does '
                f'when memory runs out. Take {FEWER_WORKERS}. {ways_out}'
            )
        if (
            _MAIN.search(text)
            or isinstance(cause, MemoryError)
            or getattr(cause, 'errno', None) == errno.ENOMEM
        ):
            return f'memory has run out{_wanted(text)}. {ways_out}'
    return None


def _causes(error):
    """The error, and what it was raised from, the outermost first."""
    seen = []
    while error is not None and error not in seen:
        seen.append(error)
        error = error.__cause__ or (
            None if error.__suppress_context__ else error.__context__
        )
    return seen


def _is_called(error, name):
    # It has moved between the releases of torch.
    return any(base.__name__ == name for base in type(error).__mro__)


def _wanted(text):
    """How much was asked for, where the message says it."""
    found = _WANTED.search(text)
    if not found:
        return ''
    size = found['size']
    if size.endswith('bytes'):
        size = f'{int(size.split()[0]) / 2**30:,.2f} GiB'
    return f' ({size} more were asked for)'
