"""Keypoints of all images of a folder, from any supported format."""

import os
from pathlib import Path

from mmposetransfer.utils.plain_pickle import load_plain_pickle

from .keypoint_arrays import drop_unsure, to_openpose18
from .keypoint_files import (
    read_keypoint_csv,
    read_openpose_json,
    read_pose_json,
)
from .keypoint_io import OPENPOSE_MIN_SCORE
from .keypoint_names import openpose_files

__all__ = ['read_detected_keypoints', 'read_keypoint_table']


def read_keypoint_table(path):
    """Read the OpenPose-18 joints of many images.

    Args:
        path (str | Path): ``.csv`` (``name:keypoints_y:keypoints_x``) or the
            paper's ``.pkl`` (id -> 18 x [x, y]); -1 is missing. Or what
            :func:`read_detected_keypoints` reads: a COCO ``.json``, or a
            folder of OpenPose's.

    Returns:
        dict[str, ndarray]: Image name or id -> (18, 3).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: For a file, line or entry that cannot be read.
    """
    if str(path).endswith('.csv'):
        return read_keypoint_csv(path)
    if str(path).endswith('.json') or os.path.isdir(path):
        return read_detected_keypoints(path)
    if not str(path).endswith(('.pkl', '.pickle')):
        raise ValueError(f"'{path}': a dataset's keypoints are a .csv, a "
                         ".pkl, a COCO .json or a folder of OpenPose's.")
    table = load_plain_pickle(path)
    if not isinstance(table, dict):
        raise ValueError(f"'{path}' must hold a dict, image id -> 18 x "
                         f'[x, y], not a {type(table).__name__}.')
    return {name: to_openpose18(points, f"'{path}' ({name})", 'openpose18')
            for name, points in table.items()}


def read_detected_keypoints(path):
    """Read what a detector or annotator found in many images.

    Of several persons in an image the one is taken that `load_keypoints`
    takes: the largest (COCO), or the surest (OpenPose).

    Args:
        path (str | Path): A COCO JSON, or a folder of OpenPose's
            ``<image>_keypoints.json``; sub-folders are looked into.

    Returns:
        dict[str, ndarray]: Image name (COCO), or name without ending
        (OpenPose) -> (18, 3); images in which nobody was found are left
        out.

    Raises:
        FileNotFoundError: If there is no such file or folder.
        ValueError: For a file that cannot be read, or a folder without any.
    """
    path = Path(path)
    if path.is_dir():
        return _openpose_folder(path)
    content = read_pose_json(path)
    if isinstance(content, list):
        raise ValueError(
            f"'{path}' is what OpenPose writes for one image: give the "
            'folder that holds all of them.')
    return _surest(content)


def _openpose_folder(folder):
    people = {name: read_openpose_json(file)
              for name, file in openpose_files(folder).items()}
    return _surest(people, OPENPOSE_MIN_SCORE)


def _surest(people, min_score=0.0):
    table = {}
    for name, persons in people.items():
        there = [p for p in persons if p.keypoints[:, 2].max() > min_score]
        if there:
            person = max(there, key=lambda p: p.rank)
            table[name] = drop_unsure(person.keypoints, min_score, name)
    return table
