"""Poses of all the pictures of a folder."""

from pathlib import Path

import numpy as np

from mmposetransfer.datasets.keypoints import (
    write_keypoint_csv,
    write_openpose_json,
)
from mmposetransfer.utils.image_io import image_files, read_image, write_image
from mmposetransfer.utils.text_files import read_json
from mmposetransfer.visualization.skeleton import draw_skeleton

from .persons import choose_person, crop_to_box

__all__ = ['estimate_folder', 'find_pictures', 'read_boxes', 'write_poses']

# Overlays of smaller pictures are drawn enlarged, to be looked at.
OVERLAY_SIZE = 256


def find_pictures(folder):
    """Names of the pictures in a folder and its sub-folders.

    Args:
        folder (str | Path): The folder.

    Returns:
        list[str]: Relative to the folder, with '/' between folders.

    Raises:
        FileNotFoundError: If there is no such folder, or no picture in it.
    """
    if not Path(folder).is_dir():
        raise FileNotFoundError(f"there is no folder '{folder}'")
    paths = image_files(folder, recursive=True)
    if not paths:
        raise FileNotFoundError(f"no pictures are in '{folder}'")
    return [path.relative_to(folder).as_posix() for path in paths]


def read_boxes(path):
    """Read which person of each picture is meant.

    Args:
        path (str | Path): A JSON object: picture -> [left, top, right,
            bottom] in pixels.

    Returns:
        dict[str, list[float]]: The same.

    Raises:
        FileNotFoundError, ValueError: If it is no such file.
    """
    boxes = read_json(path, 'file of boxes')
    if not isinstance(boxes, dict):
        raise ValueError(f"'{path}' must be an object of picture -> box")
    for name, box in boxes.items():
        if (
            not isinstance(box, list)
            or len(box) != 4
            or not all(type(value) in (int, float) for value in box)
        ):
            raise ValueError(
                f"'{path}': the box of '{name}' must be [left, top, right, "
                f'bottom], got {str(box)[:60]}'
            )
    return boxes


def estimate_folder(estimator, folder, names, record, boxes=None):
    """Find the people of pictures, one after the other.

    Pictures that the record knows are passed over, those with a problem are
    tried again.

    Args:
        estimator (PoseEstimator): What finds them.
        folder (str | Path): Where the pictures are.
        names (Sequence[str]): The pictures, relative to the folder.
        record (PoseRecord): Takes up what is found.
        boxes (dict, optional): Picture -> box of the person who is meant,
            see `read_boxes`. Without it the first person is.

    Yields:
        str: Each name, when the record has it.
    """
    for name in names:
        if name not in record.persons:
            try:
                image = read_image(Path(folder) / name)
                box = None if boxes is None else _box_of(name, boxes)
                persons = find_person_first(estimator, image, name, box)
            except (OSError, ValueError) as error:
                record.add(name, problem=str(error))
            else:
                record.add(name, persons)
        yield name


def _box_of(name, boxes):
    if name not in boxes:
        raise ValueError(f"there is no box of '{name}'")
    return boxes[name]


def find_person_first(estimator, image, name, box=None):
    """The people of a picture, the one who is meant first.

    Args:
        estimator (PoseEstimator): What finds them.
        image (ndarray): (H, W, 3) uint8 BGR.
        name (str): The picture's name.
        box (Sequence[float], optional): Of the person who is meant. Only
            this part of the picture is looked at, with a margin.

    Returns:
        ndarray: (P, 18, 3); none if nobody is in the box.
    """
    if box is None:
        return estimator([image], [name])[0]
    if not estimator.looks:
        persons, offset = estimator([image], [name])[0], (0, 0)
    else:
        part, offset = crop_to_box(image, box)
        persons = estimator([part], [name])[0]
    there = persons[..., 2:] > 0
    persons[..., :2] += np.where(there, np.float32(offset), 0)
    chosen = choose_person(persons, box)
    if chosen is None:
        return persons[:0]
    others = [p for p in persons if not np.array_equal(p, chosen)]
    return np.stack([chosen, *others])


def write_poses(folder, record, names, csv, openpose_dir=None,
                overlay_dir=None):
    """Write what a record holds in the formats of the field.

    Args:
        folder (str | Path): Where the pictures are.
        record (PoseRecord): What was found.
        names (Sequence[str]): The pictures; all others are left out.
        csv (str | Path): Of the person who is meant in each picture, see
            `write_keypoint_csv`. Pictures without a person are not in it.
        openpose_dir (str | Path, optional): Where to write an OpenPose JSON
            of each picture, with everyone, the person who is meant first.
        overlay_dir (str | Path, optional): Where to draw that person's
            skeleton over each picture.

    Yields:
        str: Each name, when its files are there.

    Raises:
        ValueError: If two pictures would have one OpenPose JSON.
    """
    if openpose_dir is not None:
        _check_apart(names)
    for name in names:
        persons = record.persons.get(name)
        if persons is not None and openpose_dir is not None:
            write_openpose_json(openpose_file(openpose_dir, name), persons)
        if persons is not None and overlay_dir is not None:
            image = read_image(Path(folder) / name)
            write_image(
                Path(overlay_dir) / f'{name}.png', overlay(image, persons[:1])
            )
        yield name
    write_keypoint_csv(
        csv,
        {
            name: record.persons[name][0]
            for name in names
            if len(record.persons.get(name, ()))
        },
    )


def _check_apart(names):
    taken = {}
    for name in names:
        path = openpose_file('', name)
        if path in taken:
            raise ValueError(
                f"'{taken[path]}' and '{name}' would have one OpenPose JSON, "
                f"'{path}': rename one"
            )
        taken[path] = name


def openpose_file(folder, name):
    """OpenPose's name for the file of a picture."""
    path = Path(folder) / name
    return path.with_name(f'{path.stem}_keypoints.json')


def overlay(image, persons):
    """Skeletons drawn over a picture.

    Args:
        image (ndarray): (H, W, 3) uint8 BGR.
        persons (Iterable[ndarray]): (18, 3) each.

    Returns:
        ndarray: uint8 BGR, enlarged by a whole number where it is small.
    """
    factor = max(1, OVERLAY_SIZE // max(image.shape[:2]))
    canvas = image.repeat(factor, 0).repeat(factor, 1)[..., ::-1]
    for person in persons:
        canvas = draw_skeleton(canvas, person, factor)
    return np.ascontiguousarray(canvas[..., ::-1])
