"""Datasets of (reference, target) pairs and their transforms."""

from .flow_io import read_corr, write_corr
from .pose_transfer_dataset import PoseTransferDataset
from .synthfashion_dataset import SynthFashionDataset

__all__ = [
    'PoseTransferDataset', 'SynthFashionDataset', 'read_corr', 'write_corr'
]
