"""What stays in float32 where autocast would take half precision."""

import torch

__all__ = ['at_least_float32', 'without_autocast']


def at_least_float32(x):
    """A tensor in float32; float64 stays.

    Args:
        x (Tensor): Of any floating type.
    """
    return x.to(torch.promote_types(x.dtype, torch.float32))


def without_autocast(x):
    """Context in which operations on a tensor keep to its type.

    Args:
        x (Tensor): Its device tells which autocast is meant.
    """
    return torch.autocast(x.device.type, enabled=False)
