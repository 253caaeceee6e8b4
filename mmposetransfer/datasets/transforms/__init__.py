"""Transforms of the dictionaries that datasets make."""

from .formatting import PackPoseTransferInputs
from .loading import LoadPair
from .poses import RandomShiftTarget, UseFittedKeypoints, shift_target

__all__ = [
    'LoadPair', 'PackPoseTransferInputs', 'RandomShiftTarget',
    'UseFittedKeypoints', 'shift_target'
]
