"""Warping by appearance flow: of features and of pixels."""

from .affine_crops import affine_crops
from .feature_warping import FeatureWarping
from .flow_warp import FlowWarp, available_backends, flow_warp, warp_image
from .gates import (
    HardGate,
    PlainGate,
    ResidualGate,
    ResidualGateNoVis,
    SoftGate,
    split_by_visibility,
)
from .hole_filling import fill_holes
from .pyramid import flow_pyramid, visibility_pyramid

__all__ = [
    'FeatureWarping',
    'FlowWarp',
    'HardGate',
    'PlainGate',
    'ResidualGate',
    'ResidualGateNoVis',
    'SoftGate',
    'affine_crops',
    'available_backends',
    'fill_holes',
    'flow_pyramid',
    'flow_warp',
    'split_by_visibility',
    'visibility_pyramid',
    'warp_image',
]
