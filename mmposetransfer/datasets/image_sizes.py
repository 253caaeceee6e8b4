"""The same photograph in several sizes: 256x256, 256x176, 512x352.

Convention: sizes are (height, width). Two pictures of one photograph show its
whole height, and their centres agree; the narrower one is cropped at both
sides. So columns 40 to 215 of 256x256 are the picture of 256x176, and twice
that of 512x352. Points are (x, y) with the origin at the centre of the
top-left pixel.
"""

import cv2
import numpy as np

from mmposetransfer.errors import UserValueError
from mmposetransfer.structures import Field
from mmposetransfer.structures.visibility import (
    BACKGROUND,
    INVISIBLE,
    VISIBLE,
)

__all__ = [
    'drop_outside',
    'fit_field',
    'fit_flow',
    'fit_image',
    'fit_keypoints',
    'fit_labels',
    'read_size',
    'shown_columns',
]


def read_size(size, name='size'):
    """Check a (height, width).

    Args:
        size (Sequence[int] | None): None stays None.
        name (str): What the error calls it.

    Returns:
        tuple[int, int] | None: Height and width.

    Raises:
        ValueError: If it is no pair of positive whole numbers.
    """
    if size is None:
        return None
    try:
        height, width = size
        whole = int(height) == height >= 1 and int(width) == width >= 1
    except (TypeError, ValueError):
        whole = False
    if not whole:
        raise UserValueError(
            f"'{name}' must be (height, width) in pixels, got {size!r}"
        )
    return int(height), int(width)


def shown_columns(size, new_size):
    """Which columns a picture of another size shows.

    Args:
        size (tuple[int, int]): (height, width) of the picture.
        new_size (tuple[int, int]): Of the other one.

    Returns:
        tuple[int, int]: The first column, negative where the new picture is
        wider, and how many.
    """
    count = max(round(new_size[1] * size[0] / new_size[0]), 1)
    return (size[1] - count) // 2, count


def _cut(image, left, count, **border):
    """Columns from ``left`` on, as many as ``count``."""
    width = image.shape[1]
    before, after = max(-left, 0), max(left + count - width, 0)
    image = image[:, max(left, 0) : min(left + count, width)]
    if before or after:
        image = cv2.copyMakeBorder(image, 0, 0, before, after, **border)
    return image


def fit_image(image, size):
    """Bring a picture to another size.

    Args:
        image (ndarray): (H, W, 3) uint8.
        size (tuple[int, int]): The new one. Columns that are missing repeat
            the border.

    Returns:
        ndarray: (H', W', 3).
    """
    if image.shape[:2] == tuple(size):
        return image
    image = _cut(
        image,
        *shown_columns(image.shape, size),
        borderType=cv2.BORDER_REPLICATE,
    )
    if image.shape[:2] == tuple(size):
        return np.ascontiguousarray(image)
    shrinks = image.shape[0] > size[0]
    return cv2.resize(
        image,
        tuple(size)[::-1],
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC,
    )


def fit_labels(labels, size, fill):
    """Bring classes of pixels to another size; none are mixed.

    Args:
        labels (ndarray): (H, W), of any type.
        size (tuple[int, int]): The new one.
        fill: The class of columns that are missing.

    Returns:
        ndarray: (H', W').
    """
    if labels.shape == tuple(size):
        return labels
    labels = _cut(
        labels,
        *shown_columns(labels.shape, size),
        borderType=cv2.BORDER_CONSTANT,
        value=fill,
    )
    rows, columns = (
        (np.arange(new) + 0.5) * old // new
        for old, new in zip(labels.shape, size, strict=True)
    )
    return labels[rows.astype(int)[:, None], columns.astype(int)]


def fit_field(
    field: Field, value: np.ndarray, size: tuple[int, int]
) -> np.ndarray:
    """Bring an image, a soft map or a class map to another size.

    Args:
        field (Field): What it is.
        value (ndarray): (H, W, 3) of an image; (..., H, W) of a map.
        size (tuple[int, int]): The new one.

    Returns:
        ndarray: The same at the new size; missing columns of a map hold what
        the table of fields says.

    Raises:
        ValueError: For other kinds, which need more to be known:
            `fit_keypoints`, `fit_flow`.
    """
    if field.kind == 'image':
        return fit_image(value, size)
    if field.kind not in ('class_map', 'soft_map'):
        raise UserValueError(
            f"'{field.name}' is no image, soft map or class map but "
            f'{field.kind}: use fit_{field.kind}()'
        )
    planes = value.reshape(-1, *value.shape[-2:])
    if field.kind == 'class_map':
        fitted = [fit_labels(plane, size, field.fill) for plane in planes]
    else:
        fitted = [_fit_soft(plane, size, field.fill) for plane in planes]
    return np.stack(fitted).reshape(*value.shape[:-2], *size)


def _fit_soft(plane, size, fill):
    if plane.shape == tuple(size):
        return plane
    plane = _cut(
        plane,
        *shown_columns(plane.shape, size),
        borderType=cv2.BORDER_CONSTANT,
        value=fill,
    )
    shrinks = plane.shape[0] > size[0]
    return cv2.resize(
        plane,
        tuple(size)[::-1],
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )


def drop_outside(keypoints: np.ndarray, size: tuple[int, int]) -> None:
    """Make joints outside of a picture missing, in place.

    Args:
        keypoints (ndarray): (K, 3) x, y, score; those beyond the centres of
            the outermost pixels get score 0.
        size (tuple[int, int]): Of the picture.
    """
    height, width = size
    x, y = keypoints[:, 0], keypoints[:, 1]
    outside = (x < 0) | (y < 0) | (x > width - 1) | (y > height - 1)
    keypoints[outside, 2] = 0


def fit_keypoints(keypoints, size, new_size):
    """Move keypoints from a picture of one size to one of another.

    Args:
        keypoints (ndarray): (K, 3) x, y, score.
        size (tuple[int, int]): Of the picture in which they were found.
        new_size (tuple[int, int]): Of the picture that they are wanted in.

    Returns:
        ndarray: (K, 3); joints outside of the new picture have score 0.
    """
    keypoints = keypoints.copy()
    if tuple(size) != tuple(new_size):
        left, count = shown_columns(size, new_size)
        scale = np.divide(new_size[::-1], (count, size[0]))
        points = (keypoints[:, :2] - [left, 0] + 0.5) * scale - 0.5
        keypoints[:, :2] = points
    drop_outside(keypoints, new_size)
    return keypoints


def fit_flow(flow, visibility, size):
    """Bring flow and visibility to another size.

    Args:
        flow (ndarray): (2, H, W) float32, pixels.
        visibility (ndarray): (1, H, W) uint8.
        size (tuple[int, int]): The new one of reference and target.

    Returns:
        tuple[ndarray]: Flow (2, H', W') in pixels of the new size, and
        visibility (1, H', W'): what was visible in a part of the reference
        that is cropped away is now invisible.
    """
    old = visibility.shape[1:]
    if old == tuple(size):
        return flow, visibility
    scale = np.divide(size[::-1], (shown_columns(old, size)[1], old[0]))
    flow = np.stack(
        [
            fit_labels(part, size, 0) * np.float32(s)
            for part, s in zip(flow, scale, strict=True)
        ]
    )
    visibility = fit_labels(visibility[0], size, BACKGROUND)
    x = np.arange(size[1]) + flow[0]
    lost = (x < -0.5) | (x >= size[1] - 0.5)
    visibility = np.where(
        lost & (visibility == VISIBLE), np.uint8(INVISIBLE), visibility
    )
    return flow, visibility[None]
