"""Images of another size and aspect than those that a network knows.

Convention: as of ``datasets/image_sizes.py``. Points are (x, y) with the
origin at the centre of the top-left pixel; pictures of two sizes show the same
from edge to edge. Flow and classes are those of the nearest pixel, so that
none are mixed.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmposetransfer.structures import Field

from .precision import at_least_float32

__all__ = ['stretch_field']

Size = tuple[int, int]


def stretch_field(
    field: Field, value: Tensor, size: Size, new_size: Size
) -> Tensor:
    """Bring a field of pictures of one size to another.

    Images and soft maps are interpolated linearly, and averaged by a triangle
    where a side gets smaller, as Pillow's bilinear filter does. Vectors of
    flow grow with their pictures.

    Args:
        field (Field): Its row of the table.
        value (Tensor): (N, C, H, W) of a map, (N, K, 3) of keypoints.
        size (tuple[int, int]): (height, width) of the pictures.
        new_size (tuple[int, int]): (height, width) that they get.

    Returns:
        Tensor: The value itself where the sizes are the same, and of a
        vector. Images and soft maps are float32 at least.
    """
    if size == new_size or field.kind == 'vector':
        return value
    if field.kind in ('image', 'soft_map'):
        return F.interpolate(
            at_least_float32(value), new_size, mode='bilinear', antialias=True
        )
    if field.kind == 'class_map':
        return _nearest(value, new_size)
    scale = value.new_tensor(
        [new / old for old, new in zip(size, new_size, strict=True)]
    ).flip(0)  # of x and y
    if field.kind == 'flow':
        return _nearest(value, new_size) * scale[:, None, None]
    points = (value[..., :2] + 0.5) * scale - 0.5
    return torch.cat([points, value[..., 2:]], -1)


def _nearest(value, size):
    # Not by `interpolate`, which takes no integers and rounds ties as its
    # backend likes.
    rows, columns = (
        (2 * torch.arange(new, device=value.device) + 1) * old // (2 * new)
        for old, new in zip(value.shape[-2:], size, strict=True)
    )
    return value[..., rows[:, None], columns]
