"""Losses."""

from .flow_losses import (
    MultiScaleEPELoss,
    SegmentationSensitiveFlowLoss,
    VisibilityLoss,
    lands_on_part,
    multi_scale_epe,
    segmentation_sensitive_flow_loss,
)
from .image_losses import GANLoss, L1Loss
from .perceptual_loss import PerceptualLoss, VGG19Features

__all__ = [
    'GANLoss',
    'L1Loss',
    'MultiScaleEPELoss',
    'PerceptualLoss',
    'SegmentationSensitiveFlowLoss',
    'VGG19Features',
    'VisibilityLoss',
    'lands_on_part',
    'multi_scale_epe',
    'segmentation_sensitive_flow_loss',
]
