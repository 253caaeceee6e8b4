"""Metrics as pure functions of tensors; no registry, no state."""

from .flow import (
    confusion_matrix,
    end_point_error,
    end_point_error_sums,
    visibility_accuracy,
    visibility_miou,
)
from .image import l1, psnr, to_unit_range, warp_with_true_flow
from .ssim import SSIM_PROTOCOLS, SSIMProtocol, ssim, ssim_by_protocol

__all__ = [
    'SSIM_PROTOCOLS',
    'SSIMProtocol',
    'confusion_matrix',
    'end_point_error',
    'end_point_error_sums',
    'l1',
    'psnr',
    'ssim',
    'ssim_by_protocol',
    'to_unit_range',
    'visibility_accuracy',
    'visibility_miou',
    'warp_with_true_flow',
]
