"""VUnet: a variational U-Net for conditional appearance and shape."""

from .divergence import LatentDivergence
from .generator import VUNetGenerator, VUNetOutput
from .part_crops import PAPER_PARTS, PARTS, body_part_crops
from .transferer import VUNet

__all__ = [
    'PAPER_PARTS',
    'PARTS',
    'LatentDivergence',
    'VUNet',
    'VUNetGenerator',
    'VUNetOutput',
    'body_part_crops',
]
