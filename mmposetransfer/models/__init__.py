"""Networks, losses and whole methods.

Every ``nn.Module`` here works without Runner, Config or registry.
"""

from .backbones import FlowUNet, FlowUNetV2, ResidualUNet
from .data_preprocessor import PoseTransferDataPreprocessor
from .discriminators import PatchDiscriminator
from .flow_heads import FlowPrediction, FlowRegressor, PyramidFlowHead
from .generators import DualPathGenerator, SinglePathGenerator
from .losses import (
    GANLoss,
    L1Loss,
    MultiScaleEPELoss,
    PerceptualLoss,
    SegmentationSensitiveFlowLoss,
    VisibilityLoss,
)
from .official_weights import (
    convert_official_checkpoints,
    convert_official_state_dict,
)
from .pose_map import draw_pose_maps
from .transferers import DIPT, BaseTransferer
from .warping import (
    FeatureWarping,
    FlowWarp,
    PixelWarping,
    flow_warp,
    warp_image,
)

__all__ = [
    'DIPT',
    'BaseTransferer',
    'DualPathGenerator',
    'FeatureWarping',
    'FlowPrediction',
    'FlowRegressor',
    'FlowUNet',
    'FlowUNetV2',
    'FlowWarp',
    'GANLoss',
    'L1Loss',
    'MultiScaleEPELoss',
    'PatchDiscriminator',
    'PerceptualLoss',
    'PixelWarping',
    'PoseTransferDataPreprocessor',
    'PyramidFlowHead',
    'ResidualUNet',
    'SegmentationSensitiveFlowLoss',
    'SinglePathGenerator',
    'VisibilityLoss',
    'convert_official_checkpoints',
    'convert_official_state_dict',
    'draw_pose_maps',
    'flow_warp',
    'warp_image',
]
