"""Transforms of the dictionaries that datasets make."""

from .flow_from_fits import FlowFromFits
from .formatting import PackPoseTransferInputs
from .loading import LoadPair
from .poses import RandomAffineTarget, UseFittedKeypoints, move_target

__all__ = [
    'FlowFromFits',
    'LoadPair',
    'PackPoseTransferInputs',
    'RandomAffineTarget',
    'UseFittedKeypoints',
    'move_target',
]
