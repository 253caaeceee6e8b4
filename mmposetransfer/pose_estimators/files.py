"""Poses that another program has found already, out of its files."""

import os
from pathlib import Path

import numpy as np

from mmposetransfer.datasets.keypoints import (
    KEYPOINT_FORMATS,
    load_persons,
    match_keypoints,
)
from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.image_io import read_image
from mmposetransfer.registry import TASK_UTILS

from .base import FoundPersons, PoseEstimator
from .persons import as_persons

__all__ = ['FilePoseEstimator']


@TASK_UTILS.register_module()
class FilePoseEstimator(PoseEstimator):
    """Look people up by the names of their pictures.

    Args:
        source (str | Path): A keypoint file of any format, or a folder; see
            `mmposetransfer.datasets.load_keypoints`.
        format (str): One of `mmposetransfer.datasets.KEYPOINT_FORMATS`.
        min_score (float, optional): Joints that score less are missing.
            Defaults to what `mmposetransfer.datasets.load_keypoints` takes.
    """

    skeleton = 'openpose18'
    looks = False

    def __init__(self, source, format='auto', min_score=None):
        super().__init__(0.0 if min_score is None else min_score)
        if not Path(source).exists():
            raise UserFileNotFoundError(f"there are no keypoints '{source}'")
        if format not in KEYPOINT_FORMATS:
            raise UserValueError(
                f'format must be one of {KEYPOINT_FORMATS}, got {format!r}'
            )
        self._source = source
        self._format = format
        self._usual_score = min_score is None
        self._tables = {}
        self._entries = {}

    def expect(self, names):
        """Look all pictures up, so that none gets another one's people.

        Args:
            names (Sequence[str]): Of the pictures.

        Raises:
            FileNotFoundError, ValueError: If the file cannot be read, or
                knows none of them, or an entry could be that of several.
        """
        self._entries = match_keypoints(
            self._source, names, self._format, self._tables
        )
        if not self._entries and len(names) > 1:
            raise UserValueError(
                f"'{self._source}' is about one picture, and there are "
                f'{len(names)}: give a file that names them, or the folder '
                'that holds all of them'
            )

    def detect(self, images):
        """Pictures alone tell no file where to look."""
        raise TypeError('keypoints of files are looked up by name: call it')

    def find(self, images, names=None):
        """Look pictures up; see `PoseEstimator.find`.

        The largest person is first, of OpenPose's files the surest, as in
        `load_keypoints`.

        Raises:
            ValueError: If there are no names, a file does not know one, or
                its joints are of another picture.
        """
        if names is None:
            names = [
                image if isinstance(image, (str, os.PathLike)) else None
                for image in images
            ]
        if None in names or len(names) != len(images):
            raise UserValueError(
                'keypoints of files are looked up by name: pass the pictures '
                'as files, or names with one for each'
            )
        found = []
        for image, name in zip(images, names, strict=True):
            size = read_image(image).shape[:2]
            entry = self._entries.get(name, name)
            if entry is None:
                raise UserValueError(
                    f"'{self._source}' has no keypoints of the image '{name}'"
                )
            persons = load_persons(
                self._source,
                entry,
                self._format,
                None if self._usual_score else self.min_score,
                self._tables,
                size,
            )
            found.append(FoundPersons(_inside(persons, size)))
        return found


def _inside(persons, size):
    """What of each person lies in the image, in the order given."""
    kept = [as_persons(person, 'openpose18', size) for person in persons]
    return np.concatenate([np.zeros((0, 18, 3), np.float32), *kept])
