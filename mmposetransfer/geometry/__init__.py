"""The 3D side: cameras, rasterizer. Plain functions, no registry."""

from .cameras import PerspectiveCamera, WeakPerspectiveCamera
from .rasterizer import Raster, interpolate, rasterize

__all__ = [
    'PerspectiveCamera', 'Raster', 'WeakPerspectiveCamera', 'interpolate',
    'rasterize'
]
