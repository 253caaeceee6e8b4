"""Transforms of the dictionaries that datasets make."""

from .estimator_noise import EstimatorNoise, person_height
from .fit_flow import FitFlow
from .flipping import RandomFlipPair, mirror_pair
from .flow_from_fits import FlowFromFits
from .formatting import PackPoseTransferInputs, pack_field
from .loading import LoadPair
from .photographs import PhotographDegradation
from .poses import RandomAffineTarget, UseFittedKeypoints, move_target

__all__ = [
    'EstimatorNoise',
    'FitFlow',
    'FlowFromFits',
    'LoadPair',
    'PackPoseTransferInputs',
    'PhotographDegradation',
    'RandomAffineTarget',
    'RandomFlipPair',
    'UseFittedKeypoints',
    'mirror_pair',
    'move_target',
    'pack_field',
    'person_height',
]
