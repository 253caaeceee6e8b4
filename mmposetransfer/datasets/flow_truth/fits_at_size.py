"""Fits of the same photographs in another size."""

from dataclasses import replace

import numpy as np

from mmposetransfer.errors import UserValueError

from ..image_sizes import shown_columns

__all__ = ['fits_at_size']


def fits_at_size(fits, size):
    """Move cameras, so that bodies lie where pictures of a size show them.

    As images are brought to another size; see ``datasets/image_sizes.py``.

    Args:
        fits (BodyFits): Of pictures of any sizes. Where a size is not known,
            it is taken to be the new one.
        size (tuple[int, int]): (height, width) of the pictures.

    Returns:
        BodyFits: The same bodies, all of this size.

    Raises:
        ValueError: If the size is none.
    """
    height, width = map(int, size)
    if min(height, width) < 1:
        raise UserValueError(
            f'size: expected positive height and width, got {height}x{width}'
        )
    camera = fits.camera.copy()
    for old in np.unique(fits.sizes, axis=0):
        if min(old) < 1 or tuple(old) == (height, width):
            continue
        rows = (fits.sizes == old).all(1)
        left, count = shown_columns(old, (height, width))
        scale_x, scale_y = width / count, height / old[0]
        camera[rows, 0] *= scale_y
        camera[rows, 1] = (camera[rows, 1] - left + 0.5) * scale_x - 0.5
        camera[rows, 2] = (camera[rows, 2] + 0.5) * scale_y - 0.5
    sizes = np.tile(np.int32([height, width]), (len(fits), 1))
    return replace(fits, camera=camera, sizes=sizes)
