"""One call for keypoints from wherever they come."""

import numbers
import os
from pathlib import Path

import numpy as np
import torch

from .keypoint_arrays import check_keypoints, drop_unsure, to_openpose18
from .keypoint_files import (
    DetectedPerson,
    read_coco_json,
    read_keypoint_csv,
    read_openpose_json,
    read_pose_json,
)
from .keypoint_names import (
    KeypointEntry,
    index_keypoints,
    keypoint_file,
    openpose_files,
)

__all__ = [
    'KEYPOINT_FORMATS',
    'load_keypoints',
    'load_persons',
    'match_keypoints',
]

# Formats that `load_keypoints` may be told; 'auto' looks for itself.
KEYPOINT_FORMATS = ('auto', 'csv', 'openpose', 'coco', 'npy')
# What OpenPose is less sure of is seldom a joint.
OPENPOSE_MIN_SCORE = 0.1


def load_keypoints(
    source,
    image_name=None,
    format='auto',
    person=None,
    skeleton=None,
    min_score=None,
    tables=None,
):
    """Load the pose of one person as OpenPose-18.

    Args:
        source (ndarray | Tensor | Sequence | str | Path): Joints as numbers,
            (K, 2) x, y or (K, 3) x, y, score, where a missing joint has score
            0 or -1 for x or y. Or a file: a CSV of
            ``name:keypoints_y:keypoints_x``, an OpenPose JSON, a COCO JSON or
            an array in .npy; or a folder of OpenPose JSONs.
        image_name (str | Path, optional): The image whose pose is wanted,
            where a file or folder holds several.
        format (str): 'csv', 'openpose', 'coco', 'npy', or 'auto': by the
            ending and the content.
        person (int, optional): Which of several persons in the image, in the
            order of the file, from 0. Defaults to the one whose joints span
            the largest box (COCO), or have the highest sum of scores
            (OpenPose).
        skeleton (str, optional): Which joints an array holds: 'openpose18',
            'coco17', 'body25' or 'mediapipe33'. Defaults to the skeleton that
            has so many joints.
        min_score (float, optional): Joints with a lower score count as
            missing. Defaults to 0.1 for OpenPose JSONs and to 0 for all else:
            a COCO JSON and a CSV say themselves what is missing. Detectors
            that give every joint a score need it; 0.3 is usual for rtmlib
            and mmpose, 0.5 for MediaPipe.
        tables (dict, optional): Keeps the content of files with the poses of
            many images, for further calls that hand over the same dict; the
            files are not read again.

    Returns:
        ndarray: (18, 3) float32 x, y in pixels, score; zeros where missing.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the source is malformed, does not know the image, or
            holds no pose of it. The message names file, line, key or joint.
    """
    if format not in KEYPOINT_FORMATS:
        raise ValueError(
            f'format must be one of {KEYPOINT_FORMATS}, got {format!r}'
        )
    if isinstance(source, (np.ndarray, torch.Tensor, list, tuple)):
        name, usual_score = 'the keypoints', 0.0
        keypoints = to_openpose18(source, skeleton=skeleton)
    elif isinstance(source, (str, os.PathLike)):
        path = _resolve(Path(source), image_name, tables)
        persons, name, usual_score = _in_file(
            path, _read(path, format, tables), image_name, tables, skeleton
        )
        keypoints, name = _choose(persons, person, name)
    else:
        raise TypeError(
            'keypoints must be numbers (K, 2) or (K, 3), or the path of a '
            f'CSV, JSON or .npy file, got {type(source).__name__}'
        )
    if min_score is None:
        min_score = usual_score
    keypoints = drop_unsure(keypoints, min_score, name)
    check_keypoints(keypoints, name)
    return keypoints


def _resolve(path, image_name, tables):
    """The file itself, or that of the image in a folder of OpenPose's."""
    if not path.is_dir():
        return path
    if image_name is None:
        raise ValueError(
            f"'{path}' is a folder: pass image_name to say whose keypoints"
        )
    return keypoint_file(path, image_name, tables)


def _read(path, format, tables):
    """What a file holds, from ``tables`` where it was read before."""
    tables = {} if tables is None else tables
    if (path, format) in tables:
        return tables[path, format]
    if not path.is_file():
        raise FileNotFoundError(
            f"the keypoint file '{path}' "
            + ('is a folder' if path.is_dir() else 'does not exist')
        )
    reader = path.suffix.lower()[1:] if format == 'auto' else format
    if reader not in _READERS:
        raise ValueError(
            f"'{path}': the ending {path.suffix!r} does not tell the format; "
            'known are .csv, .json and .npy, or say format= one of '
            f'{KEYPOINT_FORMATS}'
        )
    content = _READERS[reader](path)
    if isinstance(content, dict):
        tables[path, format] = content
    return content


