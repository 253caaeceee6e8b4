"""Transforms of the dictionaries that datasets make."""

from .flipping import RandomFlipPair, mirror_pair
from .flow_from_fits import FlowFromFits
from .formatting import PackPoseTransferInputs, pack_field
from .loading import LoadPair
from .poses import RandomAffineTarget, UseFittedKeypoints, move_target

__all__ = [
    'FlowFromFits',
    'LoadPair',
    'PackPoseTransferInputs',
    'RandomAffineTarget',
    'RandomFlipPair',
    'UseFittedKeypoints',
    'mirror_pair',
    'move_target',
    'pack_field',
]
