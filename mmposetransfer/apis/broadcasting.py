"""Single sources and lists of them, as one row for each picture."""

import numbers

import numpy as np
import torch

from mmposetransfer.errors import UserValueError

__all__ = ['broadcast']


def broadcast(**sources):
    """One dictionary for each picture, out of single sources and lists.

    Args:
        **sources: Each a single source, which is meant for all pictures, or
            a list or tuple with one for each picture. Of an argument named
            '..._keypoints' a list may be one pose, of one named '..._size'
            one size.

    Returns:
        list[dict]: With the keys of ``sources``.

    Raises:
        ValueError: If two lists differ in length, or one is empty.
    """
    lists = {
        key: value
        for key, value in sources.items()
        if not _is_single(key, value)
    }
    lengths = {key: len(value) for key, value in lists.items()}
    count = max(lengths.values(), default=1)
    if not set(lengths.values()) <= {1, count} or count == 0:
        raise UserValueError(
            'sources must be single, or lists with one entry for each '
            f'picture; got lists of these lengths: {lengths}'
        )
    return [
        {
            key: lists[key][i % len(lists[key])] if key in lists else value
            for key, value in sources.items()
        }
        for i in range(count)
    ]


def _is_pose(value):
    """Whether a list is one pose, [[x, y, score], ...], not many sources."""
    first = value[0] if value else None
    if isinstance(first, (np.ndarray, torch.Tensor)):
        return first.ndim == 1
    return (
        isinstance(first, (list, tuple))
        and len(first) > 0
        and isinstance(first[0], numbers.Real)
    )


def _is_size(value):
    """Whether a list is one size, [height, width], not two of them."""
    return all(isinstance(side, numbers.Real) for side in value)


# What an argument's name ends in -> whether a list is a single source of it.
_LISTS_THAT_ARE_SINGLE = {'keypoints': _is_pose, 'size': _is_size}


def _is_single(key, value):
    if not isinstance(value, (list, tuple)):
        return True
    is_one = _LISTS_THAT_ARE_SINGLE.get(key.rpartition('_')[2])
    return is_one is not None and is_one(value)
