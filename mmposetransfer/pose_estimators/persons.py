"""From what a detector says to persons in OpenPose-18; choosing one."""

import numpy as np

from mmposetransfer.errors import UserValueError
from mmposetransfer.geometry.skeletons import convert_keypoints, get_skeleton

__all__ = ['as_persons', 'choose_person', 'crop_to_box', 'ranked_persons']

# Part of a box's longer side that is added around it: joints and limbs reach
# out of tight boxes, and detectors want to see some surroundings.
MARGIN = 0.15


def as_persons(detected, skeleton, size, min_score=0.0):
    """Clean a detector's persons, convert them to OpenPose-18, sort them.

    See ``ranked_persons``, which says, too, which of them is where.

    Returns:
        ndarray: (P', 18, 3) float32, zeros where missing; the person whose
        joints span the largest box first, of equal ones the surest.
    """
    return ranked_persons(detected, skeleton, size, min_score)[0]


def ranked_persons(detected, skeleton, size, min_score=0.0):
    """The persons of a detector in OpenPose-18, and who they were.

    A joint that scores below ``min_score``, is no number or lies outside of
    the image is missing. That is decided before the conversion: of a missing
    shoulder there is no neck. Persons without any joint are left out.

    Convention: x, y in pixels, the origin at the centre of the top-left
    pixel; the image reaches from -0.5 to its width and height less 0.5.

    Args:
        detected (ndarray): (P, K, 3) x, y, score.
        skeleton (str): The format of the K joints, a key of
            `mmposetransfer.geometry.SKELETONS`.
        size (tuple[int, int]): (height, width) of the image.
        min_score (float): The score that a joint needs.

    Returns:
        tuple[ndarray, list[int]]: (P', 18, 3) float32, as of `as_persons`,
        and the place of each in ``detected``.
    """
    count = get_skeleton(skeleton).num_joints
    points = np.array(detected, np.float64).reshape(-1, count, 3)
    with np.errstate(invalid='ignore'):
        there = (
            np.isfinite(points).all(-1)
            & (points[..., 2] >= min_score)
            & (points[..., 2] > 0)
            & (points[..., :2] >= -0.5).all(-1)
            & (points[..., :2] < np.array(size)[::-1] - 0.5).all(-1)
        )
    points = np.where(there[..., None], points, 0)
    persons = convert_keypoints(points, skeleton)
    order = sorted(
        np.flatnonzero((persons[..., 2] > 0).any(-1)),
        key=lambda i: (_box_area(persons[i]), persons[i][:, 2].sum()),
        reverse=True,
    )
    return persons[order], order


def _box_area(person):
    there = person[person[:, 2] > 0, :2].astype(np.float64)
    return np.prod(np.ptp(there, axis=0))


def choose_person(persons, box=None):
    """The person that is meant: the first, or the one in a box.

    Args:
        persons (ndarray): (P, 18, 3), as `as_persons` sorts them.
        box (Sequence[float], optional): (left, top, right, bottom) of the
            wanted person.

    Returns:
        ndarray | None: (18, 3). With a box: of those with at least half of
        their joints in it, the one whose joints span the box best
        (intersection over union). None if there is no such person.
    """
    if box is None:
        return persons[0] if len(persons) else None
    ranked = [(_fit(person, box), i) for i, person in enumerate(persons)]
    best, index = max(ranked, default=(0, -1))
    return persons[index] if best > 0 else None


def _fit(person, box):
    """Intersection over union with the joints' box; 0 for someone else."""
    points = person[person[:, 2] > 0, :2].astype(np.float64)
    low, high = np.array(box, np.float64).reshape(2, 2)
    inside = ((points >= low) & (points <= high)).all(-1)
    if inside.mean() < 0.5:
        return 0.0
    first, last = points.min(0), points.max(0)
    # One pixel more, so that a line of joints has an area.
    shared = np.minimum(last, high) - np.maximum(first, low) + 1
    sides = (last - first + 1).prod() + (high - low + 1).prod()
    common = shared.clip(0).prod()
    return float(common / (sides - common))


def crop_to_box(image, box, margin=MARGIN):
    """Cut out a person, for estimators that would see another one.

    Args:
        image (ndarray): (H, W, 3).
        box (Sequence[float]): (left, top, right, bottom) in pixels.
        margin (float): Added on each side, relative to the longer one.

    Returns:
        tuple[ndarray, ndarray]: The part, a view of the image, and the (x, y)
        of its top-left pixel: add it to what is found in the part.

    Raises:
        ValueError: If the box has no area or lies outside of the image.
    """
    low, high = np.array(box, np.float64).reshape(2, 2)
    if not np.isfinite(box).all() or not (high > low).all():
        raise UserValueError(
            f'a box must be left, top, right, bottom in pixels with right > '
            f'left and bottom > top, got {list(box)}'
        )
    reach = margin * (high - low).max()
    limits = np.array(image.shape[1::-1])
    first = np.floor(low - reach).clip(0, limits).astype(int)
    last = np.ceil(high + reach + 1).clip(0, limits).astype(int)
    if not (last > first).all():
        raise UserValueError(
            f'the box {list(box)} lies outside of the image of '
            f'{limits[0]}x{limits[1]} pixels'
        )
    return image[first[1] : last[1], first[0] : last[0]], first
