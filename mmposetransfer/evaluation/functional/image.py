"""Pixel-wise errors of images, and the two baselines that cost nothing."""

import torch
from torch import Tensor

from mmposetransfer.models.warping import flow_warp

__all__ = ['l1', 'psnr', 'to_unit_range', 'warp_with_true_flow']


# Far less than a step, far more than float32 is off by: truncation must not
# lower the values of a picture that had 8 bits.
_SLACK = 1e-3


def to_unit_range(images: Tensor, truncate: bool = False) -> Tensor:
    """Images as the saved 8-bit pictures hold them.

    Args:
        images: Any shape, float in [-1, 1]; what lies outside is clipped.
        truncate: Go down to the next step, as a bare cast to integers does,
            in place of to the nearest.

    Returns:
        Tensor: The same shape, float in [0, 1], in steps of 1/255.
    """
    steps = (images.float() + 1) * 127.5
    steps = (steps + _SLACK).floor() if truncate else steps.round()
    return steps.clamp(0, 255) / 255


def psnr(pred: Tensor, target: Tensor, data_range: float = 1.0) -> Tensor:
    """Peak signal-to-noise ratio of each image of a batch.

    Args:
        pred: Generated images, (N, C, H, W), in [0, ``data_range``].
        target: True images, same shape and range.
        data_range: Span of the values.

    Returns:
        Tensor: (N,) in dB; infinite where the two are identical.
    """
    error = (pred.double() - target.double()).square().flatten(1).mean(1)
    return 10 * torch.log10(data_range**2 / error)


def l1(pred: Tensor, target: Tensor) -> Tensor:
    """Mean absolute error of each image of a batch.

    Args:
        pred: Generated images, (N, C, H, W).
        target: True images, same shape and range.

    Returns:
        Tensor: (N,) in the unit of the images.
    """
    return (pred.double() - target.double()).abs().flatten(1).mean(1)


def warp_with_true_flow(
    reference: Tensor, flow: Tensor, visibility: Tensor
) -> Tensor:
    """The best that moving pixels of the reference alone can do.

    Visible pixels are fetched from the reference by the true flow; where
    there is nothing to fetch (the invisible parts of the body and the
    background) the reference is copied in place.

    Args:
        reference: Reference images, (N, C, H, W).
        flow: True flow in pixels, (N, 2, H, W) = (dx, dy) on the target grid.
        visibility: True visibility, (N, 1, H, W): 0 visible, 1 invisible,
            2 background.

    Returns:
        Tensor: (N, C, H, W).
    """
    warped = flow_warp(reference, flow)
    return torch.where(visibility == 0, warped, reference)
