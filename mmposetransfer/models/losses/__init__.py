"""Losses."""

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

__all__ = [
    'FaceLoss',
    'GANLoss',
    'L1Loss',
    'LiteFeaturesLoss',
    'MultiScaleEPELoss',
    'PerceptualLoss',
    'SegmentationSensitiveFlowLoss',
    'VGG19Features',
    'VisibilityLoss',
    'lands_on_part',
    'lite_feature_distance',
    'multi_scale_epe',
    'segmentation_sensitive_flow_loss',
]
