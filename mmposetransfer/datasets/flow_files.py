"""Files of flow and visibility in either format, checked when read.

``.corr`` is the paper's format, see ``flow_io``. ``.npz`` is a zip archive of
three numpy arrays: ``flow`` (2, H, W) int16 in fractions of a pixel,
``scale``, how many of them a pixel has (64, as in KITTI's flow files, for
pictures of up to 510 pixels), and ``visibility`` (1, H, W) uint8.
"""

import os
import zipfile

import numpy as np

from mmposetransfer.structures.visibility import BACKGROUND
from mmposetransfer.utils.atomic_write import atomic_write

from .flow_io import read_corr, write_corr

__all__ = [
    'FLOW_FORMATS',
    'check_flow_file',
    'find_flow_file',
    'read_flow',
    'read_flow_npz',
    'write_flow',
    'write_flow_npz',
]

#: The endings of files of flow, the paper's first.
FLOW_FORMATS = ('.corr', '.npz')
_LARGEST = 32767  # int16
_KEYS = ('flow', 'scale', 'visibility')


def _scale(size):
    """Fractions of a pixel, so that the largest flow fits into int16."""
    return 2 ** min(6, int(np.log2(_LARGEST / (max(size) + 1))))


def write_flow_npz(path, flow, visibility):
    """Write flow and visibility to an ``.npz``, whole or not at all.

    Flow is rounded to 1/64 pixel, or to more for pictures beyond 510 pixels,
    and clipped to the width and height, as :func:`read_corr` does.

    Args:
        path (str | Path): The file.
        flow (ndarray): (2, H, W), pixels.
        visibility (ndarray): (1, H, W), classes.

    Raises:
        WriteError: If it cannot be written, as on a full disk.
    """
    height, width = size = visibility.shape[-2:]
    scale = _scale(size)
    fixed = np.multiply(flow, np.float32(scale), dtype=np.float32)
    for part, limit in zip(
        fixed, (width * scale, height * scale), strict=True
    ):
        np.clip(part, -limit, limit, out=part)
    np.rint(fixed, out=fixed)
    arrays = (
        fixed.astype('<i2'),
        np.array(scale, '<i4'),
        visibility.astype(np.uint8, copy=False),
    )
    # What numpy.savez_compressed writes, at the level that takes a third of
    # the time for files a tenth larger.
    with (
        atomic_write(path) as file,
        zipfile.ZipFile(
            file, 'w', zipfile.ZIP_DEFLATED, compresslevel=1
        ) as archive,
    ):
        for key, array in zip(_KEYS, arrays, strict=True):
            with archive.open(f'{key}.npy', 'w') as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)


def read_flow_npz(path):
    """Read what :func:`write_flow_npz` wrote; nothing in it is executed.

    Args:
        path (str | Path): The file.

    Returns:
        tuple[ndarray]: Flow float32 (2, H, W), 0 on the background, and
        visibility uint8 (1, H, W).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is none of these files, or damaged.
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(f"There is no flow file '{path}'.")
    try:
        with np.load(path, allow_pickle=False) as file:
            flow, scale, visibility = (file[key] for key in _KEYS)
    except Exception as error:  # a damaged archive fails in many ways
        raise ValueError(
            f"'{path}' is damaged, or no .npz of flow: {error}"
        ) from error
    good = (
        flow.dtype == np.int16
        and flow.ndim == 3
        and len(flow) == 2
        and visibility.dtype == np.uint8
        and visibility.shape == (1, *flow.shape[1:])
        and scale.shape == ()
        and scale > 0
    )
    if not good:
        raise ValueError(
            f"'{path}' should hold flow (2, H, W) of int16, scale and "
            f'visibility (1, H, W) of uint8, got {flow.shape} of '
            f'{flow.dtype}, {scale.shape} and {visibility.shape} of '
            f'{visibility.dtype}.'
        )
    if visibility.max(initial=0) > BACKGROUND:
        raise ValueError(
            f"'{path}' is damaged: it has visibility class "
            f'{visibility.max()}, known are 0, 1 and 2.'
        )
    flow = flow.astype(np.float32) / np.float32(scale)
    flow[:, visibility[0] == BACKGROUND] = 0
    return flow, visibility


_READ = {'.corr': read_corr, '.npz': read_flow_npz}
_WRITE = {'.corr': write_corr, '.npz': write_flow_npz}


def _format(path, known):
    ending = os.path.splitext(path)[1]
    if ending not in known:
        raise ValueError(
            f"'{path}': a file of flow ends in {' or '.join(FLOW_FORMATS)}"
        )
    return known[ending]


def read_flow(path):
    """Read flow and visibility from a file of either format.

    Args:
        path (str | Path): A ``.corr`` or ``.npz``.

    Returns:
        tuple[ndarray]: Flow float32 (2, H, W) and visibility uint8
        (1, H, W).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is damaged or of no known format.
    """
    return _format(path, _READ)(path)


def write_flow(path, flow, visibility):
    """Write flow and visibility in the format that the path ends in.

    Args:
        path (str | Path): A ``.corr`` or ``.npz``.
        flow (ndarray): (2, H, W), pixels.
        visibility (ndarray): (1, H, W), classes.

    Raises:
        ValueError: If it ends in neither.
        WriteError: If it cannot be written, as on a full disk.
    """
    _format(path, _WRITE)(path, flow, visibility)


def find_flow_file(path):
    """The file of a pair, in whichever format it is there.

    Args:
        path (str | Path): With the ending of one format.

    Returns:
        str | None: The path, or the same with another format's ending; None
        if there is neither.
    """
    stem = os.path.splitext(path)[0]
    for ending in (os.path.splitext(path)[1], *FLOW_FORMATS):
        if os.path.isfile(stem + ending):
            return stem + ending
    return None


def check_flow_file(path, size):
    """See whether a file is whole and as it should be.

    An ``.npz`` has a checksum, so that every damage is found. A ``.corr`` has
    none: its length, classes and positions are looked at, and whether the
    flow is 0 on the background.

    Args:
        path (str | Path): The file.
        size (tuple[int, int]): (height, width) it should have.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or of another size.
    """
    flow, visibility = read_flow(path)
    if visibility.shape[1:] != tuple(size):
        height, width = visibility.shape[1:]
        raise ValueError(
            f"'{path}' is of {height}x{width} pixels, expected "
            f'{size[0]}x{size[1]}'
        )
    if os.path.splitext(path)[1] == '.corr':
        _check_background(path, visibility[0])


def _check_background(path, visibility):
    """Background pixels of a ``.corr`` hold their own positions."""
    height, width = visibility.shape
    corr = np.fromfile(path, '<f4', 2 * height * width, offset=8).reshape(
        height, width, 2
    )
    right = (corr[..., 0] == np.arange(width)) & (
        corr[..., 1] == np.arange(height)[:, None]
    )
    if not (right | (visibility != BACKGROUND)).all():
        raise ValueError(
            f"'{path}' is damaged: it has flow where there is no body"
        )
