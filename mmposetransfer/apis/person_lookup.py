"""The person who is meant, found in a picture."""

import logging
import numbers

import numpy as np
from mmengine.logging import print_log

from mmposetransfer.errors import (
    UserImportError,
    UserTypeError,
    UserValueError,
)
from mmposetransfer.geometry import BodyFitter
from mmposetransfer.utils.spelling import spell

from .framing import torso_length

__all__ = ['find_person', 'look_for_person']

# How far the joints of one person are apart by two estimators at the most, in
# lengths of the torso.
SAME = 0.3


def find_person(side, pose_estimator, image, name, person, required=True):
    """One person's pose and, where that is found, too, mask in a picture.

    Args:
        side (str): 'reference' or 'target', for messages.
        pose_estimator (PoseEstimator): Finds people.
        image (np.ndarray): (H, W, 3) uint8 BGR.
        name (str | Picture, optional): Of the picture.
        person (int, optional): Which, from the largest. Defaults to that.
        required (bool): Whether it is an error if nobody is found, or if the
            estimator is not installed.

    Returns:
        tuple[np.ndarray | None, np.ndarray | None]: (18, 3) joints, (H, W)
        mask; None for what is not found.

    Raises:
        ImportError, TypeError, ValueError: If the estimator is not installed,
            nobody is there, or not that person.
    """
    try:
        (found,) = pose_estimator.find([image], [name and str(name)])
    except UserImportError as error:
        if not required:
            return None, None
        raise UserImportError(
            f'{spell(f"{side}_keypoints")} are missing, and {error}',
            name=error.name,
        ) from error
    persons = found.poses
    what = f"the {side} '{name}'" if name else f'the {side}'
    if not len(persons) and not required:
        return None, None
    if not len(persons):
        raise UserValueError(
            f'{what}: no person was found in this picture; pass '
            f'{spell(f"{side}_keypoints")}, or use another '
            f'{spell("pose_estimator")}'
        )
    index = 0 if person is None else person
    if not isinstance(index, numbers.Integral):
        raise UserTypeError(
            f'{spell(f"{side}_person")} must be a whole number, got {index!r}'
        )
    if not 0 <= index < len(persons):
        raise UserValueError(
            f'{what}: there is no person {index}, only 0 to '
            f'{len(persons) - 1}, from the largest'
        )
    return persons[index], found.mask_of(index)


def look_for_person(pose_estimator, image, name, keypoints):
    """The person with the given joints: joints and mask.

    Where nobody found is that person, the joints may be those of nobody:
    estimators miss sometimes. If no body has them and there is just one
    person in the picture, that one is meant, and a warning says so.

    Args:
        pose_estimator (PoseEstimator): Finds people.
        image (np.ndarray): (H, W, 3) uint8 BGR.
        name (str | Picture, optional): Of the picture.
        keypoints (np.ndarray): (18, 3) in its pixels.

    Returns:
        tuple[np.ndarray, np.ndarray | None]: (18, 3) joints; (H, W) mask,
        None if the estimator finds none of this person.
    """
    try:
        (found,) = pose_estimator.find([image], [name and str(name)])
    except UserImportError:
        return keypoints, None
    near = SAME * (torso_length(keypoints) or max(image.shape[:2]) / 4)
    for index, pose in enumerate(found.poses):
        both = (pose[:, 2] > 0) & (keypoints[:, 2] > 0)
        apart = np.linalg.norm((pose - keypoints)[both, :2], axis=-1)
        if both.any() and np.median(apart) < near:
            return keypoints, found.mask_of(index)
    picture = f"'{name}'" if name else 'the reference'
    if len(found.poses) == 1 and _is_body(found.poses[0], keypoints):
        _warn(
            f'{spell("reference_keypoints")} of {picture} are not those of a '
            f'body: what {type(pose_estimator).__name__} finds is used.'
        )
        return found.poses[0], found.mask_of(0)
    if found.masks is None:
        return keypoints, None
    _warn(
        f'{type(pose_estimator).__name__} does not find the person of '
        f'{spell("reference_keypoints")} in {picture}: the outline is guessed '
        'from the joints.'
    )
    return keypoints, None


def _is_body(pose, other):
    """Whether a body can be fitted to these joints, and none to the other."""
    is_body, other_is = BodyFitter()(np.stack([pose, other])).success
    return is_body and not other_is


def _warn(message):
    print_log(message, 'current', logging.WARNING)
