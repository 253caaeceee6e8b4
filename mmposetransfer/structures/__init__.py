"""Data structures that travel from datasets to metrics."""

from .fields import FIELDS, KINDS, MAPS, Field, fields_in, register_field
from .pose_transfer_data_sample import PoseTransferDataSample

__all__ = [
    'FIELDS',
    'KINDS',
    'MAPS',
    'Field',
    'PoseTransferDataSample',
    'fields_in',
    'register_field',
]
