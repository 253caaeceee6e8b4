"""Poses as maps: what networks see of keypoints."""

from .base import PoseEncoder
from .discs import DiscPoses, draw_pose_maps
from .gaussians import GaussianPoses, draw_gaussians
from .limb_distances import LimbDistancePoses, draw_limb_distances
from .limbs import LimbMask, StickPoses, draw_limbs

__all__ = [
    'DiscPoses',
    'GaussianPoses',
    'LimbDistancePoses',
    'LimbMask',
    'PoseEncoder',
    'StickPoses',
    'draw_gaussians',
    'draw_limb_distances',
    'draw_limbs',
    'draw_pose_maps',
]
