"""Holes of a picture, filled in from what is known around them."""

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ['fill_holes']

# The taps of a binomial filter, whose means of half the size do not shift.
OUTER, INNER = 0.125, 0.375
TINY = 1e-6


def fill_holes(image: Tensor, known: Tensor) -> Tensor:
    """Fill in what is not known, smoothly, by a pyramid (pull-push).

    Weighted means of what is known go down to a single pixel; on the way
    back each level keeps what it knows and takes the rest from the level
    below. A hole is filled by colours of its border, the finer the nearer to
    it, in a time that does not depend on the size of the hole.

    Source: Gortler et al., "The Lumigraph", SIGGRAPH 1996, Sec. 3.4.

    Args:
        image (Tensor): Of any range, (N, C, H, W); what stands in the holes
            has no influence, as long as it is finite.
        known (Tensor): How much each pixel is known, in [0, 1],
            (N, 1, H, W). 1 keeps the pixel as it is, 0 is a hole.

    Returns:
        Tensor: (N, C, H, W), of the type of ``image``; zeros where nothing
        of a picture is known.

    Raises:
        ValueError: If the shapes do not fit.
    """
    if image.ndim != 4 or known.shape != (
        image.shape[0],
        1,
        *image.shape[2:],
    ):
        raise ValueError(
            'Expected image (N, C, H, W) and known (N, 1, H, W), got '
            f'{tuple(image.shape)} and {tuple(known.shape)}.'
        )
    weight = known.float().clamp(0, 1)
    return _fill(image.float(), weight).to(image.dtype)


def _fill(image: Tensor, weight: Tensor) -> Tensor:
    """One level: what is known, and the level below for the rest."""
    height, width = image.shape[-2:]
    if height == width == 1:
        return image * (weight > 0)
    total = _halve(image * weight)
    share = _halve(weight)
    # As soon as a quarter of the pixels is known, so is their mean.
    below = _fill(total / share.clamp(min=TINY), (4 * share).clamp(max=1))
    above = F.interpolate(
        below, scale_factor=2, mode='bilinear', align_corners=False
    )[..., :height, :width]
    return torch.lerp(above, image, weight)


def _halve(x: Tensor) -> Tensor:
    """Filter and take every second pixel; zeros count beyond the border."""
    height, width = x.shape[-2:]
    x = F.pad(x, (1, 1 + width % 2, 1, 1 + height % 2))
    for axis in (2, 3):
        # Slices: a strided convolution of single channels takes longer.
        count = x.shape[axis] // 2 - 1
        parts = [
            x.narrow(axis, start, 2 * count).unflatten(axis, (count, 2))
            for start in (0, 2)
        ]
        (a, b), (c, d) = (part.unbind(axis + 1) for part in parts)
        x = OUTER * (a + d) + INNER * (b + c)
    return x
