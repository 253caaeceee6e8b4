"""PG2: pose guided person image generation in two stages."""

from .generators import PG2CoarseGenerator, PG2RefineGenerator
from .narrow_refine import PG2NarrowRefineGenerator
from .pose_mask_loss import PoseMaskLoss
from .transferer import PG2

__all__ = [
    'PG2',
    'PG2CoarseGenerator',
    'PG2NarrowRefineGenerator',
    'PG2RefineGenerator',
    'PoseMaskLoss',
]
