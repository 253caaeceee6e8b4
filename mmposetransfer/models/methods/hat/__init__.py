"""HAT: human appearance transfer (CVPR 2018)."""

from .networks import HATGenerator, HATSurfaceNet, RenderingUNet
from .transferer import HAT, CopiedSurface

__all__ = [
    'HAT',
    'CopiedSurface',
    'HATGenerator',
    'HATSurfaceNet',
    'RenderingUNet',
]
