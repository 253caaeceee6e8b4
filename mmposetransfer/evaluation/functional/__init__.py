"""Metrics as pure functions of tensors; no registry, no state."""

from .attributes import average_precisions, top_k_recall
from .calibration import (
    calibration_bins,
    calibration_error,
    fit_temperature,
)
from .flow import (
    confusion_matrix,
    end_point_error,
    end_point_error_sums,
    visibility_accuracy,
    visibility_miou,
)
from .flow_groups import BODY_PARTS, flow_groups, group_error_sums
from .image import (
    centre_crop,
    l1,
    psnr,
    resize_images,
    through_jpeg,
    to_bgr_arrays,
    to_unit_range,
    warp_visible,
)
from .lite0 import lite0_distance
from .masks import framed_masks, limb_masks, mask_iou
from .pose import head_boxes, pckh_counts
from .set_distances import (
    frechet_distance,
    inception_score,
    kernel_distance,
)
from .sharpness import mean_gradient
from .ssim import ms_ssim, ssim

__all__ = [
    'BODY_PARTS',
    'average_precisions',
    'calibration_bins',
    'calibration_error',
    'centre_crop',
    'confusion_matrix',
    'end_point_error',
    'end_point_error_sums',
    'fit_temperature',
    'flow_groups',
    'framed_masks',
    'frechet_distance',
    'group_error_sums',
    'head_boxes',
    'inception_score',
    'kernel_distance',
    'l1',
    'limb_masks',
    'lite0_distance',
    'mask_iou',
    'mean_gradient',
    'ms_ssim',
    'pckh_counts',
    'psnr',
    'resize_images',
    'ssim',
    'through_jpeg',
    'to_bgr_arrays',
    'to_unit_range',
    'top_k_recall',
    'visibility_accuracy',
    'visibility_miou',
    'warp_visible',
]
