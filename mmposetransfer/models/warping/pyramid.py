"""Flow and visibility at coarser levels."""

import torch.nn.functional as F

__all__ = ['flow_pyramid', 'visibility_pyramid']


def flow_pyramid(flow, num_levels):
    """Average-pooled flow, its values scaled with the grid.

    Convention: level ``l`` has 1 / 2^l of the size, its values are pixels
    of that level.

    Args:
        flow (Tensor): (N, 2, H, W) in pixels.
        num_levels (int): Levels, the first one being the input itself.

    Returns:
        list[Tensor]: (N, 2, H / 2^l, W / 2^l) for each level l.
    """
    return [
        flow if level == 0 else F.avg_pool2d(flow, 2**level) / 2**level
        for level in range(num_levels)
    ]


def visibility_pyramid(visibility, num_levels):
    """Min-pooled visibility: visible wins over invisible over background.

    Args:
        visibility (Tensor): Classes 0, 1, 2, (N, 1, H, W).
        num_levels (int): Levels, the first one being the input itself.

    Returns:
        list[Tensor]: Float classes, (N, 1, H / 2^l, W / 2^l) for each l.
    """
    visibility = visibility.float()
    return [
        visibility if level == 0 else -F.max_pool2d(-visibility, 2**level)
        for level in range(num_levels)
    ]
