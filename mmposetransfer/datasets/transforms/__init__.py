"""Transforms of the dictionaries that datasets make."""

from .flow_from_fits import FlowFromFits
from .formatting import PackPoseTransferInputs
from .loading import LoadPair
from .poses import RandomShiftTarget, UseFittedKeypoints, shift_target

__all__ = [
    'FlowFromFits', 'LoadPair', 'PackPoseTransferInputs', 'RandomShiftTarget',
    'UseFittedKeypoints', 'shift_target'
]
