"""Keypoint files of all formats: one reader of many poses, one of a pose."""

from .arrays import to_openpose18
from .csv_files import CSV_HEADER, write_keypoint_csv
from .entries import KeypointEntry, index_keypoints
from .formats import KEYPOINT_FORMATS, read_keypoint_file
from .loading import load_keypoints, load_persons, match_keypoints
from .openpose import write_openpose_json
from .people import (
    DetectedPerson,
    KeypointFile,
    KeypointWarning,
    warn_once,
)
from .placement import (
    Misplacement,
    check_keypoints,
    fit_to_picture,
    misplacement,
    place,
)
from .tables import KeypointTable, read_keypoint_table

__all__ = [
    'CSV_HEADER',
    'DetectedPerson',
    'KEYPOINT_FORMATS',
    'KeypointEntry',
    'KeypointFile',
    'KeypointTable',
    'KeypointWarning',
    'Misplacement',
    'check_keypoints',
    'fit_to_picture',
    'index_keypoints',
    'load_keypoints',
    'load_persons',
    'match_keypoints',
    'misplacement',
    'place',
    'read_keypoint_file',
    'read_keypoint_table',
    'to_openpose18',
    'warn_once',
    'write_keypoint_csv',
    'write_openpose_json',
]
