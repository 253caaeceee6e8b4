"""Writers of the keypoint files of the field, from OpenPose-18."""

import json

import numpy as np

from mmposetransfer.utils.atomic_write import atomic_write

from .keypoint_files import CSV_HEADER

__all__ = ['write_keypoint_csv', 'write_openpose_json']

# Tenths of a pixel: finer than any detector, and short.
DECIMALS = 1


def write_keypoint_csv(path, keypoints):
    """Write the CSV of PATN, GFLA and their line.

    Lines are ``name:[y, ...]:[x, ...]``, -1 where a joint is missing, in the
    order of the dict. Coordinates are rounded to a tenth of a pixel.

    Args:
        path (str | Path): The file; it appears whole or not at all.
        keypoints (dict[str, ndarray]): Image name -> (18, 3) x, y, score.

    Raises:
        ValueError: If a name has a line break in it.
        WriteError: If the file cannot be written.
    """
    lines = [CSV_HEADER]
    for name, points in keypoints.items():
        if '\n' in name or '\r' in name:
            raise ValueError(f'{name!r} has a line break, no CSV can hold it')
        points = np.asarray(points, np.float64)
        there = points[:, 2] > 0
        axes = [
            [_number(value) if seen else -1 for value, seen in
             zip(column, there, strict=True)]
            for column in points[:, :2].T
        ]
        lines.append(f'{name}:{json.dumps(axes[1])}:{json.dumps(axes[0])}')
    with atomic_write(path, 'w') as file:
        file.write('\n'.join(lines) + '\n')


def _number(value):
    value = round(float(value), DECIMALS)
    return int(value) if value == int(value) else value


def write_openpose_json(path, persons):
    """Write what OpenPose writes for one image with its COCO model.

    Args:
        path (str | Path): The file; it appears whole or not at all.
        persons (Iterable[ndarray]): (18, 3) each: x, y in pixels, score.

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
