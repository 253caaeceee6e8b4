"""Tables of the paper's kind: a pickle of image id -> 18 x [x, y]."""

from pathlib import Path

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.plain_pickle import load_plain_pickle

from .arrays import to_openpose18
from .people import DetectedPerson, KeypointFile

__all__ = ['people_of_table', 'read_pickle']


def read_pickle(path: str | Path) -> KeypointFile:
    """Read a pickle of joints, such as the paper's ``pose_label.pkl``.

    Args:
        path: The file. Nothing in it is executed; joblib's is read, too.

    Returns:
        One person a picture.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no pickle of plain data, or no such table.
    """
    return people_of_table(load_plain_pickle(path), path)


def people_of_table(table, path: str | Path) -> KeypointFile:
    """People of a dict of joints.

    Args:
        table: Image id -> 18 x [x, y] or [x, y, score], OpenPose's joints; -1
            is missing.
        path: The file, for messages.

    Returns:
        One person a picture; one without joints where all are missing.

    Raises:
        ValueError: If it is no such dict.
    """
    if not isinstance(table, dict):
        raise UserValueError(
            f"'{path}' must hold a dict, image id -> 18 x [x, y], not a "
            f'{type(table).__name__}.'
        )
    people = {}
    for name, points in table.items():
        name = name.decode() if isinstance(name, bytes) else str(name)
        points = to_openpose18(points, f"'{path}' ({name})", 'openpose18')
        people[name] = [DetectedPerson(points)]
    return KeypointFile(people)
