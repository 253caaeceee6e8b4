"""Which entry of a keypoint file is that of a picture."""

import os
from collections.abc import Iterable
from pathlib import Path

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.folders import Picture
from mmposetransfer.utils.spelling import spell

from ..names import NameIndex

__all__ = ['KeypointEntry', 'find_entry', 'index_keypoints']


class KeypointEntry(str):
    """The name of an entry as its file has it, which is looked for no more.

    `load_keypoints` takes it in place of a picture's name.
    """


def index_keypoints(
    names: Iterable, path: str | Path, tables: dict | None = None
) -> NameIndex:
    """An index of what a keypoint file holds.

    Args:
        names: Of the pictures, as the file has them.
        path: The file or folder that they were read from; files of a folder
            are called without the ending of their picture.
        tables: Keeps the index for further calls.

    Returns:
        Of the names.
    """
    tables = {} if tables is None else tables
    key = (Path(path), 'index')
    if key not in tables:
        tables[key] = NameIndex(
            names, f"'{path}'", 'keypoints', endings=not os.path.isdir(path)
        )
    return tables[key]


def find_entry(
    names: Iterable,
    picture: str | Path | Picture | KeypointEntry | None,
    path: str | Path,
    tables: dict | None = None,
) -> str:
    """The entry of one picture.

    Args:
        names: As of `index_keypoints`.
        picture: The picture; None where there is only one.
        path: As of `index_keypoints`.
        tables: As of `index_keypoints`.

    Returns:
        One of the names.

    Raises:
        ValueError: If there is none, or several that could be it.
    """
    if isinstance(picture, KeypointEntry):
        return str(picture)
    if picture is not None:
        try:
            return index_keypoints(names, path, tables)[picture]
        except ValueError as error:
            raise type(error)(
                f'{error} ({spell("image_name")} says which is meant)'
            ) from error
    if len(names) != 1:
        raise UserValueError(
            f"'{path}' holds the keypoints of {len(names)} images: pass "
            f'{spell("image_name")} to say whose'
        )
    return next(iter(names))
