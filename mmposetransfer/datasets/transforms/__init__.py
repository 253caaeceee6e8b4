"""Transforms of the dictionaries that datasets make."""

from .clothing import LoadClothes, PackClothes, RandomFlipClothes
from .estimator_noise import EstimatorNoise, person_height
from .fit_flow import FitFlow
from .flipping import RandomFlipPair, mirror_pair
from .flow_from_fits import FlowFromFits
from .formatting import PackPoseTransferInputs, pack_field
from .loading import LoadPair
from .mask_noise import MaskNoise
from .photographs import PhotographDegradation
from .poses import RandomAffineTarget, UseFittedKeypoints, move_target
from .shrinking import ShrinkPair, shrink_pair

__all__ = [
    'EstimatorNoise',
    'FitFlow',
    'FlowFromFits',
    'LoadClothes',
    'LoadPair',
    'MaskNoise',
    'PackClothes',
    'PackPoseTransferInputs',
    'PhotographDegradation',
    'RandomAffineTarget',
    'RandomFlipClothes',
    'RandomFlipPair',
    'ShrinkPair',
    'UseFittedKeypoints',
    'mirror_pair',
    'move_target',
    'pack_field',
    'person_height',
    'shrink_pair',
]
