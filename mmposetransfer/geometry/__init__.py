"""The 3D side: cameras, rasterizer. Plain functions, no registry."""

from .body_model import BodyModel, BodyOutput, body_parts
from .cameras import PerspectiveCamera, WeakPerspectiveCamera
from .lbs import SkinWeights, skin, sparse_weights
from .rasterizer import Raster, interpolate, rasterize

__all__ = [
    'BodyModel', 'BodyOutput', 'SkinWeights', 'body_parts', 'skin',
    'sparse_weights',
    'PerspectiveCamera', 'Raster', 'WeakPerspectiveCamera', 'interpolate',
    'rasterize'
]
