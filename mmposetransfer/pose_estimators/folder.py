"""Poses of all the pictures of a folder."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from mmposetransfer.datasets.keypoints import (
    write_keypoint_csv,
    write_openpose_json,
)
from mmposetransfer.datasets.names import NameIndex
from mmposetransfer.jobs import run
from mmposetransfer.utils.file_names import short_path
from mmposetransfer.utils.folders import find_pictures
from mmposetransfer.utils.image_io import read_image, write_image
from mmposetransfer.utils.picture_formats import split_ending
from mmposetransfer.utils.text_files import read_json
from mmposetransfer.visualization.skeleton import draw_skeleton

from .base import PoseEstimator
from .persons import choose_person, crop_to_box
from .record import PoseRecord

__all__ = [
    'check_openpose_files',
    'estimate_folder',
    'pictures_of_folder',
    'read_boxes',
    'write_poses',
]

# Overlays of smaller pictures are drawn enlarged, to be looked at.
OVERLAY_SIZE = 256


def pictures_of_folder(folder):
    """The pictures of a folder and its sub-folders whose poses can be told.

    Args:
        folder (str | Path): The folder.

    Returns:
        FoundPictures: Without those whose names no CSV can hold.

    Raises:
        FileNotFoundError: If there is no such folder, or no picture in it.
    """
    found, told = find_pictures(folder), []
    for picture in found.pictures:
        if {'\n', '\r'} & set(picture.name):
            found.left_out.add(
                'a line break in its name, which no CSV holds: rename it',
                picture.name,
            )
        else:
            told.append(picture)
    if not told:
        reasons = '; '.join(found.left_out.lines())
        raise FileNotFoundError(
            f"no pictures are in '{folder}'" + (reasons and f': {reasons}')
        )
    return found._replace(pictures=told)


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


def estimate_folder(
    build: Callable[[], PoseEstimator],
    pictures: list,
    record: PoseRecord,
    boxes: dict | None = None,
    workers: int = 1,
) -> Iterator[int]:
    """Find the people of pictures.

    Pictures that the record knows are passed over, those with a problem are
    tried again.

    Args:
        build: Gives the estimator; called once in each process.
        pictures: The pictures, each a `Picture`.
        record: Takes up what is found, by their names.
        boxes: Picture -> box of the person who is meant, see `read_boxes`.
            Without it the first person is.
        workers: Processes, as of `mmposetransfer.jobs.run`.

    Yields:
        How many pictures the record has, after each that was looked at.
    """
    box_of = (
        None
        if boxes is None
        else NameIndex(boxes, 'the file of boxes', 'box').match(pictures)
    )
    todo = [p for p in pictures if p.name not in record.persons]
    parts = [
        (picture, None if box_of is None else boxes.get(box_of[picture]))
        for picture in todo
    ]
    names = [picture.name for picture in pictures]
    start = partial(_Finder, build, names, boxes is not None)
    done = len(pictures) - len(todo)
    for picture, found in zip(todo, run(start, parts, workers), strict=True):
        record.add(picture.name, **found)
        done += 1
        yield done


class _Finder:
    """Finds the people of one picture after the other."""

    def __init__(self, build, names, boxed):
        self.estimator, self.boxed = build(), boxed
        self.estimator.expect(names)

    def __call__(self, part):
        """What `PoseRecord.add` takes."""
        picture, box = part
        name = picture.name
        try:
            image = read_image(picture)
            if self.boxed and box is None:
                raise ValueError(f"there is no box of '{name}'")
            persons = find_person_first(self.estimator, image, name, box)
        except (OSError, ValueError) as error:
            return dict(problem=str(error))
        return dict(persons=persons)


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


def write_poses(pictures, record, csv, openpose_dir=None, overlay_dir=None):
    """Write what a record holds in the formats of the field.

    Args:
        pictures (Sequence[Picture]): The pictures; all others are left out.
        record (PoseRecord): What was found.
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
    names = [picture.name for picture in pictures]
    if openpose_dir is not None:
        check_openpose_files(names)
    for picture in pictures:
        name = picture.name
        persons = record.persons.get(name)
        if persons is not None and openpose_dir is not None:
            write_openpose_json(openpose_file(openpose_dir, name), persons)
        if persons is not None and overlay_dir is not None:
            image = read_image(picture)
            path = Path(overlay_dir) / short_path(f'{name}.png')
            write_image(path, overlay(image, persons[:1]))
        yield name
    write_keypoint_csv(
        csv,
        {
            name: record.persons[name][0]
            for name in names
            if len(record.persons.get(name, ()))
        },
    )


def check_openpose_files(names):
    """See that each picture has an OpenPose JSON of its own.

    Args:
        names (Iterable[str]): Of the pictures.

    Raises:
        ValueError: If two pictures would have one; names both.
    """
    taken = {}
    for name in names:
        path = openpose_file('', name)
        other = taken.setdefault(path, name)
        if other != name:
            raise ValueError(
                f"'{other}' and '{name}' would have one OpenPose JSON, "
                f"'{path}': rename one"
            )


def openpose_file(folder, name):
    """OpenPose's name for the file of a picture."""
    return Path(folder) / f'{split_ending(name)[0]}_keypoints.json'


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
