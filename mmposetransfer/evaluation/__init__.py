"""Metrics: pure functions, shells for mmengine's evaluator, tables."""

from .functional import (
    SSIM_PROTOCOLS,
    end_point_error,
    l1,
    psnr,
    ssim,
    ssim_by_protocol,
    visibility_accuracy,
    visibility_miou,
)
from .metrics import FlowQuality, ImageQuality
from .table import add_table_column, format_table

__all__ = [
    'SSIM_PROTOCOLS',
    'FlowQuality',
    'ImageQuality',
    'add_table_column',
    'end_point_error',
    'format_table',
    'l1',
    'psnr',
    'ssim',
    'ssim_by_protocol',
    'visibility_accuracy',
    'visibility_miou',
]
