"""UPIS: unsupervised person image synthesis in arbitrary poses (CVPR 2018)."""

from .generator import UPISGenerator
from .heatmap_loss import HeatmapLoss
from .patch_style_loss import PatchStyleLoss, joint_patches
from .transferer import UPIS

__all__ = [
    'UPIS',
    'HeatmapLoss',
    'PatchStyleLoss',
    'UPISGenerator',
    'joint_patches',
]
