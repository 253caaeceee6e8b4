"""Crops of any place and orientation, many at once."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..precision import at_least_float32, without_autocast

__all__ = ['affine_crops']


def affine_crops(
    x: Tensor,
    centers: Tensor,
    across: Tensor,
    along: Tensor,
    size: tuple[int, int],
) -> Tensor:
    """Sample parallelograms of maps on upright grids.

    Convention: points are (x, y) in pixels, the origin at the centre of the
    top-left pixel. The crop's edges, not the centres of its border pixels,
    lie on the sides of the parallelogram. Bilinear; beyond the border of
    ``x`` its pixels are repeated. Positions are float32 also under autocast.

    Args:
        x (Tensor): What is sampled, (N, C, H, W).
        centers (Tensor): Of P parallelograms a map, (N, P, 2).
        across (Tensor): From the centre to the middle of the right edge of
            the crop, (N, P, 2).
        along (Tensor): From the centre to the middle of the lower edge of
            the crop, (N, P, 2).
        size (tuple[int, int]): (height, width) of the crops.

    Returns:
        Tensor: (N, P, C, height, width), of the type of ``x``.
    """
    (height, width), count = size, centers.shape[1]
    with without_autocast(x):
        centers, across, along = (
            at_least_float32(points)[:, :, None, None]  # (N, P, 1, 1, 2)
            for points in (centers, across, along)
        )
        s = _edge_to_edge(width, centers)[:, None]  # (width, 1)
        t = _edge_to_edge(height, centers)[:, None, None]  # (height, 1, 1)
        points = centers + s * across + t * along  # (N, P, height, width, 2)
        last = points.new_tensor([x.shape[-1] - 1, x.shape[-2] - 1])
        grid = points * (2 / last.clamp(min=1)) - 1
        # The crops of a map one below the other: it is read once.
        crops = F.grid_sample(
            x.to(grid.dtype),
            grid.flatten(1, 2),
            padding_mode='border',
            align_corners=True,
        )  # (N, C, P * height, width)
    crops = crops.unflatten(2, (count, height)).transpose(1, 2)
    return crops.to(x.dtype)


def _edge_to_edge(length: int, like: Tensor) -> Tensor:
    """Centres of pixels where -1 and 1 are the outer edges, (length,)."""
    places = torch.arange(length, dtype=like.dtype, device=like.device)
    return (2 * places + 1) / length - 1
