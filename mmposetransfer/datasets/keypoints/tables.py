"""The poses of many pictures."""

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

import numpy as np

from .arrays import drop_unsure
from .formats import read_keypoint_file
from .people import NOBODY
from .placement import place

__all__ = ['KeypointTable', 'read_keypoint_table']


class KeypointTable(dict):
    """Name of a picture, or a person -> (18, 3) x, y in pixels, score.

    Pictures in which nobody was found have zeros.

    Args:
        poses: What it holds.
        found_in: Name -> (height, width) of the canvas in which the joints
            were found, where the file says that.
        pictures: Name of a person, such as NAME#0 -> that of the picture.
    """

    def __init__(
        self,
        poses: Mapping[str, np.ndarray] = (),
        found_in: Mapping[str, tuple[int, int]] = (),
        pictures: Mapping[str, str] = (),
    ):
        super().__init__(poses)
        self.found_in = dict(found_in)
        self._pictures = dict(pictures)

    @property
    def empty(self) -> list[str]:
        """Names of the pictures in which nobody was found."""
        return [name for name, pose in self.items() if not pose[:, 2].any()]

    def picture_of(self, name: str) -> str:
        """The picture that somebody is in, as the file calls it.

        Args:
            name: A name of the table.
        """
        return self._pictures.get(name, name)

    def placed(
        self, sizes: Mapping[str, tuple[int, int]] | None = None
    ) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """See that people lie in their pictures.

        Those of one picture count together: of a bystander most joints may
        lie beyond the border.

        Args:
            sizes: Name of a picture -> its (height, width), where they are
                known.

        Returns:
            Keypoints (N, 18, 3), sizes (N, 2), where they are not known the
            canvas that the file says, or 0, and names of the pictures that
            have single joints outside of them.

        Raises:
            ValueError: If joints are those of another picture, or scaled to
                [0, 1].
        """
        placed, known, odd = [], [], []
        for picture, names in groupby(self, key=self.picture_of):
            names = list(names)
            canvas = self.found_in.get(names[0])
            size = canvas if sizes is None else tuple(sizes[picture])
            joints, found = place(
                np.concatenate([self[name] for name in names]),
                size,
                f"keypoints of '{picture}'",
                canvas,
            )
            placed.append(joints.reshape(-1, 18, 3))
            known += [size or (0, 0)] * len(names)
            if found is not None:
                odd.append(picture)
        return np.concatenate(placed), np.array(known), odd


def read_keypoint_table(
    path: str | Path,
    format: str = 'auto',
    min_score: float | None = None,
    everybody: bool = False,
) -> KeypointTable:
    """Read the OpenPose-18 joints of many pictures.

    Of several persons in a picture the one is taken that `load_keypoints`
    takes: the largest, of OpenPose's files the surest.

    Args:
        path: A keypoint file or folder, see `read_keypoint_file`.
        format: One of :data:`KEYPOINT_FORMATS`; 'auto' finds it out.
        min_score: Joints with a lower score count as missing; see
            `load_keypoints`.
        everybody: Whether to take all persons, as NAME#0, NAME#1, ... in the
            order of the file.

    Returns:
        Name of each picture, as the file has it -> (18, 3) float32.

    Raises:
        FileNotFoundError: If there is no such file or folder.
        ValueError: For a file, line or entry that cannot be read.
    """
    table = KeypointTable()
    for name, people in read_keypoint_file(path, format).people.items():
        sure = [
            (i, person, _sure_joints(person, min_score))
            for i, person in enumerate(people)
        ]
        sure = [found for found in sure if found[2] is not None]
        if not sure:
            table[name] = NOBODY.copy()
        elif not everybody:
            sure = [max(sure, key=lambda found: found[1].rank)]
        for i, person, joints in sure:
            key = name
            if everybody:
                key = f'{name}#{i}'
                table._pictures[key] = name
            table[key] = joints
            if person.found_in is not None:
                table.found_in[key] = person.found_in
    return table


def _sure_joints(person, min_score):
    """The joints of a person; None if there are none."""
    least = person.min_score if min_score is None else min_score
    if person.keypoints[:, 2].max() < max(least, 1e-9):
        return None
    return drop_unsure(person.keypoints, least)
