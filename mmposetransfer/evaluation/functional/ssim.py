"""Structural similarity, with the settings that published numbers need.

"SSIM" in pose transfer papers means several things: other windows, other
ranges, and numbers that differ by 0.05 for the same pictures. The settings of
the papers have names in `mmposetransfer.evaluation.protocols`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmposetransfer.errors import UserValueError

__all__ = ['ms_ssim', 'ssim']

# Exponents of the five scales; Wang, Simoncelli & Bovik, 2003.
_SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def ssim(
    pred: Tensor,
    target: Tensor,
    window: str = 'gaussian',
    window_size: int | None = None,
    sigma: float = 1.5,
    data_range: float | str = 1.0,
    sample_covariance: bool = False,
    border: str = 'valid',
) -> Tensor:
    """Mean structural similarity of each image of a batch.

    Wang et al., "Image quality assessment", 2004, equation 13, with
    K1 = 0.01 and K2 = 0.03, averaged over channels and windows. Computed in
    double precision.

    Args:
        pred: Generated images, (N, C, H, W), in [0, 1] or in the range that
            ``data_range`` tells.
        target: True images, same shape and range.
        window: 'gaussian' or 'uniform'.
        window_size: Side of the window in pixels, odd. Defaults to 7 for
            'uniform'; for 'gaussian' to the size that scikit-image cuts it
            at, 3.5 sigma to each side.
        sigma: Standard deviation of the gaussian, in pixels.
        data_range: Span of the values, or 'generated': maximum minus minimum
            of each generated image (but at least one 8-bit step of a [0, 1]
            image, so that a blank image has a value).
        sample_covariance: Divide variances by n - 1 in place of n.
        border: 'valid' averages over the windows that lie wholly inside the
            image, as scikit-image does; 'reflect' over windows around all
            pixels of an image mirrored at its border, as torchmetrics does.

    Returns:
        Tensor: (N,) double, in [-1, 1]; 1 means identical.
    """
    _check_images(pred, target)
    weights = _window(window, window_size, sigma)
    size = len(weights)
    if min(pred.shape[-2:]) < size:
        raise UserValueError(
            f'SSIM with a window of {size} pixels needs images of at least '
            f'{size}x{size}, got {tuple(pred.shape[-2:])} (height, width): '
            'take larger ones, or a protocol that resizes them or has a '
            "smaller window ('official' 7, 'dsc' 11, 'gfla' 51)"
        )
    if border not in ('valid', 'reflect'):
        raise ValueError(
            f"border must be 'valid' or 'reflect', got {border!r}"
        )
    norm = size**2 / (size**2 - 1) if sample_covariance else 1.0
    # One image at a time stays in a CPU's cache: three times as fast.
    chunk = 1 if pred.device.type == 'cpu' else max(len(pred), 1)
    pairs = zip(pred.split(chunk), target.split(chunk), strict=True)
    return torch.cat(
        [
            _mean_similarity(*pair, weights, data_range, norm, border)
            for pair in pairs
        ]
    )


def ms_ssim(
    pred: Tensor,
    target: Tensor,
    data_range: float = 1.0,
    border: str = 'reflect',
) -> Tensor:
    """Multi-scale structural similarity of each image of a batch.

    Wang, Simoncelli & Bovik, "Multi-scale structural similarity for image
    quality assessment", 2003: contrast and structure at five scales, each
    half as large by means of 2x2 pixels, luminance at the last; gaussian
    windows of 11 pixels. A term below 0 counts as 0. Computed in double
    precision.

    Args:
        pred: Generated images, (N, C, H, W), in [0, ``data_range``].
        target: True images, same shape and range.
        data_range: Span of the values.
        border: Of the last scale: 'reflect' takes windows around all pixels
            of the mirrored image, as torchmetrics does, 'valid' those that
            lie inside, as the authors do. All other scales are 'valid'.

    Returns:
        Tensor: (N,) double, in [0, 1]; 1 means identical.

    Raises:
        ValueError: If the images are too small for five scales.
    """
    _check_images(pred, target)
    weights = _window('gaussian', None, 1.5)
    halvings = len(_SCALES) - 1
    fewest = len(weights) << (halvings - (border == 'reflect'))
    if min(pred.shape[-2:]) < fewest:
        raise UserValueError(
            f'MS-SSIM of {len(_SCALES)} scales needs images of at least '
            f'{fewest}x{fewest}, got {tuple(pred.shape[-2:])} (height, '
            'width): compare larger ones, or by SSIM'
        )
    pred, target = pred.double(), target.double()
    product: Tensor | float = 1.0
    for scale, exponent in enumerate(_SCALES):
        last = scale == halvings
        luminance, contrast = _similarity(
            pred, target, weights, data_range, 1.0, border if last else 'valid'
        )
        term = luminance * contrast if last else contrast
        product = product * term.mean((1, 2, 3)).clamp(min=0) ** exponent
        pred, target = F.avg_pool2d(pred, 2), F.avg_pool2d(target, 2)
    return product


def _mean_similarity(
    pred: Tensor,
    target: Tensor,
    weights: list[float],
    data_range: float | str,
    norm: float,
    border: str,
) -> Tensor:
    """Equation 13, averaged over each image."""
    luminance, contrast = _similarity(
        pred, target, weights, data_range, norm, border
    )
    return (luminance * contrast).mean(dim=(1, 2, 3))


def _similarity(
    pred: Tensor,
    target: Tensor,
    weights: list[float],
    data_range: float | str,
    norm: float,
    border: str,
) -> tuple[Tensor, Tensor]:
    """Luminance, and contrast with structure, of each window."""
    pred, target = pred.double(), target.double()
    if data_range == 'generated':
        flat = pred.flatten(1)
        span = (flat.amax(1) - flat.amin(1)).clamp(min=1 / 255)
        span = span.view(-1, 1, 1, 1)
    else:
        span = pred.new_tensor(float(data_range))
    if border == 'reflect':
        margin = 4 * [len(weights) // 2]
        pred = F.pad(pred, margin, mode='reflect')
        target = F.pad(target, margin, mode='reflect')
    moments = torch.cat(
        [pred, target, pred * pred, target * target, pred * target]
    )
    moments = _filter(_filter(moments, weights, axis=2), weights, axis=3)
    mean_p, mean_t, pp, tt, pt = moments.chunk(5)
    var_p = norm * (pp - mean_p * mean_p)
    var_t = norm * (tt - mean_t * mean_t)
    cov = norm * (pt - mean_p * mean_t)
    c1, c2 = (0.01 * span) ** 2, (0.03 * span) ** 2
    luminance = (2 * mean_p * mean_t + c1) / (mean_p**2 + mean_t**2 + c1)
    return luminance, (2 * cov + c2) / (var_p + var_t + c2)


def _check_images(pred: Tensor, target: Tensor) -> None:
    if pred.ndim != 4 or pred.shape != target.shape:
        raise ValueError(
            'expected two batches of images of one shape '
            f'(N, C, H, W), got {tuple(pred.shape)} and '
            f'{tuple(target.shape)}'
        )


def _window(window: str, size: int | None, sigma: float) -> list[float]:
    """One axis of the separable window: its weights, summing to 1."""
    if window == 'uniform':
        size = size or 7
        weights = torch.ones(size, dtype=torch.double)
    elif window == 'gaussian':
        size = size or 2 * int(3.5 * sigma + 0.5) + 1
        offset = torch.arange(size, dtype=torch.double) - (size - 1) / 2
        weights = torch.exp(-0.5 * (offset / sigma) ** 2)
    else:
        raise ValueError(
            f"window must be 'gaussian' or 'uniform', got {window!r}"
        )
    if size % 2 == 0 or size < 3:
        raise ValueError(f'window_size must be odd and at least 3, got {size}')
    return (weights / weights.sum()).tolist()


def _filter(x: Tensor, weights: list[float], axis: int) -> Tensor:
    """Weighted sum of neighbours along one axis, where the window fits."""
    size = len(weights)
    length = x.shape[axis] - size + 1
    if weights[0] == weights[size // 2]:  # uniform: differences of a sum
        total = F.pad(x.cumsum(axis), (1, 0) if axis == 3 else (0, 0, 1, 0))
        upper = total.narrow(axis, size, length)
        return (upper - total.narrow(axis, 0, length)) * weights[0]
    # Adding shifted copies is six times as fast as a convolution in double.
    out = x.narrow(axis, 0, length) * weights[0]
    for i in range(1, size):
        out.add_(x.narrow(axis, i, length), alpha=weights[i])
    return out
