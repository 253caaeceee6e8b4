"""Pixel-wise errors of images, and what is done to images before.

Convention: images are (N, C, H, W) in [0, 1] unless something else is said;
the C channels are R, G and B where there are three.
"""

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmposetransfer.errors import UserValueError
from mmposetransfer.models.warping import flow_warp
from mmposetransfer.visualization.colors import image_steps

__all__ = [
    'centre_crop',
    'l1',
    'psnr',
    'resize_images',
    'through_jpeg',
    'to_bgr_arrays',
    'to_unit_range',
    'warp_visible',
]


def to_unit_range(images: Tensor, truncate: bool = False) -> Tensor:
    """Images as the saved 8-bit pictures hold them.

    Args:
        images: Any shape, float in [-1, 1]; what lies outside is clipped.
        truncate: Go down to the next step, as a bare cast to integers does,
            in place of to the nearest.

    Returns:
        Tensor: The same shape, float in [0, 1], in steps of 1/255.
    """
    return image_steps(images.float(), truncate) / 255


def resize_images(
    images: Tensor, size: tuple[int, int], mode: str = 'bicubic'
) -> Tensor:
    """Resize pictures with a filter that does not alias, to a step as Pillow.

    Args:
        images: Pictures, (N, C, H, W), in [0, 1].
        size: New (height, width).
        mode: 'bicubic' or 'bilinear'.

    Returns:
        Tensor: (N, C, height, width), float in [0, 1], in steps of 1/255; the
        images themselves where they have the size.
    """
    if tuple(images.shape[-2:]) == tuple(size):
        return images
    resized = F.interpolate(
        images.float(), size, mode=mode, antialias=True, align_corners=False
    )
    return (resized * 255).round().clamp(0, 255) / 255


def centre_crop(images: Tensor, size: tuple[int, int]) -> Tensor:
    """The middle of images; of an odd rest the greater part goes at the end.

    Args:
        images: Images, (..., H, W).
        size: (height, width) of what is left.

    Returns:
        Tensor: (..., height, width).

    Raises:
        ValueError: If the images are smaller.
    """
    height, width = images.shape[-2:]
    if height < size[0] or width < size[1]:
        raise UserValueError(
            f'expected images of at least {tuple(size)} (height, width) to '
            f'crop from, got {(height, width)}'
        )
    top, left = (height - size[0]) // 2, (width - size[1]) // 2
    return images[..., top : top + size[0], left : left + size[1]]


def to_bgr_arrays(images: Tensor) -> list[np.ndarray]:
    """Pictures as OpenCV has them, for estimators and files.

    Args:
        images: RGB, (N, 3, H, W), in [0, 1].

    Returns:
        list[ndarray]: (H, W, 3) uint8 BGR, each.
    """
    steps = (images * 255).round().clamp(0, 255).to(torch.uint8)
    pictures = steps.flip(1).permute(0, 2, 3, 1).cpu().numpy()
    return [np.ascontiguousarray(picture) for picture in pictures]


def through_jpeg(images: Tensor, quality: int) -> Tensor:
    """Images as they come back from JPEG files that OpenCV writes.

    Args:
        images: Pictures of three channels, (N, 3, H, W), in [0, 1].
        quality: 0 to 100.

    Returns:
        Tensor: The same shape and device, float in [0, 1], in steps of 1/255.
    """
    decoded = []
    for bgr in to_bgr_arrays(images):
        _, data = cv2.imencode(
            '.jpg', bgr, [cv2.IMWRITE_JPEG_QUALITY, quality]
        )
        bgr = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
        decoded.append(bgr[..., ::-1])
    restored = torch.from_numpy(np.stack(decoded)).permute(0, 3, 1, 2)
    return restored.to(images.device).float() / 255


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


def warp_visible(
    reference: Tensor, flow: Tensor, visibility: Tensor
) -> Tensor:
    """Move pixels of the reference by flow, and make up none.

    Visible pixels are fetched from the reference; where there is nothing to
    fetch (the invisible parts of the body and the background) the reference
    is copied in place. By the true flow, it is the best that moving pixels of
    the reference alone can do.

    Args:
        reference: Reference images, (N, C, H, W).
        flow: In pixels, (N, 2, H, W) = (dx, dy) on the target grid.
        visibility: (N, 1, H, W): 0 visible, 1 invisible, 2 background.

    Returns:
        Tensor: (N, C, H, W).
    """
    warped = flow_warp(reference, flow)
    return torch.where(visibility == 0, warped, reference)
