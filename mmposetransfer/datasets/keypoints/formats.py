"""Which format a keypoint file has, and its reader."""

import re
from collections import Counter
from pathlib import Path

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.folders import walk_files
from mmposetransfer.io.left_out import LeftOut
from mmposetransfer.io.text_files import read_json
from mmposetransfer.io.unpacking import is_packed

from .arrays import read_npy, to_openpose18
from .coco import people_of_coco, people_of_results
from .csv_files import read_csv
from .mmpose import INSTANCES, people_of_mmpose
from .openpose import PEOPLE, people_of_openpose
from .people import DetectedPerson, KeypointFile
from .pickles import people_of_table, read_pickle

__all__ = ['KEYPOINT_FORMATS', 'list_folder', 'read_keypoint_file']

#: Formats that a keypoint file may be said to have; 'auto' looks for itself.
KEYPOINT_FORMATS = (
    'auto',
    'csv',
    'openpose',
    'coco',
    'mmpose',
    'pickle',
    'npy',
)
# By the ending, where that says it.
ENDINGS = {
    '.csv': 'csv',
    '.json': 'json',
    '.npy': 'npy',
    '.pkl': 'pickle',
    '.pickle': 'pickle',
}
# How files begin whose ending does not say it.
BEGINNINGS = {
    'npy': re.compile(rb'\x93NUMPY'),
    'pickle': re.compile(rb'\x80[\x02-\x05]'),
    'json': re.compile(rb'(?:\xef\xbb\xbf)?\s*[\[{]'),
    'csv': re.compile(rb'[^\n\0-\x08]*(?:keypoints_y|[:,;]\s*"?\[[-0-9n])'),
}
# Behind the name of a picture, in names of files about it.
OF_A_PICTURE = re.compile(r'(_keypoints|\.predictions)?\.json$', re.I)
OPENPOSE_ENDING = '_keypoints.json'
KNOWN = (
    "OpenPose ('people'), COCO ('images' and 'annotations'), lists of results "
    "of COCO or AlphaPose ('image_id' and 'keypoints'), mmpose's predictions "
    "('keypoints' and 'keypoint_scores') and lists of ControlNet"
)


def read_keypoint_file(
    path: str | Path,
    format: str = 'auto',
    skeleton: str | None = None,
    told: set | None = None,
) -> KeypointFile:
    """Read a keypoint file of any format.

    Args:
        path: A CSV of ``name:keypoints_y:keypoints_x``; a JSON of OpenPose,
            COCO, AlphaPose, mmpose or ControlNet; a pickle such as the
            paper's ``pose_label.pkl``; an array in ``.npy``; or a folder of
            JSONs, one for each picture.
        format: One of :data:`KEYPOINT_FORMATS`; 'auto' goes by the ending,
            and by the content where that does not say it.
        skeleton: Which joints an ``.npy`` holds; see `to_openpose18`.
        told: Of calls that hand over the same set only the first one warns
            of what a file has beside people.

    Returns:
        What is in it.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is malformed, or of another format.
    """
    path = Path(path)
    if format not in KEYPOINT_FORMATS:
        raise UserValueError(
            f'format must be one of {KEYPOINT_FORMATS}, got {format!r}'
        )
    if path.is_dir():
        found = _read_folder(path, format)
        found.tell(path, told)
        return found
    if not path.is_file():
        raise UserFileNotFoundError(
            f"the keypoint file '{path}' does not exist"
        )
    found = _read_file(path, format, skeleton)
    found.tell(path, told)
    return found


def list_folder(
    folder: str | Path, left_out: LeftOut | None = None
) -> dict[str, Path]:
    """Files of a folder of JSONs, one for each picture.

    Args:
        folder: As OpenPose, AlphaPose and mmpose's inferencer fill it;
            sub-folders are looked into.
        left_out: Takes up the other files.

    Returns:
        Name of the picture within the folder, without ending -> the file.
        Where there are files such as OpenPose writes, ``*_keypoints.json``,
        only those.

    Raises:
        ValueError: If there is no JSON, or two are about one picture.
    """
    folder, left_out = (
        Path(folder),
        LeftOut() if left_out is None else (left_out),
    )
    found = walk_files(folder, left_out)
    files = [name for name in found if name.lower().endswith('.json')]
    of_openpose = [name for name in files if name.endswith(OPENPOSE_ENDING)]
    files = of_openpose or files
    for name in sorted({*found} - {*files}):
        left_out.add('other files', name)
    names = {}
    for file in files:
        name = OF_A_PICTURE.sub('', file)
        file = folder / file
        if name in names:
            raise UserValueError(
                f"'{names[name]}' and '{file}' would both be "
                f"about the picture '{name}'"
            )
        names[name] = file
    if not names:
        raise UserValueError(
            f"'{folder}' holds no files *.json, such as OpenPose's "
            f'*{OPENPOSE_ENDING}'
        )
    return names


