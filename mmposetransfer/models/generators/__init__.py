"""Image generators: reference image and target pose to an image."""

from .dual_path import DualPathGenerator
from .single_path import SinglePathGenerator

__all__ = ['DualPathGenerator', 'SinglePathGenerator']
