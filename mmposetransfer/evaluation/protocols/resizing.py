"""The ways in which published numbers bring pictures to one size."""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from ..functional import resize_images

__all__ = ['RESIZE_FILTERS', 'resize_pictures']

RESIZE_FILTERS = ('bicubic', 'bilinear', 'lanczos')


def resize_pictures(
    images: Tensor,
    size: tuple[int, int],
    resize_filter: str = 'bicubic',
    antialias: bool = True,
) -> Tensor:
    """Resize pictures as one library or another does.

    Args:
        images: Pictures, (N, 3, H, W), in [0, 1], in steps of 1/255.
        size: New (height, width).
        resize_filter: 'bicubic', 'bilinear' or 'lanczos'.
        antialias: With it the first two are to a step what Pillow does;
            without, what OpenCV and ``torch.nn.functional.interpolate`` do.
            'lanczos' is Pillow's, which always has it.

    Returns:
        Tensor: (N, 3, height, width), float in [0, 1], in steps of 1/255; the
        images themselves where they have the size.
    """
    if tuple(images.shape[-2:]) == tuple(size):
        return images
    if resize_filter == 'lanczos':
        return _by_pillow(images, size, Image.Resampling.LANCZOS)
    if antialias:
        return resize_images(images, size, resize_filter)
    resized = F.interpolate(
        images.float(), size, mode=resize_filter, align_corners=False
    )
    return (resized * 255).round().clamp(0, 255) / 255


def _by_pillow(
    images: Tensor, size: tuple[int, int], resample: Image.Resampling
) -> Tensor:
    """Filters that torch lacks: of 8-bit pictures, one at a time."""
    steps = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1)
    resized = [
        np.asarray(Image.fromarray(picture).resize(size[::-1], resample))
        for picture in steps.cpu().numpy()
    ]
    pictures = torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2)
    return pictures.to(images.device).float() / 255
