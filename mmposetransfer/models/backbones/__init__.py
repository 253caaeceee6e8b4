"""The U-Nets and their blocks, and a classifier whose features are of use."""

from .blocks import ResidualBlock, level_channels
from .efficientnet_lite import LITE_STAGES, EfficientNetLite
from .flow_unet import FlowUNet, FlowUNetV2
from .lite_features import LiteFeatures, lite0_network, lite0_weights
from .residual_unet import ResidualDecoder, ResidualEncoder, ResidualUNet

__all__ = [
    'LITE_STAGES',
    'EfficientNetLite',
    'FlowUNet',
    'FlowUNetV2',
    'LiteFeatures',
    'ResidualBlock',
    'ResidualDecoder',
    'ResidualEncoder',
    'ResidualUNet',
    'level_channels',
    'lite0_network',
    'lite0_weights',
]
