"""Readers of the keypoint files of the field, to OpenPose-18.

A joint that a file marks as missing (-1, score 0, visibility 0) comes out as
three zeros. Errors name the file, and the line, key, person and joint.
"""

import json
from typing import NamedTuple

import numpy as np

from mmposetransfer.utils.text_files import read_json, read_text

from .keypoint_arrays import to_openpose18

__all__ = [
    'DetectedPerson',
    'read_coco_json',
    'read_keypoint_csv',
    'read_openpose_json',
    'read_pose_json',
]

WHAT = 'keypoint file'
CSV_HEADER = 'name:keypoints_y:keypoints_x'
# COCO: not labelled, labelled but hidden, labelled and visible.
COCO_SCORES = {0: 0.0, 1: 0.5, 2: 1.0}


class DetectedPerson(NamedTuple):
    """One person in an image.

    Attributes:
        keypoints: (18, 3) float32: x, y in pixels, score.
        rank: The highest marks the person that is meant where nobody says
            which: the largest (COCO: area of the joints' box, in square
            pixels), or the surest (OpenPose: sum of scores).
    """

    keypoints: np.ndarray
    rank: float


def read_keypoint_csv(path):
    """Read the CSV of PATN, GFLA and their line.

    Each line is ``name:[y, ...]:[x, ...]`` with the 18 joints of OpenPose,
    -1 where one is missing, below the line ``name:keypoints_y:keypoints_x``.

    Args:
        path (str | Path): The file.

    Returns:
        dict[str, ndarray]: Image name -> (18, 3) float32.

    Raises:
        ValueError: If a line is malformed; the message names it.
    """
    lines = read_text(path, WHAT).split('\n')
    if not lines or lines[0].strip() != CSV_HEADER:
        first = lines[0][:60] if lines else ''
        raise ValueError(
            f"'{path}', line 1: expected the header '{CSV_HEADER}', got "
            f'{first!r}'
        )
    keypoints = {}
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            where = f"'{path}', line {number}"
            name, value = _csv_line(line, where)
            if name in keypoints:
                raise ValueError(f'{where}: {name!r} is there a second time')
            keypoints[name] = value
    return keypoints


def _csv_line(line, where):
    parts = line.rsplit(':', 2)  # a name may hold colons
    if len(parts) != 3:
        raise ValueError(
            f'{where}: expected name:[y, ...]:[x, ...], got {line[:60]!r}'
        )
    name, ys, xs = parts
    axes = {}
    for axis, text in (('x', xs), ('y', ys)):
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, list) or not all(
            type(v) in (int, float) for v in values
        ):
            raise ValueError(
                f'{where} ({name}): keypoints_{axis} is no list of numbers: '
                f'{text[:60]!r}'
            )
        if len(values) != 18:
            raise ValueError(
                f'{where} ({name}): expected 18 values of keypoints_{axis}, '
                f'got {len(values)}'
            )
        axes[axis] = values
    points = np.stack([axes['x'], axes['y']], axis=1)
    return name.strip(), to_openpose18(points, f'{where} ({name})')


def read_openpose_json(path):
    """Read what OpenPose writes for one image with ``--write_json``.

    Args:
        path (str | Path): The file, of the 18 joints (COCO model) or of 25
            (BODY_25).

    Returns:
        list[DetectedPerson]: All persons, in the order of the file.

    Raises:
        ValueError: If the file is malformed.
    """
    return _openpose_persons(read_json(path, WHAT), path)


def _openpose_persons(content, path):
    people = content.get('people') if isinstance(content, dict) else None
    if not isinstance(people, list):
        raise ValueError(f"'{path}' is no OpenPose file: it has no 'people'")
    persons = []
    for i, person in enumerate(people):
        where = f"'{path}', person {i}"
        key = 'pose_keypoints_2d'
        _need(person, (key,), where)
        triples = _triples(person[key], (18, 25), f"{where}, '{key}'")
        keypoints = to_openpose18(triples, where)
        persons.append(DetectedPerson(keypoints, keypoints[:, 2].sum()))
    return persons


