"""One call for keypoints from wherever they come."""

import os
from pathlib import Path, PurePath

import numpy as np
import torch

from .keypoint_arrays import check_keypoints, to_openpose18
from .keypoint_files import (
    read_coco_json,
    read_keypoint_csv,
    read_openpose_json,
)

__all__ = ['KEYPOINT_FORMATS', 'load_keypoints']

KEYPOINT_FORMATS = ('auto', 'csv', 'openpose', 'coco', 'npy')


def load_keypoints(
    source, image_name=None, format='auto', person=None, skeleton=None
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
        keypoints = to_openpose18(source, skeleton=skeleton)
        check_keypoints(keypoints)
        return keypoints
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(
            'keypoints must be numbers (K, 2) or (K, 3), or the path of a '
            f'CSV, JSON or .npy file, got {type(source).__name__}'
        )
    path = _resolve(Path(source), image_name)
    if not path.is_file():
        raise FileNotFoundError(f"the keypoint file '{path}' does not exist")
    if format == 'auto':
        format = _guess_format(path)
    keypoints, name = _READERS[format](path, image_name, person, skeleton)
    check_keypoints(keypoints, name)
    return keypoints


def _resolve(path, image_name):
    """The file itself, or that of the image in a folder of OpenPose's."""
    if not path.is_dir():
        return path
    if image_name is None:
        raise ValueError(
            f"'{path}' is a folder: pass image_name to say whose keypoints"
        )
    return path / f'{PurePath(image_name).stem}_keypoints.json'


def _guess_format(path):
    ending = path.suffix.lower()
    if ending in ('.csv', '.npy'):
        return ending[1:]
    if ending == '.json':
        # An OpenPose file is of one image and small, so this sees it whole.
        with open(path, 'rb') as file:
            head = file.read(1 << 20)
        return 'openpose' if b'"people"' in head else 'coco'
    raise ValueError(
        f"'{path}': the ending {ending!r} does not tell the format; known "
        f'are .csv, .json and .npy, or say format= one of {KEYPOINT_FORMATS}'
    )


def _from_csv(path, image_name, person, skeleton):
    entries = read_keypoint_csv(path)
    name = _find_image(entries, image_name, path)
    return entries[name], f"'{path}' ({name})"


def _from_openpose(path, image_name, person, skeleton):
    return _choose(read_openpose_json(path), person, f"'{path}'")


def _from_coco(path, image_name, person, skeleton):
    entries = read_coco_json(path)
    name = _find_image(entries, image_name, path)
    return _choose(entries[name], person, f"'{path}' ({name})")


def _from_npy(path, image_name, person, skeleton):
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise ValueError(f"'{path}' is no array of numbers: {error}") from None
    return to_openpose18(array, f"'{path}'", skeleton), f"'{path}'"


_READERS = {
    'csv': _from_csv,
    'openpose': _from_openpose,
    'coco': _from_coco,
    'npy': _from_npy,
}


def _find_image(entries, image_name, path):
    """The key of an image: by its name, else without folder, or ending."""
    if image_name is None:
        if len(entries) != 1:
            raise ValueError(
                f"'{path}' holds the keypoints of {len(entries)} images: pass "
                'image_name to say whose'
            )
        return next(iter(entries))
    wanted = PurePath(image_name)
    if str(image_name) in entries:
        return str(image_name)
    for part in ('name', 'stem'):
        matches = [
            key
            for key in entries
            if getattr(PurePath(key), part) == getattr(wanted, part)
        ]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise ValueError(
                f"'{path}' has several images called {getattr(wanted, part)}: "
                f'{matches[:4]}'
            )
    known = ', '.join([*list(entries)[:4], *(['...'] * (len(entries) > 4))])
    raise ValueError(
        f"'{path}' has no keypoints of the image '{image_name}'; it knows "
        f'{len(entries)} images: {known}'
    )


def _choose(persons, index, name):
    if not persons:
        raise ValueError(f'{name}: no person was found in this image')
    if index is None:
        index = max(range(len(persons)), key=lambda i: persons[i].rank)
    elif not 0 <= index < len(persons):
        raise ValueError(
            f'{name}: there is no person {index}, only 0 to {len(persons) - 1}'
        )
    return persons[index].keypoints, f'{name}, person {index}'
