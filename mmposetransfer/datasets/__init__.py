"""Datasets of (reference, target) pairs and their transforms."""

from .flow_io import read_corr, write_corr
from .keypoint_io import KEYPOINT_FORMATS, load_keypoints, load_persons
from .keypoint_writers import write_keypoint_csv, write_openpose_json
from .pose_transfer_dataset import (
    PoseTransferDataset,
    read_keypoint_table,
    read_pairs,
)
from .synthfashion_dataset import SynthFashionDataset

__all__ = [
    'KEYPOINT_FORMATS', 'PoseTransferDataset', 'SynthFashionDataset',
    'load_keypoints', 'load_persons', 'read_corr', 'read_keypoint_table',
    'read_pairs', 'write_corr', 'write_keypoint_csv', 'write_openpose_json'
]
