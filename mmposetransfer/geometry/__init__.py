"""The 3D side: body, cameras, rasterizer, correspondence; no registry."""

from .body_model import BodyModel, BodyOutput, body_parts
from .cameras import PerspectiveCamera, WeakPerspectiveCamera
from .correspondence import (
    correspond,
    flow_and_visibility,
    part_map,
    visible_keypoints,
)
from .lbs import SkinWeights, skin, sparse_weights
from .occlusion import hidden_points
from .rasterizer import Raster, interpolate, rasterize

__all__ = [
    'BodyModel', 'BodyOutput', 'PerspectiveCamera', 'Raster',
    'SkinWeights', 'WeakPerspectiveCamera', 'body_parts', 'correspond',
    'flow_and_visibility', 'hidden_points', 'interpolate', 'part_map',
    'rasterize', 'skin', 'sparse_weights', 'visible_keypoints'
]