def _read_folder(folder, format):
    people, left_out = {}, LeftOut()
    files = list_folder(folder, left_out)
    passed_over = Counter(
        {reason: len(names) for reason, names in left_out.names.items()}
    )
    for name, file in files.items():
        found = _read_file(file, format, None)
        if not found.single:
            raise UserValueError(
                f"'{file}' is about several pictures: give this file, not "
                'its folder'
            )
        (people[name],) = found.people.values()
        passed_over += found.passed_over
    return KeypointFile(people, False, passed_over)


def _read_file(path, format, skeleton):
    kind = _format_of(path) if format == 'auto' else format
    name = OF_A_PICTURE.sub('', path.name)
    name = path.stem if name == path.name else name
    if kind == 'csv':
        return read_csv(path)
    if kind == 'pickle':
        return read_pickle(path)
    if kind == 'npy':
        return _one_pose(read_npy(path), path, name, skeleton)
    content = read_json(path, 'keypoint file')
    if kind == 'json':
        kind = _kind_of_json(content)
    elif kind == 'coco' and isinstance(content, list):
        kind = 'results'
    if kind is None:
        raise UserValueError(
            f"'{path}' is no keypoint file that is read: known are {KNOWN}"
        )
    if kind == 'array':
        return _one_pose(content, path, name, skeleton)
    if kind == 'table':
        return people_of_table(content, path)
    if kind == 'results':
        return people_of_results(content, path)
    if kind == 'coco':
        return people_of_coco(content, path)
    read = people_of_openpose if kind == 'openpose' else people_of_mmpose
    return read(content, path, name)


def _one_pose(points, path, name, skeleton):
    person = DetectedPerson(to_openpose18(points, f"'{path}'", skeleton))
    return KeypointFile({name: [person]}, single=True)


def _format_of(path):
    """By the ending, else by how the file begins."""
    if path.suffix.lower() in ENDINGS:
        return ENDINGS[path.suffix.lower()]
    with open(path, 'rb') as file:
        data = file.read(4096)
    for kind, beginning in BEGINNINGS.items():
        if beginning.match(data):
            return kind
    if is_packed(data):  # joblib compresses its pickles
        return 'pickle'
    raise UserValueError(
        f"'{path}': neither the ending {path.suffix!r} nor the content tells "
        'the format; known are .csv, .json, .pkl and .npy, or say format= one '
        f'of {KEYPOINT_FORMATS}'
    )


def _kind_of_json(content):
    """The format of a JSON by its outermost keys; None for others."""
    if isinstance(content, dict):
        return _kind_of_dict(content)
    if not isinstance(content, list):
        return None
    first = next((entry for entry in content if entry is not None), [])
    if isinstance(first, list):
        # [[x, y], ...] is one pose, [[{...}], ...] are people of pictures.
        is_pose = first and not isinstance(first[0], (dict, type(None)))
        return 'array' if is_pose else 'mmpose'
    if not isinstance(first, dict):
        return None
    if set(PEOPLE) & set(first):
        return 'openpose'
    if 'image_id' in first:
        return 'results'
    return 'mmpose' if {'keypoints', 'instances'} & set(first) else None


def _kind_of_dict(content):
    if 'annotations' in content or 'images' in content:
        return 'coco'
    if set(PEOPLE) & set(content):
        return 'openpose'
    if {'keypoints', *INSTANCES} & set(content):
        return 'mmpose'
    first = next((v for v in content.values() if v is not None), None)
    if isinstance(first, dict):
        return 'openpose' if set(PEOPLE) & set(first) else None
    return 'table' if isinstance(first, list) else None
