"""The reference's features, moved part by part to where the target is."""

import torch
from torch import Tensor

from ...warping import flow_warp
from .body_parts import NUM_PARTS, BodyParts

__all__ = ['deform_features']


def deform_features(x: Tensor, parts: BodyParts, stride: int = 1) -> Tensor:
    """A deformable skip connection (DSC, Sec. 3.2).

    The features are moved by each part's transform and kept where the part is
    in the target; of all ten the largest value counts. A part that is not at
    a place counts as 0 there.

    Convention: pixel i of features of stride s lies at ``s i + (s - 1) / 2``
    in the full picture, the middle of the pixels that it is made of.
    Bilinear, zeros outside.

    Args:
        x (Tensor): Of the reference, (N, C, H / stride, W / stride).
        parts (BodyParts): Of the pairs, in pixels of the full picture.
        stride (int): How many pixels of the picture one of ``x`` is.

    Returns:
        Tensor: Like ``x``, on the target's grid.
    """
    height, width = x.shape[-2:]
    columns, rows = (
        stride * torch.arange(length, device=x.device) + (stride - 1) / 2
        for length in (width, height)
    )
    rows = rows[:, None]
    largest = None
    for part in range(NUM_PARTS):
        xs, ys = parts.sources(part, columns, rows)
        flow = torch.stack([xs - columns, ys - rows], 1) / stride
        mask = parts.mask(part, columns, rows)[:, None]
        moved = flow_warp(x, flow, mask.to(flow.dtype))
        largest = moved if largest is None else largest.maximum(moved)
    return largest.to(x.dtype)