def read_coco_json(path):
    """Read person keypoints in COCO's annotation format.

    Joints that are labelled but hidden get a score of 0.5.

    Args:
        path (str | Path): The file, with 'images' and 'annotations'.

    Returns:
        dict[str, list[DetectedPerson]]: File name of the image -> its
        persons in the order of the file. Persons without any joint are kept
        (with scores of 0), so that an index means the same as in the file.

    Raises:
        ValueError: If the file is malformed.
    """
    return _coco_persons(read_json(path, WHAT), path)


def read_pose_json(path):
    """Read an OpenPose or a COCO file, whichever it is.

    Args:
        path (str | Path): The file. With 'people' at its top, and without
            'annotations', it is OpenPose's, else COCO's.

    Returns:
        list | dict: What `read_openpose_json` or `read_coco_json` returns.

    Raises:
        ValueError: If the file is malformed.
    """
    content = read_json(path, WHAT)
    keys = content if isinstance(content, dict) else ()
    if 'people' in keys and 'annotations' not in keys:
        return _openpose_persons(content, path)
    return _coco_persons(content, path)


def _coco_persons(content, path):
    if not isinstance(content, dict):
        content = {}
    for key in ('images', 'annotations'):
        if not isinstance(content.get(key), list):
            raise ValueError(f"'{path}' is no COCO file: it has no '{key}'")
    names, persons = {}, {}
    for i, image in enumerate(content['images']):
        _need(image, ('id', 'file_name'), f"'{path}', image {i}")
        if not isinstance(image['id'], (int, str)) or not isinstance(
            image['file_name'], str
        ):
            raise ValueError(
                f"'{path}', image {i}: 'id' must be a number and 'file_name' "
                'a text'
            )
        names[image['id']] = image['file_name']
        persons[image['file_name']] = []
    for i, annotation in enumerate(content['annotations']):
        where = f"'{path}', annotation {i}"
        _need(annotation, ('image_id', 'keypoints'), where)
        image_id = annotation['image_id']
        if not isinstance(image_id, (int, str)) or image_id not in names:
            raise ValueError(
                f"{where}: image_id {str(image_id)[:60]} is not in 'images'"
            )
        persons[names[image_id]].append(_coco_person(annotation, where))
    return persons


def _coco_person(annotation, where):
    triples = _triples(annotation['keypoints'], (17,), f"{where}, 'keypoints'")
    flags = triples[:, 2]
    if not np.isin(flags, list(COCO_SCORES)).all():
        raise ValueError(
            f'{where}: visibility must be 0, 1 or 2, got '
            f'{sorted(set(flags.tolist()))}'
        )
    triples[:, 2] = [COCO_SCORES[int(flag)] for flag in flags]
    keypoints = to_openpose18(triples, where)
    # By the joints, not by 'bbox': that one may be large and without joints.
    there = keypoints[keypoints[:, 2] > 0, :2]
    area = np.prod(np.ptp(there, axis=0)) if len(there) else 0.0
    return DetectedPerson(keypoints, float(area))


def _triples(values, counts, where):
    """A flat list x, y, score, ... as (K, 3) doubles."""
    counts_text = ' or '.join(str(count) for count in counts)
    if not isinstance(values, list) or len(values) % 3:
        raise ValueError(
            f'{where}: expected a flat list of x, y, score for {counts_text} '
            'joints'
        )
    if len(values) // 3 not in counts:
        raise ValueError(
            f'{where}: expected {counts_text} joints, got {len(values) // 3}'
        )
    try:
        return np.array(values, np.float64).reshape(-1, 3)
    except (OverflowError, TypeError, ValueError):
        raise ValueError(f'{where}: not all values are numbers') from None


def _need(entry, keys, where):
    for key in keys:
        if not isinstance(entry, dict) or key not in entry:
            raise ValueError(f"{where}: the key '{key}' is missing")

