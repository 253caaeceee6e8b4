"""Files of dense correspondence in the paper's format."""

import os

import numpy as np

from mmposetransfer.structures.visibility import BACKGROUND
from mmposetransfer.utils.atomic_write import atomic_write

__all__ = ['read_corr', 'write_corr']


def _grid(height, width):
    ys, xs = np.mgrid[:height, :width]
    return np.stack([xs, ys]).astype(np.float32)


def read_corr(path):
    """Read flow and visibility from a ``.corr`` file.

    Format, little endian: int32 width, int32 height; float32 (h, w, 2), the
    position (x, y) in the reference of every target pixel; uint8 (h, w),
    visibility classes.

    Args:
        path (str | Path): The file.

    Returns:
        tuple[np.ndarray]: Flow float32 (2, H, W), clipped to the width and
        height, 0 on the background, and visibility uint8 (1, H, W).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file's length does not fit its header, or a
            position or class is none.
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(f"There is no flow file '{path}'.")
    size = os.path.getsize(path)
    if size < 8:
        raise ValueError(
            f"'{path}' is no .corr file: it has {size} bytes, "
            'its header alone takes 8.'
        )
    width, height = map(int, np.fromfile(path, '<i4', 2))
    pixels = width * height
    if width < 1 or height < 1 or size != 8 + 9 * pixels:
        raise ValueError(
            f"'{path}' is damaged: its header says {width}x{height}, for "
            f'which it should have {8 + 9 * pixels} bytes, not {size}.'
        )
    data = np.fromfile(path, np.uint8)
    corr = data[8 : 8 + 8 * pixels].view('<f4').reshape(height, width, 2)
    visibility = data[8 + 8 * pixels :].reshape(1, height, width)
    if visibility.max() > BACKGROUND:
        raise ValueError(
            f"'{path}' is damaged: it has visibility class "
            f'{visibility.max()}, known are 0, 1 and 2.'
        )
    body = visibility[0] != BACKGROUND
    if not np.isfinite(corr[body]).all():
        y, x = np.argwhere(body & ~np.isfinite(corr).all(2))[0]
        raise ValueError(
            f"'{path}' is damaged: the position at pixel ({x}, "
            f'{y}) is {corr[y, x]}.'
        )
    limit = np.float32([width, height])[:, None, None]
    flow = np.where(body, corr.transpose(2, 0, 1), 0) - _grid(height, width)
    flow = np.clip(flow, -limit, limit)
    flow[:, ~body] = 0
    return flow, visibility.copy()


def write_corr(path, flow, visibility):
    """Write flow (2, H, W) and visibility (1, H, W); see :func:`read_corr`.

    The file appears whole or not at all.

    Raises:
        WriteError: If it cannot be written, as on a full disk.
    """
    height, width = visibility.shape[-2:]
    corr = np.empty((height, width, 2), '<f4')
    corr[..., 0] = flow[0] + np.arange(width, dtype=np.float32)
    corr[..., 1] = flow[1] + np.arange(height, dtype=np.float32)[:, None]
    with atomic_write(path) as file:
        np.array([width, height], '<i4').tofile(file)
        corr.tofile(file)
        np.ascontiguousarray(visibility, np.uint8).tofile(file)
