"""DSC: deformable GANs for pose-based human image generation (CVPR 2018)."""

from .affine import fit_affine
from .body_parts import BodyParts, match_parts
from .deformation import deform_features
from .discriminator import DSCDiscriminator
from .generator import DSCGenerator
from .nearest_neighbour_loss import (
    NearestNeighbourLoss,
    nearest_neighbour_distance,
)
from .transferer import DSC

__all__ = [
    'DSC',
    'BodyParts',
    'DSCDiscriminator',
    'DSCGenerator',
    'NearestNeighbourLoss',
    'deform_features',
    'fit_affine',
    'match_parts',
    'nearest_neighbour_distance',
]
