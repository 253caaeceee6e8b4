"""Networks, losses and whole methods.

Every ``nn.Module`` here works without Runner, Config or registry.
"""

from .backbones import FlowUNet, FlowUNetV2, ResidualUNet
from .canvas import Canvas
from .classifiers import (
    ClothingClassifier,
    ClothingPreprocessor,
    InceptionTrunk,
    LiteTrunk,
    ResNetTrunk,
)
from .data_preprocessor import PoseTransferDataPreprocessor
from .discriminators import PatchDiscriminator
from .flow_heads import (
    FittedFlow,
    FlowPrediction,
    FlowRegressor,
    PyramidFlowHead,
)
from .losses import (
    AttributeLoss,
    CategoryLoss,
    GANLoss,
    L1Loss,
    MultiScaleEPELoss,
    PerceptualLoss,
    SegmentationSensitiveFlowLoss,
    VisibilityLoss,
)
from .methods import (
    DIPT,
    AdversarialTransferer,
    BaseTransferer,
    DualPathGenerator,
    PixelWarping,
    SinglePathGenerator,
)
from .official_weights import (
    convert_official_checkpoints,
    convert_official_state_dict,
)
from .pose_encoders import (
    DiscPoses,
    GaussianPoses,
    LimbDistancePoses,
    LimbMask,
    PoseEncoder,
    StickPoses,
    draw_gaussians,
    draw_limb_distances,
    draw_limbs,
    draw_pose_maps,
)
from .warping import (
    FeatureWarping,
    FlowWarp,
    flow_warp,
    warp_image,
)

__all__ = [
    'draw_limbs',
    'draw_limb_distances',
    'draw_gaussians',
    'StickPoses',
    'PoseEncoder',
    'LimbMask',
    'LimbDistancePoses',
    'GaussianPoses',
    'DiscPoses',
    'DIPT',
    'AdversarialTransferer',
    'AttributeLoss',
    'BaseTransferer',
    'Canvas',
    'CategoryLoss',
    'ClothingClassifier',
    'ClothingPreprocessor',
    'DualPathGenerator',
    'FeatureWarping',
    'FittedFlow',
    'FlowPrediction',
    'FlowRegressor',
    'FlowUNet',
    'FlowUNetV2',
    'FlowWarp',
    'GANLoss',
    'InceptionTrunk',
    'L1Loss',
    'LiteTrunk',
    'MultiScaleEPELoss',
    'PatchDiscriminator',
    'PerceptualLoss',
    'PixelWarping',
    'PoseTransferDataPreprocessor',
    'PyramidFlowHead',
    'ResNetTrunk',
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
