"""A median over the classes of visibility, as the paper smooths them."""

import cv2
import numpy as np

from mmposetransfer.structures.visibility import (
    BACKGROUND,
    INVISIBLE,
    VISIBLE,
)

__all__ = ['blur_visibility']


def blur_visibility(visibility, size=5):
    """Give each pixel of the body the class that most around it have.

    The median of the classes of the body's pixels in a window. Away from the
    background it is OpenCV's ``medianBlur``; near it, where that would mix
    background in, the median is of the body's pixels alone. The silhouette
    stays as it is.

    Args:
        visibility (np.ndarray): (1, H, W) uint8: 0 visible, 1 invisible, 2
            background.
        size (int): Side of the window in pixels, odd, at most 15; the
            paper's implementation takes 5.

    Returns:
        np.ndarray: (1, H, W) uint8. Where visible and invisible pixels are
        equally many, a pixel keeps its class.

    Raises:
        ValueError: On a wrong shape or size.
    """
    if visibility.ndim != 3 or len(visibility) != 1:
        raise ValueError(
            f'visibility: expected shape (1, H, W), got {visibility.shape}'
        )
    if size % 2 != 1 or not 1 <= size <= 15:
        raise ValueError(f'size: expected an odd number up to 15, got {size}')
    classes = visibility[0]
    body = (classes != BACKGROUND).astype(np.uint8)
    hidden = _count(classes == INVISIBLE, size)
    shown = _count(body, size) - hidden
    blurred = np.where(hidden > shown, np.uint8(INVISIBLE), np.uint8(VISIBLE))
    keep = (hidden == shown) | (body == 0)
    return np.where(keep, classes, blurred)[None]


def _count(mask, size):
    """How many pixels of the window of each pixel are set; none outside."""
    return cv2.boxFilter(
        mask.astype(np.uint8),
        cv2.CV_8U,
        (size, size),
        normalize=False,
        borderType=cv2.BORDER_CONSTANT,
    )
