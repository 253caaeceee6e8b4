"""GFLA: global flow and local attention (CVPR 2020)."""

from .discriminator import GFLADiscriminator
from .flow_losses import (
    AffineRegularizationLoss,
    SamplingCorrectnessLoss,
    affine_residual,
    sampling_correctness,
)
from .flow_net import FlowGuide, GFLAFlowNet
from .generator import GFLAGenerator
from .local_attention import LocalAttention, sample_patches
from .transferer import GFLA

__all__ = [
    'GFLA',
    'AffineRegularizationLoss',
    'FlowGuide',
    'GFLADiscriminator',
    'GFLAFlowNet',
    'GFLAGenerator',
    'LocalAttention',
    'SamplingCorrectnessLoss',
    'affine_residual',
    'sample_patches',
    'sampling_correctness',
]
