"""Whether joints lie in the picture that they are said to be of.

Convention: sizes are (height, width), points (x, y) in pixels with the origin
at the centre of the top-left pixel.
"""

from typing import NamedTuple

import numpy as np

from mmposetransfer.errors import UserValueError
from mmposetransfer.geometry.skeletons import validate_keypoints

from .people import warn_once

__all__ = [
    'Misplacement',
    'are_shares',
    'check_keypoints',
    'fit_to_picture',
    'misplacement',
    'place',
]

# Of the joints that are there, so many may lie outside: annotators and
# detectors follow a limb beyond the border.
MOST_OUTSIDE = 1 / 3
# Pixels: joints at the border are rounded outwards.
GRACE = 1.0
# Coordinates up to here are no pixels but shares of width and height; joints
# may lie somewhat outside of the picture.
MOST_SHARE = 2.0
NO_SHARES = 'coordinates have to be in pixels, not scaled to [0, 1]'
# By how much pictures usually differ in size.
FACTORS = (1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 16)
# A canvas has rounded sides: how much its aspect may be off.
SAME_ASPECT = 0.03


class Misplacement(NamedTuple):
    """Joints outside of their picture.

    Attributes:
        serious: Whether they are so many that they must be of another one.
        text: How many, how far, and how much larger the other one seems.
        found_in: (height, width) that the other one seems to have, or None.
    """

    serious: bool
    text: str
    found_in: tuple[int, int] | None


def are_shares(points: np.ndarray) -> bool:
    """Whether coordinates are shares of width and height, and no pixels.

    Args:
        points: (N, 2) x, y of joints that are there.

    Returns:
        True if there are some, all of them next to the first pixel.
    """
    return bool(len(points)) and float(np.abs(points).max()) <= MOST_SHARE


def misplacement(
    keypoints: np.ndarray, size: tuple[int, int] | None
) -> Misplacement | None:
    """See whether joints lie outside of a picture.

    Args:
        keypoints: (K, 3) x, y, score; missing joints have score 0.
        size: (height, width) of the picture; None if it is not known.

    Returns:
        What is odd; None if all joints lie inside, or within a pixel of the
        border, and are not all at the first pixel, as those are that were
        scaled to [0, 1].
    """
    points = keypoints[keypoints[:, 2] > 0, :2].astype(np.float64)
    if len(points) > 1 and are_shares(points):
        return Misplacement(
            True,
            f'all {len(points)} joints lie within {MOST_SHARE:g} pixels of '
            f'the corner; {NO_SHARES}',
            None,
        )
    if size is None:
        return None
    limits = np.array(size[::-1], np.float64)
    outside = ((points < -GRACE) | (points > limits - 1 + GRACE)).any(1)
    if not outside.any():
        return None
    serious = outside.mean() > MOST_OUTSIDE
    height, width = size
    text = (
        f'{outside.sum()} of {len(points)} joints lie outside of the '
        f'picture, which has {width}x{height} pixels (width x height)'
    )
    if not serious:
        return Misplacement(False, text, None)
    reach = points.max(0) + 1
    ratio = (reach / limits).max()
    factor = next((f for f in FACTORS if f > ratio - 0.02), None)
    if factor is None or ratio <= 1:
        return Misplacement(
            True,
            f'{text}: they are of another picture; take those of this one',
            None,
        )
    text += (
        f', while they reach to {reach[0]:.0f}x{reach[1]:.0f}: they '
        f'seem to be of a picture {float(factor)} times as large'
    )
    return Misplacement(
        True, text, (round(height * factor), round(width * factor))
    )


def place(
    keypoints: np.ndarray,
    size: tuple[int, int] | None,
    name: str,
    found_in: tuple[int, int] | None = None,
    way_out: str = '',
) -> tuple[np.ndarray, Misplacement | None]:
    """Bring joints to their picture, and refuse those of another one.

    Args:
        keypoints: (K, 3) x, y, score.
        size: (height, width) of the picture; None if it is not known.
        name: What messages call the keypoints.
        found_in: (height, width) of the canvas in which they were found,
            where that is known: the same picture in another size.
        way_out: What to do about joints of a larger picture, beside scaling
            them; '{size}' in it becomes the size of that.

    Returns:
        The keypoints, (K, 3), as they were or scaled; and what is odd, if
        single joints lie outside.

    Raises:
        ValueError: If more than a third of the joints that are there lie
            outside of the picture, or they are scaled to [0, 1], or the
            canvas is of another shape.
    """
    if None not in (size, found_in) and tuple(found_in) != tuple(size):
        keypoints = _scale(keypoints, size, name, found_in)
    found = misplacement(keypoints, size)
    if found is not None and found.serious:
        text = f'{name}: {found.text}'
        if found.found_in is not None:
            text += '; scale them' + way_out.format(size=found.found_in)
        raise UserValueError(text)
    return keypoints, found


def fit_to_picture(
    keypoints: np.ndarray,
    size: tuple[int, int] | None,
    name: str,
    found_in: tuple[int, int] | None = None,
    told: set | None = None,
) -> np.ndarray:
    """As `place`, with a warning of single joints outside.

    Args:
        keypoints: As of `place`.
        size: As of `place`.
        name: As of `place`.
        found_in: As of `place`.
        told: Of calls that hand over the same set only the first one warns.

    Returns:
        (K, 3), as they were or scaled.

    Raises:
        ValueError: As `place`.
    """
    keypoints, found = place(keypoints, size, name, found_in)
    if found is not None:
        warn_once(f'{name}: {found.text}', told)
    return keypoints


def _scale(keypoints, size, name, found_in):
    scale = np.divide(size[::-1], found_in[::-1])
    if abs(scale[0] / scale[1] - 1) > SAME_ASPECT:
        raise UserValueError(
            f'{name}: they were found in a picture of {found_in[1]}x'
            f'{found_in[0]} pixels (width x height), and this one has '
            f'{size[1]}x{size[0]}, which is another shape'
        )
    # As shares of width and height, which is how such a file means them.
    return keypoints * np.float32([*scale, 1])


def check_keypoints(
    keypoints: np.ndarray, name: str = 'the keypoints'
) -> None:
    """Refuse poses that no picture can be made of.

    Args:
        keypoints: (18, 3), as of `to_openpose18`.
        name: What error messages call it.

    Raises:
        ValueError: If all joints are missing, or lie in one spot (as
            keypoints scaled to [0, 1] do).
    """
    keypoints = validate_keypoints(keypoints, name=name)
    points = keypoints[keypoints[:, 2] > 0, :2]
    if len(points) > 1 and np.ptp(points, axis=0).max() < 2:
        raise UserValueError(
            f'{name}: all joints lie within 2 pixels (around '
            f'{points.mean(0).round(2).tolist()}); {NO_SHARES}'
        )
