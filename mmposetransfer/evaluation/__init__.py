"""Evaluation: metrics, baselines, protocols, and tables of the numbers."""

from .baselines import Baseline, CopyReference, TrueFlowWarp, ZeroFlow
from .columns import Column
from .evaluator import PoseTransferEvaluator
from .functional import (
    end_point_error,
    l1,
    lite0_distance,
    mean_gradient,
    psnr,
    ssim,
    visibility_accuracy,
    visibility_miou,
)
from .metrics import (
    FlowQuality,
    ImageQuality,
    Lite0Distance,
    PoseTransferMetric,
    Sharpness,
)
from .protocols import (
    Protocol,
    SSIMVariant,
    get_protocol,
    protocol_names,
    register_protocol,
)
from .table import format_table

__all__ = [
    'Baseline',
    'Column',
    'CopyReference',
    'FlowQuality',
    'ImageQuality',
    'Lite0Distance',
    'PoseTransferEvaluator',
    'PoseTransferMetric',
    'Protocol',
    'SSIMVariant',
    'Sharpness',
    'TrueFlowWarp',
    'ZeroFlow',
    'end_point_error',
    'format_table',
    'get_protocol',
    'l1',
    'lite0_distance',
    'mean_gradient',
    'protocol_names',
    'psnr',
    'register_protocol',
    'ssim',
    'visibility_accuracy',
    'visibility_miou',
]
