"""The U-Nets and their blocks, and classifiers whose features are of use."""

from .blocks import ResidualBlock, doubled_channels, level_channels
from .efficientnet_lite import LITE_STAGES, EfficientNetLite
from .flow_unet import FlowUNet, FlowUNetV2
from .inception_features import INCEPTION_VARIANTS, InceptionFeatures
from .linear_unet import (
    BottleneckUNet,
    UNetDecoder,
    UNetEncoder,
    linear_channels,
)
from .lite_features import LiteFeatures, lite0_network, lite0_weights
from .lite_pooled import LitePooled
from .lpips_network import LPIPS_TRUNKS, LPIPSNetwork
from .residual_unet import ResidualDecoder, ResidualEncoder, ResidualUNet
from .resnet import ResNet

__all__ = [
    'BottleneckUNet',
    'UNetDecoder',
    'UNetEncoder',
    'linear_channels',
    'INCEPTION_VARIANTS',
    'LITE_STAGES',
    'LPIPS_TRUNKS',
    'EfficientNetLite',
    'FlowUNet',
    'FlowUNetV2',
    'InceptionFeatures',
    'LPIPSNetwork',
    'LiteFeatures',
    'LitePooled',
    'ResNet',
    'ResidualBlock',
    'ResidualDecoder',
    'ResidualEncoder',
    'ResidualUNet',
    'doubled_channels',
    'level_channels',
    'lite0_network',
    'lite0_weights',
]
