"""Keypoints of any supported skeleton as arrays, checked, to OpenPose-18."""

import numbers

import numpy as np
import torch

from mmposetransfer.geometry.skeletons import (
    SKELETONS,
    convert_keypoints,
    validate_keypoints,
)
from mmposetransfer.utils.build_errors import did_you_mean
from mmposetransfer.utils.spelling import spell

__all__ = ['check_keypoints', 'drop_unsure', 'to_openpose18']

# Pixels; larger numbers are no coordinates, and some no longer float32.
FARTHEST = 1e6


def to_openpose18(keypoints, name='the keypoints', skeleton=None):
    """Check an array of keypoints and convert it to OpenPose-18.

    Args:
        keypoints (ndarray | Tensor | Sequence): (K, 2) x, y or (K, 3) x, y,
            score. Missing joints have score 0, or -1 for x or y.
        name (str): What error messages call it.
        skeleton (str, optional): 'openpose18', 'coco17', 'body25' or
            'mediapipe33'. Defaults to the one that has K joints.

    Returns:
        ndarray: (18, 3) float32; missing joints are three zeros.

    Raises:
        ValueError: If the number of joints is wrong, or a joint that is not
            missing is not finite.
    """
    points = _as_numbers(keypoints, name)
    if points.ndim != 2 or points.shape[1] not in (2, 3):
        raise ValueError(
            f'{name}: expected joints of shape (K, 2) or (K, 3), got '
            f'{points.shape}'
        )
    skeleton = _find_skeleton(len(points), name, skeleton)
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
        raise ValueError(
            f'{name}: not all joints are numbers x, y or x, y, score'
        ) from None


def _find_skeleton(count, name, skeleton):
    counts = {key: value.num_joints for key, value in SKELETONS.items()}
    if skeleton is None:
        skeleton = next((k for k, n in counts.items() if n == count), None)
        if skeleton is None:
            known = ', '.join(f'{n} ({key})' for key, n in counts.items())
            raise ValueError(
                f'{name}: no skeleton has {count} joints; known are {known}'
            )
    if skeleton not in counts:
        raise ValueError(
            f'unknown skeleton {skeleton!r}; known are {sorted(counts)}.'
            f'{did_you_mean(skeleton, counts)}'
        )
    if counts[skeleton] != count:
        raise ValueError(
            f'{name}: {skeleton} has {counts[skeleton]} joints, got {count}'
        )
    return skeleton


def _check_finite(points, name, joints):
    there = points[points[:, 2] != 0]
    if (np.abs(there) <= FARTHEST).all() and (there[:, 2] >= 0).all():
        return  # the usual case, which tables have by the ten thousands
    for i, point in enumerate(points):
        if point[2] == 0:
            continue  # its x and y mean nothing
        for axis, value in zip(('x', 'y', 'score'), point, strict=True):
            if not np.isfinite(value) or (axis == 'score' and value < 0):
                raise ValueError(
                    f'{name}: the {axis} of joint {i} ({joints[i]}) is '
                    f'{value}; a missing joint has score 0'
                )
            if abs(value) > FARTHEST:
                raise ValueError(
                    f'{name}: the {axis} of joint {i} ({joints[i]}) is '
                    f'{value:g}, which is no place in an image of pixels'
                )


def drop_unsure(keypoints, min_score, name='the keypoints'):
    """Make joints missing that a detector is not sure of.

    Args:
        keypoints (ndarray): (18, 3), as of `to_openpose18`.
        min_score (float): Joints below it become three zeros.
        name (str): What error messages call it.

    Returns:
        ndarray: (18, 3), a copy.

    Raises:
        ValueError: If ``min_score`` is no score, or no joint reaches it.
    """
    if not isinstance(min_score, numbers.Real) or not min_score >= 0:
        raise ValueError(
            f'{spell("min_score")} must be a number of at least 0, got '
            f'{min_score!r}'
        )
    scores = keypoints[:, 2].astype(np.float64)
    if 0 < scores.max() < min_score:
        raise ValueError(
            f'{name}: no joint has a score of {spell("min_score", min_score)};'
            f' the surest has {scores.max():.3g}'
        )
    return np.where((scores < min_score)[:, None], 0, keypoints)


def check_keypoints(keypoints, name='the keypoints', size=None):
    """Refuse poses that no picture can be made of.

    Args:
        keypoints (ndarray): (18, 3), as of `to_openpose18`.
        name (str): What error messages call it.
        size (tuple[int, int], optional): (height, width) of the image that
            they belong to.

    Raises:
        ValueError: If all joints are missing, lie in one spot (as keypoints
            scaled to [0, 1] do) or outside of the image.
    """
    keypoints = validate_keypoints(keypoints, name=name)
    points = keypoints[keypoints[:, 2] > 0, :2]
    if len(points) > 1 and np.ptp(points, axis=0).max() < 2:
        raise ValueError(
            f'{name}: all joints lie within 2 pixels (around '
            f'{points.mean(0).round(2).tolist()}); coordinates have to be in '
            'pixels, not scaled to [0, 1]'
        )
    if size is not None:
        height, width = size
        inside = (points >= -0.5).all(1) & (points < [width, height]).all(1)
        if not inside.any():
            raise ValueError(
                f'{name}: no joint lies inside the image of {width}x{height} '
                'pixels; do they belong to another image, or to another size '
                'of it?'
            )
