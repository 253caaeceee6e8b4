"""Keypoints of any supported skeleton as arrays, checked, to OpenPose-18."""

import numbers
from pathlib import Path

import numpy as np
import torch

from mmposetransfer.errors import UserValueError
from mmposetransfer.geometry.skeletons import (
    SKELETONS,
    convert_keypoints,
)
from mmposetransfer.utils.build_errors import did_you_mean
from mmposetransfer.utils.spelling import spell

__all__ = ['drop_unsure', 'read_npy', 'to_openpose18']

# Pixels; larger numbers are no coordinates, and some no longer float32.
FARTHEST = 1e6
# Formats with a face and hands, which follow the joints of a skeleton: name
# -> number of joints, and that skeleton.
WHOLE_BODIES = {'wholebody133': (133, 'coco17'), 'halpe136': (136, 'halpe26')}


def to_openpose18(
    keypoints, name: str = 'the keypoints', skeleton: str | None = None
) -> np.ndarray:
    """Check an array of keypoints and convert it to OpenPose-18.

    Args:
        keypoints (ndarray | Tensor | Sequence): (K, 2) x, y or (K, 3) x, y,
            score. Missing joints have score 0, or -1 for x or y.
        name: What error messages call it.
        skeleton: 'openpose18', 'coco17', 'body25', 'halpe26', 'mediapipe33',
            or 'wholebody133' or 'halpe136', whose faces and hands are left
            out. Defaults to the one that has K joints.

    Returns:
        (18, 3) float32; missing joints are three zeros.

    Raises:
        ValueError: If the number of joints is wrong, or a joint that is not
            missing is not finite.
    """
    points = _as_numbers(keypoints, name)
    if points.ndim != 2 or points.shape[1] not in (2, 3):
        raise UserValueError(
            f'{name}: expected joints of shape (K, 2) or (K, 3), got '
            f'{points.shape}'
        )
    skeleton = _find_skeleton(len(points), name, skeleton)
    points = points[: SKELETONS[skeleton].num_joints]
    if points.shape[1] == 2:
        points = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    _check_finite(points, name, SKELETONS[skeleton].joints)
    missing = (points[:, 2] == 0) | (points[:, :2] == -1).any(1)
    points[missing] = 0
    if skeleton != 'openpose18':
        points = convert_keypoints(points, skeleton)
    return points.astype(np.float32)


def _as_numbers(keypoints, name):
    """A copy as float64; of text or complex numbers there is none."""
    try:
        if isinstance(keypoints, torch.Tensor):
            # NumPy knows no bfloat16.
            keypoints = keypoints.detach().cpu().double().numpy()
        points = np.array(keypoints)
        if points.dtype.kind not in 'biufO':
            raise TypeError
        return points.astype(np.float64)
    except (OverflowError, RuntimeError, TypeError, ValueError):
        raise UserValueError(
            f'{name}: not all joints are numbers x, y or x, y, score'
        ) from None


def _find_skeleton(count, name, skeleton):
    """The skeleton that the first of so many joints are of."""
    formats = {key: (s.num_joints, key) for key, s in SKELETONS.items()}
    formats |= WHOLE_BODIES
    if skeleton is None:
        skeleton = next(
            (key for key, (n, _) in formats.items() if n == count), None
        )
        if skeleton is None:
            known = ', '.join(
                f'{n} ({key})' for key, (n, _) in formats.items()
            )
            raise UserValueError(
                f'{name}: no skeleton has {count} joints; known are {known}'
            )
    if skeleton not in formats:
        raise UserValueError(
            f'unknown skeleton {skeleton!r}; known are {sorted(formats)}.'
            f'{did_you_mean(skeleton, formats)}'
        )
    wanted, body = formats[skeleton]
    if wanted != count:
        raise UserValueError(
            f'{name}: {skeleton} has {wanted} joints, got {count}'
        )
    return body


def _check_finite(points, name, joints):
    there = points[points[:, 2] != 0]
    if (np.abs(there) <= FARTHEST).all() and (there[:, 2] >= 0).all():
        return  # the usual case, which tables have by the ten thousands
    for i, point in enumerate(points):
        if point[2] == 0:
            continue  # its x and y mean nothing
        for axis, value in zip(('x', 'y', 'score'), point, strict=True):
            if not np.isfinite(value) or (axis == 'score' and value < 0):
                raise UserValueError(
                    f'{name}: the {axis} of joint {i} ({joints[i]}) is '
                    f'{value}; a missing joint has score 0, or -1 for x and y'
                )
            if abs(value) > FARTHEST:
                raise UserValueError(
                    f'{name}: the {axis} of joint {i} ({joints[i]}) is '
                    f'{value:g}, which is no place in an image of pixels'
                )


def drop_unsure(
    keypoints: np.ndarray, min_score: float, name: str = 'the keypoints'
) -> np.ndarray:
    """Make joints missing that a detector is not sure of.

    Args:
        keypoints: (18, 3), as of `to_openpose18`.
        min_score: Joints below it become three zeros.
        name: What error messages call it.

    Returns:
        (18, 3), a copy.

    Raises:
        ValueError: If ``min_score`` is no score, or no joint reaches it.
    """
    if not isinstance(min_score, numbers.Real) or not min_score >= 0:
        raise UserValueError(
            f'{spell("min_score")} must be a number of at least 0, got '
            f'{min_score!r}'
        )
    scores = keypoints[:, 2].astype(np.float64)
    if 0 < scores.max() < min_score:
        raise UserValueError(
            f'{name}: no joint has a score of {spell("min_score", min_score)};'
            f' the surest has {scores.max():.3g}'
        )
    return np.where((scores < min_score)[:, None], 0, keypoints)


def read_npy(path: str | Path) -> np.ndarray:
    """Read an array of numbers.

    Args:
        path: The ``.npy``.

    Returns:
        As it is in the file.

    Raises:
        ValueError: If it holds no array of numbers.
    """
    try:
        content = np.load(path, allow_pickle=False)
        if not isinstance(content, np.ndarray):
            content.close()
            raise ValueError('it is an .npz archive of several')
    except Exception as error:  # a damaged header fails in many ways
        raise UserValueError(
            f"'{path}' is no array of numbers: {error}"
        ) from None
    return content
