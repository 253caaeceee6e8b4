"""DIPT: dense intrinsic appearance flow for human pose transfer."""

from .dual_path import DualPathGenerator
from .pixel_warping import PixelWarping
from .single_path import SinglePathGenerator
from .transferer import DIPT

__all__ = ['DIPT', 'DualPathGenerator', 'PixelWarping', 'SinglePathGenerator']
