"""Losses."""

from .classification_losses import AttributeLoss, CategoryLoss
from .face_loss import FaceLoss
from .flow_losses import (
    MultiScaleEPELoss,
    SegmentationSensitiveFlowLoss,
    VisibilityLoss,
    lands_on_part,
    multi_scale_epe,
    segmentation_sensitive_flow_loss,
)
from .image_losses import GANLoss, L1Loss
from .lite_features_loss import LiteFeaturesLoss, lite_feature_distance
from .perceptual_loss import PerceptualLoss, VGG19Features
from .style_loss import StyleLoss, gram_matrix

__all__ = [
    'FaceLoss',
    'AttributeLoss',
    'CategoryLoss',
    'GANLoss',
    'L1Loss',
    'LiteFeaturesLoss',
    'MultiScaleEPELoss',
    'PerceptualLoss',
    'SegmentationSensitiveFlowLoss',
    'StyleLoss',
    'VGG19Features',
    'VisibilityLoss',
    'gram_matrix',
    'lands_on_part',
    'lite_feature_distance',
    'multi_scale_epe',
    'segmentation_sensitive_flow_loss',
]
