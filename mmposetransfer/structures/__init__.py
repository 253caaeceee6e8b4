"""Data structures that travel from datasets to metrics."""

from .pose_transfer_data_sample import PoseTransferDataSample

__all__ = ['PoseTransferDataSample']