def _read_npy(path):
    try:
        content = np.load(path, allow_pickle=False)
        if not isinstance(content, np.ndarray):
            content.close()
            raise ValueError('it is an .npz archive of several')
    except Exception as error:  # a damaged header fails in many ways
        raise ValueError(f"'{path}' is no array of numbers: {error}") from None
    return content


_READERS = {
    'csv': read_keypoint_csv,
    'json': read_pose_json,
    'openpose': read_openpose_json,
    'coco': read_coco_json,
    'npy': _read_npy,
}


def load_persons(
    path, image_name, format='auto', min_score=None, tables=None
):
    """Load the poses of everyone in an image, out of a file.

    Args:
        path (str | Path): The file, or folder, as of `load_keypoints`.
        image_name (str | Path): The image.
        format (str): As of `load_keypoints`.
        min_score (float, optional): As of `load_keypoints`.
        tables (dict, optional): As of `load_keypoints`.

    Returns:
        list[ndarray]: For each person (18, 3) float32 x, y in pixels, score;
        the largest (COCO) or surest (OpenPose) first; people without any
        joint that reaches ``min_score`` are left out.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is malformed or does not know the image.
    """
    path = _resolve(Path(path), image_name, tables)
    content = _read(path, format, tables)
    persons, _, usual_score = _in_file(path, content, image_name, tables)
    if isinstance(persons, DetectedPerson):
        persons = [persons]
    if min_score is None:
        min_score = usual_score
    ranked = sorted(persons, key=lambda person: person.rank, reverse=True)
    return [
        drop_unsure(person.keypoints, min_score)
        for person in ranked
        if person.keypoints[:, 2].max() >= max(min_score, 1e-9)
    ]


def match_keypoints(source, pictures, format='auto', tables=None):
    """Say which entry of a file is that of each of many pictures.

    No two of them get one entry, as may happen where each is looked up alone.

    Args:
        source (str | Path): The file, or folder, as of `load_keypoints`.
        pictures (Sequence[str | Path | Picture]): Different pictures.
        format (str): As of `load_keypoints`.
        tables (dict, optional): As of `load_keypoints`.

    Returns:
        dict: Picture -> `KeypointEntry`, which `load_keypoints` takes as
        ``image_name``, None where there is none; empty for a file about one
        picture.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is malformed, knows none of the pictures, or
            has entries that could be those of several.
    """
    path = Path(source)
    tables = {} if tables is None else tables
    names = openpose_files(path) if path.is_dir() else _read(
        path, format, tables
    )
    if not isinstance(names, dict):
        return {}
    index = index_keypoints(names, path, tables)
    return {
        picture: None if entry is None else KeypointEntry(entry)
        for picture, entry in index.match(pictures).items()
    }


def _in_file(path, content, image_name, tables, skeleton=None):
    """The persons, what messages call them, and the usual ``min_score``."""
    name = f"'{path}'"
    if isinstance(content, np.ndarray):
        only = DetectedPerson(to_openpose18(content, name, skeleton), 0.0)
        return only, name, 0.0
    if isinstance(content, list):  # of persons: OpenPose
        return content, name, OPENPOSE_MIN_SCORE
    image = _find_image(content, image_name, path, tables)
    name = f'{name} ({image})'
    if isinstance(content[image], list):  # of persons: COCO
        return content[image], name, 0.0
    return DetectedPerson(content[image], 0.0), name, 0.0


def _find_image(entries, image_name, path, tables):
    """The key of an image."""
    if isinstance(image_name, KeypointEntry):
        return str(image_name)
    if image_name is not None:
        return index_keypoints(entries, path, tables)[image_name]
    if len(entries) != 1:
        raise ValueError(
            f"'{path}' holds the keypoints of {len(entries)} images: pass "
            'image_name to say whose'
        )
    return next(iter(entries))


def _choose(persons, index, name):
    if isinstance(persons, DetectedPerson):  # of a file of one an image
        return persons.keypoints, name
    if not persons:
        raise ValueError(f'{name}: no person was found in this image')
    if index is None:
        index = max(range(len(persons)), key=lambda i: persons[i].rank)
    elif not isinstance(index, numbers.Integral):
        raise TypeError(f'person must be a whole number, got {index!r}')
    elif not 0 <= index < len(persons):
        raise ValueError(
            f'{name}: there is no person {index}, only 0 to {len(persons) - 1}'
        )
    return persons[index].keypoints, f'{name}, person {index}'
