"""Metrics as pure functions of tensors; no registry, no state."""

from .flow import (
    confusion_matrix,
    end_point_error,
    end_point_error_sums,
    visibility_accuracy,
    visibility_miou,
)
from .image import (
    centre_crop,
    l1,
    psnr,
    resize_images,
    through_jpeg,
    to_unit_range,
    warp_with_true_flow,
)
from .lite0 import lite0_distance
from .sharpness import mean_gradient
from .ssim import ssim

__all__ = [
    'centre_crop',
    'confusion_matrix',
    'end_point_error',
    'end_point_error_sums',
    'l1',
    'lite0_distance',
    'mean_gradient',
    'psnr',
    'resize_images',
    'ssim',
    'through_jpeg',
    'to_unit_range',
    'visibility_accuracy',
    'visibility_miou',
    'warp_with_true_flow',
]
