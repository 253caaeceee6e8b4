"""The U-Nets and their blocks."""

from .blocks import ResidualBlock, level_channels
from .flow_unet import FlowUNet, FlowUNetV2
from .residual_unet import ResidualDecoder, ResidualEncoder, ResidualUNet

__all__ = [
    'FlowUNet',
    'FlowUNetV2',
    'ResidualBlock',
    'ResidualDecoder',
    'ResidualEncoder',
    'ResidualUNet',
    'level_channels',
]
