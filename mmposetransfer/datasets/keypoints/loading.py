"""The pose of one picture, from wherever it comes."""

import numbers
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from mmposetransfer.errors import UserTypeError, UserValueError
from mmposetransfer.io.folders import Picture
from mmposetransfer.utils.spelling import spell

from .arrays import drop_unsure, to_openpose18
from .entries import KeypointEntry, find_entry, index_keypoints
from .formats import list_folder, read_keypoint_file
from .people import DetectedPerson, KeypointFile
from .placement import check_keypoints, fit_to_picture

__all__ = ['load_keypoints', 'load_persons', 'match_keypoints']


def load_keypoints(
    source,
    image_name: str | Path | Picture | None = None,
    format: str = 'auto',
    person: int | None = None,
    skeleton: str | None = None,
    min_score: float | None = None,
    tables: dict | None = None,
    size: tuple[int, int] | None = None,
) -> np.ndarray:
    """Load the pose of one person as OpenPose-18.

    Args:
        source (ndarray | Tensor | Sequence | str | Path): Joints as numbers,
            (K, 2) x, y or (K, 3) x, y, score, where a missing joint has score
            0 or -1 for x or y. Or a keypoint file or folder, see
            `read_keypoint_file`.
        image_name: The image whose pose is wanted, where a file or folder
            holds several.
        format: One of :data:`KEYPOINT_FORMATS`; 'auto' finds it out.
        person: Which of several persons in the image, in the order of the
            file, from 0. Defaults to the one whose joints span the largest
            box, of OpenPose's files the one with the highest sum of scores.
        skeleton: Which joints an array holds, see `to_openpose18`. Defaults
            to the skeleton that has so many joints.
        min_score: Joints with a lower score count as missing. Defaults to
            0.1 for OpenPose's files, to 0.3 for those of other detectors
            (mmpose, AlphaPose, results of COCO) and to 0 for all else: a
            file of annotations and a CSV say themselves what is missing.
        tables: Keeps the content of files with the poses of many images, for
            further calls that hand over the same dict; the files are not
            read again.
        size: (height, width) of the image. Joints are checked to lie in it,
            and those of a canvas of another size are brought to it.

    Returns:
        (18, 3) float32 x, y in pixels, score; zeros where missing.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the source is malformed, does not know the image, or
            holds no pose of it, or one of another image. The message names
            file, line, key or joint.
    """
    if isinstance(source, (np.ndarray, torch.Tensor, list, tuple)):
        name = 'the keypoints'
        found = DetectedPerson(to_openpose18(source, skeleton=skeleton))
    elif isinstance(source, (str, os.PathLike)):
        people, name = _people(source, image_name, format, tables, skeleton)
        found, name = _choose(people, person, name)
    else:
        raise UserTypeError(
            'keypoints must be numbers (K, 2) or (K, 3), or the path of a '
            f'CSV, JSON, .pkl or .npy file, got {type(source).__name__}'
        )
    if min_score is None:
        min_score = found.min_score
    keypoints = drop_unsure(found.keypoints, min_score, name)
    check_keypoints(keypoints, name)
    return fit_to_picture(
        keypoints, size, name, found.found_in, _told(tables, 'outside')
    )


def load_persons(
    path: str | Path,
    image_name: str | Path | Picture,
    format: str = 'auto',
    min_score: float | None = None,
    tables: dict | None = None,
    size: tuple[int, int] | None = None,
) -> list[np.ndarray]:
    """Load the poses of everyone in an image, out of a file.

    Args:
        path: The file, or folder, as of `load_keypoints`.
        image_name: The image.
        format: As of `load_keypoints`.
        min_score: As of `load_keypoints`.
        tables: As of `load_keypoints`.
        size: As of `load_keypoints`.

    Returns:
        For each person (18, 3) float32 x, y in pixels, score; the largest
        (OpenPose: surest) first; people without any joint that reaches
        ``min_score`` are left out.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is malformed or does not know the image, or
            its joints are of another one.
    """
    people, name = _people(path, image_name, format, tables)
    persons = []
    for person in sorted(people, key=lambda p: p.rank, reverse=True):
        least = person.min_score if min_score is None else min_score
        if person.keypoints[:, 2].max() >= max(least, 1e-9):
            persons.append(drop_unsure(person.keypoints, least))
    if not persons:
        return []
    # All together: of a bystander most may lie beyond the border.
    placed = fit_to_picture(
        np.concatenate(persons),
        size,
        name,
        people[0].found_in,
        _told(tables, 'outside'),
    )
    return list(placed.reshape(-1, 18, 3))


def _told(tables, kind):
    """What calls that share tables have warned of."""
    return None if tables is None else tables.setdefault(kind, set())


def match_keypoints(
    source: str | Path,
    pictures: Iterable[str | Path | Picture],
    format: str = 'auto',
    tables: dict | None = None,
) -> dict:
    """Say which entry of a file is that of each of many pictures.

    No two of them get one entry, as may happen where each is looked up alone.

    Args:
        source: The file, or folder, as of `load_keypoints`.
        pictures: Different pictures.
        format: As of `load_keypoints`.
        tables: As of `load_keypoints`.

    Returns:
        Picture -> `KeypointEntry`, which `load_keypoints` takes as
        ``image_name``, None where there is none; empty for a file about one
        picture that it does not name.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is malformed, knows none of the pictures, or
            has entries that could be those of several.
    """
    path, told = Path(source), _told(tables, 'passed over')
    tables = {} if tables is None else tables
    if path.is_dir():
        names = _files(path, tables)
    else:
        found = _read(path, format, tables, told)
        if found.single:
            return {}
        names = found.people
    index = index_keypoints(names, path, tables)
    return {
        picture: None if entry is None else KeypointEntry(entry)
        for picture, entry in index.match(pictures).items()
    }


def _people(source, image_name, format, tables, skeleton=None):
    """The people of an image, and what messages call them."""
    path, told = Path(source), _told(tables, 'passed over')
    tables = {} if tables is None else tables
    if path.is_dir():
        files = _files(path, tables)
        path = files[find_entry(files, image_name, path, tables)]
        image_name = None
    found = _read(path, format, tables, told, skeleton)
    if found.single:
        (people,) = found.people.values()
        return people, f"'{path}'"
    image = find_entry(found.people, image_name, path, tables)
    return found.people[image], f"'{path}' ({image})"


def _files(folder, tables):
    """The files of a folder, one a picture."""
    if folder not in tables:
        tables[folder] = list_folder(folder)
    return tables[folder]


def _read(path, format, tables, told, skeleton=None):
    """What a file holds; that of many pictures is read once."""
    found = tables.get((path, format))
    if not isinstance(found, KeypointFile):
        found = read_keypoint_file(path, format, skeleton, told)
        if not found.single:
            tables[path, format] = found
    return found


def _choose(people, index, name):
    if not people:
        raise UserValueError(f'{name}: no person was found in this image')
    if index is None:
        index = max(range(len(people)), key=lambda i: people[i].rank)
    elif not isinstance(index, numbers.Integral):
        raise UserTypeError(
            f'{spell("person")} must be a whole number, got {index!r}'
        )
    elif not 0 <= index < len(people):
        raise UserValueError(
            f'{name}: there is no person {index}, only 0 to {len(people) - 1}'
        )
    if len(people) > 1:
        name = f'{name}, person {index}'
    return people[index], name
