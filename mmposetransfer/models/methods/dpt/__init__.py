"""DPT: dense pose transfer (ECCV 2018)."""

from .atlas import (
    Texture,
    pixels_to_texture,
    surface_maps,
    texture_to_pixels,
)
from .charts import SurfaceCharts
from .fields import NUM_PARTS
from .surface_fitter import SurfaceFitter
from .texture_completion import TextureCompletion
from .transferer import DPT
from .transforms import FitIUV, IUVFromFits, LoadIUV

__all__ = [
    'DPT',
    'NUM_PARTS',
    'FitIUV',
    'IUVFromFits',
    'LoadIUV',
    'SurfaceCharts',
    'SurfaceFitter',
    'Texture',
    'TextureCompletion',
    'pixels_to_texture',
    'surface_maps',
    'texture_to_pixels',
]
