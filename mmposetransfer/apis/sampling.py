"""A photograph, read at positions of any density without aliasing."""

import cv2
import numpy as np

__all__ = ['sample_photograph']

# OpenCV's remap takes no larger sides.
MAX_SIDE = 32000
# Pictures of a pyramid are not made smaller than this.
MIN_SIDE = 8


def sample_photograph(photograph, positions, density):
    """Read a photograph at many positions, bicubic.

    Where the positions lie further apart than the photograph's pixels, it is
    read from a pyramid of smaller pictures (a mipmap), so that a fine pattern
    becomes grey, and no other pattern.

    Convention: positions are (x, y) in pixels with the origin at the centre
    of the top-left pixel; beyond the border its pixels are repeated.

    Args:
        photograph (ndarray): (H, W, C) uint8 or float32.
        positions (ndarray): (h, w, 2).
        density (ndarray): (h, w): how many pixels of the photograph there
            are from one position to the next; 1 or less where it is shown
            at its size or larger.

    Returns:
        ndarray: (h, w, C) float32.
    """
    sides = np.array(photograph.shape[:2])
    # Levels halve the sides; they are whole from `first` to `last`.
    first = int(np.ceil(max(0, np.log2(sides.max() / MAX_SIDE))))
    last = max(first, int(np.log2(max(1, sides.min() / MIN_SIDE))))
    level = np.log2(np.maximum(density, 1)).clip(first, last)
    result = np.zeros((*positions.shape[:2], photograph.shape[2]), np.float32)
    picture = photograph
    for number in range(int(np.ceil(level.max())) + 1):
        if number:
            height, width = picture.shape[:2]
            size = (max(1, width // 2), max(1, height // 2))
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        share = np.maximum(1 - np.abs(level - number), 0)
        if share.any():
            scale = np.array(picture.shape[1::-1]) / sides[::-1]
            there = ((positions + 0.5) * scale - 0.5).astype(np.float32)
            part = cv2.remap(
                picture.astype(np.float32),
                there,
                None,
                cv2.INTER_CUBIC,
                borderMode=cv2.BORDER_REPLICATE,
            )
            result += share[..., None].astype(np.float32) * part
    return result
