"""People in pictures, as the readers of keypoint files hand them over."""

import warnings
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mmposetransfer.errors import UserValueError

from .arrays import to_openpose18

__all__ = ['DetectedPerson', 'KeypointFile', 'KeypointWarning', 'warn_once']

# What files put in the place of people or of a picture.
EMPTY = (None, [], {})
# What a detector that gives every joint a score is less sure of is seldom a
# joint; as for the pose estimators.
DETECTOR_MIN_SCORE = 0.3
NOBODY = np.zeros((18, 3), np.float32)


class KeypointWarning(UserWarning):
    """What is odd about keypoints, yet can be used."""


class DetectedPerson(NamedTuple):
    """One person in a picture.

    Attributes:
        keypoints: (18, 3) float32: x, y in pixels, score; all zeros where a
            file has an entry for a person without joints.
        rank: The highest marks the person that is meant where nobody says
            which: the largest (area of the joints' box, in square pixels),
            or the surest (OpenPose: sum of scores).
        min_score: Joints of a lower score usually count as missing.
        found_in: (height, width) of the picture that was looked at, where
            the file says it, and another one may be meant.
    """

    keypoints: np.ndarray
    rank: float = 0.0
    min_score: float = 0.0
    found_in: tuple[int, int] | None = None


class KeypointFile(NamedTuple):
    """What a keypoint file holds.

    Attributes:
        people: Name of a picture, as the file has it -> its people in the
            order of the file; none where nobody was found.
        single: Whether the file is about one picture, and does not name it:
            the name is that of the file, without endings.
        passed_over: What the file has beside people -> how often.
    """

    people: dict[str, list[DetectedPerson]]
    single: bool = False
    passed_over: Counter = Counter()

    def tell(self, path, told=None):
        """Warn of what was passed over, in one warning; see `warn_once`."""
        if self.passed_over:
            what = ', '.join(
                f'{what} ({count})' for what, count in self.passed_over.items()
            )
            warn_once(f"'{path}': passed over {what}", told)


def warn_once(text: str, told: set | None = None) -> None:
    """Give a `KeypointWarning`, unless one of its kind was given before.

    Args:
        text: What is odd.
        told: Remembers it; None warns each time.
    """
    if told:
        return
    if told is not None:
        told.add(text)
        text += '. Others of this kind are not told'
    warnings.warn(text, KeypointWarning, stacklevel=3)


def largest_first(
    keypoints: np.ndarray, min_score: float = 0.0
) -> DetectedPerson:
    """A person who is ranked by the box of the joints.

    Args:
        keypoints: (18, 3), as of `to_openpose18`.
        min_score: That usually makes joints; others do not count.

    Returns:
        The person.
    """
    there = keypoints[:, 2] > 0
    points = keypoints[there & (keypoints[:, 2] >= min_score), :2]
    area = np.prod(np.ptp(points, axis=0)) if len(points) else 0.0
    return DetectedPerson(keypoints, float(area), min_score)


def from_scores(points: np.ndarray, where: str) -> np.ndarray:
    """Joints of a detector as OpenPose-18.

    Args:
        points: (K, 3): x, y, score; a score below 0 means that there is no
            joint, as networks with SimCC say it.
        where: What error messages call them.

    Returns:
        (18, 3) float32.

    Raises:
        ValueError: If no skeleton has K joints, or one is not finite.
    """
    points[points[:, 2] < 0, 2] = 0
    return to_openpose18(points, where)


def triples(
    values: Sequence, counts: Sequence[int] | None, where: str
) -> np.ndarray:
    """Joints out of a file: x, y, score, ... in a row, or in threes.

    Args:
        values: Flat, or [[x, y, score], ...].
        counts: How many joints there may be; None is any number.
        where: What error messages call them.

    Returns:
        (K, 3) float64.

    Raises:
        ValueError: If there are not three numbers for each of so many
            joints.
    """
    wanted = ' or '.join(map(str, counts)) + ' ' if counts else ''
    if isinstance(values, list) and values and isinstance(values[0], list):
        values = (
            [number for joint in values for number in joint]
            if all(
                isinstance(joint, list) and len(joint) == 3 for joint in values
            )
            else None
        )
    if not isinstance(values, list) or len(values) % 3:
        raise UserValueError(
            f'{where}: expected a flat list of x, y, score for {wanted}joints'
        )
    count = len(values) // 3
    if counts and count not in counts:
        raise UserValueError(f'{where}: expected {wanted}joints, got {count}')
    return as_numbers(values, where).reshape(-1, 3)


def as_numbers(values: Sequence, where: str) -> np.ndarray:
    """Numbers out of a file as an array.

    Args:
        values: Nested lists.
        where: What error messages call them.

    Returns:
        float64, of any shape.

    Raises:
        ValueError: If something else is among them.
    """
    try:
        return np.array(values, np.float64)
    except (OverflowError, TypeError, ValueError):
        raise UserValueError(f'{where}: not all values are numbers') from None


def need(entry, keys: Sequence[str], where: str) -> None:
    """Refuse an entry of a file that lacks a key.

    Args:
        entry: What should be a dict.
        keys: What it should have.
        where: What error messages call it.

    Raises:
        ValueError: Names the first key that is missing.
    """
    for key in keys:
        if not isinstance(entry, dict) or key not in entry:
            raise UserValueError(f"{where}: the key '{key}' is missing")
