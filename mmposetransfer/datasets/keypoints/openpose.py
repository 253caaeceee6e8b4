"""What OpenPose writes, and what AlphaPose and ControlNet write like it."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.atomic_write import atomic_write

from .arrays import to_openpose18
from .people import (
    EMPTY,
    NOBODY,
    DetectedPerson,
    KeypointFile,
    need,
    triples,
)
from .placement import are_shares

__all__ = ['OPENPOSE_MIN_SCORE', 'people_of_openpose', 'write_openpose_json']

# What OpenPose is less sure of is seldom a joint.
OPENPOSE_MIN_SCORE = 0.1
# A person's joints: OpenPose from 1.2 on, up to 1.1, and before 1.0;
# AlphaPose's 'cmu'.
JOINTS = ('pose_keypoints_2d', 'pose_keypoints', 'body_parts', 'joints')
# The persons of a picture: OpenPose's, and AlphaPose's 'cmu'.
PEOPLE = ('people', 'bodies')


def people_of_openpose(content, path: str | Path, name: str) -> KeypointFile:
    """People of a JSON in OpenPose's manner.

    Args:
        content: Of the JSON. One picture's, as OpenPose and ControlNet write
            it; a list of those, as ComfyUI does; or names -> those, as
            AlphaPose does by ``--format open`` and ``cmu``.
        path: The file, for messages.
        name: Of the picture, where the file does not tell.

    Returns:
        All persons in the order of the file. Those of null, or with none
        for joints, have no joints, so that numbers mean the same as in the
        file; in a picture of null is nobody. Several pictures of a list are
        named by their places in it.

    Raises:
        ValueError: If the content is malformed.
    """
    passed_over = Counter()
    pictures, single = _pictures(content, path, name)
    people = {
        key: _persons(picture, where, passed_over)
        for key, (picture, where) in pictures.items()
    }
    return KeypointFile(people, single, passed_over)


def _pictures(content, path, name):
    """Name -> the dict of a picture and what messages call it."""
    file = f"'{path}'"
    if isinstance(content, list):
        if len(content) == 1:
            return {name: (content[0], file)}, True
        return {
            str(i): (picture, f'{file}, picture {i}')
            for i, picture in enumerate(content)
        }, False
    if isinstance(content, dict) and not set(PEOPLE) & set(content):
        return {
            key: (picture, f'{file} ({key})')
            for key, picture in content.items()
        }, False
    return {name: (content, file)}, True


def _persons(picture, where, passed_over):
    if picture is None:
        passed_over['pictures of null'] += 1
        return []
    key = next(
        (
            k
            for k in PEOPLE
            if isinstance(picture, dict)
            and isinstance(picture.get(k, ''), (list, type(None)))
        ),
        None,
    )
    if key is None:
        raise UserValueError(
            f"{where} is no OpenPose file: it has no 'people'"
        )
    persons = [
        _joints(person, f'{where}, person {i}', passed_over)
        for i, person in enumerate(picture[key] or ())
    ]
    canvas = _canvas(picture, where)
    if canvas is not None:
        persons = _in_pixels(persons, canvas)
    return [
        DetectedPerson(
            points, float(points[:, 2].sum()), OPENPOSE_MIN_SCORE, canvas
        )
        for points in persons
    ]


def _joints(person, where, passed_over):
    """(18, 3) of a person; zeros where there are no joints."""
    key = next(
        (k for k in JOINTS if isinstance(person, dict) and k in person),
        JOINTS[0],
    )
    if person in EMPTY or (
        isinstance(person, dict) and person.get(key, '') in EMPTY
    ):
        passed_over['persons without joints'] += 1
        return NOBODY.copy()
    need(person, (key,), where)
    points = triples(person[key], (18, 25), f"{where}, '{key}'")
    return to_openpose18(points, where)


def _canvas(picture, where):
    """(height, width) that ControlNet says, or None."""
    sides = [picture.get(f'canvas_{side}') for side in ('height', 'width')]
    if sides == [None, None]:
        return None
    if not all(type(v) in (int, float) and 1 <= v < 1e6 for v in sides):
        raise UserValueError(
            f"{where}: 'canvas_height' and 'canvas_width' must be numbers of "
            f'pixels, got {sides[0]!r} and {sides[1]!r}'
        )
    return tuple(round(side) for side in sides)


def _in_pixels(persons, canvas):
    """Coordinates in [0, 1] as pixels of the canvas; pixels stay."""
    joints = np.concatenate([NOBODY, *persons])
    if not are_shares(joints[joints[:, 2] > 0, :2]):
        return persons
    scale = np.float32([canvas[1], canvas[0], 1])
    return [points * scale for points in persons]


def write_openpose_json(
    path: str | Path, persons: Iterable[np.ndarray]
) -> None:
    """Write what OpenPose writes for one image with its COCO model.

    Args:
        path: The file; it appears whole or not at all.
        persons: (18, 3) each: x, y in pixels, score.

    Raises:
        WriteError: If the file cannot be written.
    """
    people = [
        dict(
            person_id=[-1],
            pose_keypoints_2d=[
                round(float(value), 3) for value in np.ravel(person)
            ],
        )
        for person in persons
    ]
    with atomic_write(path, 'w') as file:
        json.dump(dict(version=1.3, people=people), file)
