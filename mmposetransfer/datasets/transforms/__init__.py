"""Transforms of the dictionaries that datasets make."""

from .formatting import PackPoseTransferInputs
from .poses import RandomShiftTarget, UseFittedKeypoints, shift_target

__all__ = [
    'PackPoseTransferInputs', 'RandomShiftTarget', 'UseFittedKeypoints',
    'shift_target'
]
