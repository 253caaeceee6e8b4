"""Which keypoints are those of a picture: in a table, or a folder of files."""

import os
from pathlib import Path

from mmposetransfer.utils.folders import LeftOut, walk_files

from .names import NameIndex

__all__ = ['KeypointEntry', 'index_keypoints', 'keypoint_file',
           'openpose_files']

_OPENPOSE_ENDING = '_keypoints.json'


class KeypointEntry(str):
    """The name of an entry as its file has it, which is looked for no more.

    `load_keypoints` takes it in place of a picture's name.
    """


def index_keypoints(table, path, tables=None):
    """An index of a table of keypoints.

    Args:
        table (Iterable): Names of pictures, as the file writes them.
        path (str | Path): The file or folder that it was read from; files of
            a folder are called without the ending of their picture.
        tables (dict, optional): Keeps the index for further calls.

    Returns:
        NameIndex: Of the names.
    """
    tables = {} if tables is None else tables
    key = (Path(path), 'index')
    if key not in tables:
        tables[key] = NameIndex(table, f"'{path}'", 'keypoints',
                                endings=not os.path.isdir(path))
    return tables[key]


def openpose_files(folder):
    """The files of OpenPose in a folder and its sub-folders.

    Args:
        folder (str | Path): Of files ``<image>_keypoints.json``, or of other
            JSON files where there are none so called.

    Returns:
        dict[str, Path]: Name of the image within the folder, without its
        ending -> file.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If there are no such files.
    """
    names = [name for name in walk_files(folder, LeftOut())
             if name.lower().endswith('.json')]
    if not names:
        raise ValueError(f"'{folder}' holds no files *{_OPENPOSE_ENDING}.")
    usual = [name for name in names if name.endswith(_OPENPOSE_ENDING)]
    cut = len(_OPENPOSE_ENDING if usual else '.json')
    return {name[:-cut]: Path(folder) / name for name in usual or names}


def keypoint_file(folder, picture, tables=None):
    """The file of one picture in a folder of OpenPose's.

    Args:
        folder (str | Path): See :func:`openpose_files`.
        picture (str | Path | Picture | KeypointEntry): The picture.
        tables (dict, optional): Keeps what is in the folder.

    Returns:
        Path: The file.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If it has no file of the picture, or several.
    """
    tables = {} if tables is None else tables
    key = (Path(folder), 'files')
    if key not in tables:
        tables[key] = openpose_files(folder)
    if not isinstance(picture, KeypointEntry):
        picture = index_keypoints(tables[key], folder, tables)[picture]
    return tables[key][picture]
