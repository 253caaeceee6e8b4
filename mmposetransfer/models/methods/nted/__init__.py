"""NTED: neural texture extraction and distribution (CVPR 2022)."""

from .discriminator import NTEDDiscriminator, add_batch_deviation
from .generator import NTEDGenerator, TextureAttention
from .losses import AttentionReconstructionLoss, R1Penalty
from .textures import (
    TextureDistribution,
    TextureExtraction,
    distribute,
    extract,
)
from .transferer import NTED

__all__ = [
    'NTED',
    'AttentionReconstructionLoss',
    'NTEDDiscriminator',
    'NTEDGenerator',
    'R1Penalty',
    'TextureAttention',
    'TextureDistribution',
    'TextureExtraction',
    'add_batch_deviation',
    'distribute',
    'extract',
]
