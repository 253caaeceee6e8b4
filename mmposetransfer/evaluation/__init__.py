"""Evaluation: metrics, baselines, protocols, and tables of the numbers."""

from .baselines import Baseline, CopyReference, TrueFlowWarp, ZeroFlow
from .columns import Column
from .evaluator import PoseTransferEvaluator
from .functional import (
    end_point_error,
    l1,
    psnr,
    ssim,
    visibility_accuracy,
    visibility_miou,
)
from .metrics import FlowQuality, ImageQuality, PoseTransferMetric
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
    'PoseTransferEvaluator',
    'PoseTransferMetric',
    'Protocol',
    'SSIMVariant',
    'TrueFlowWarp',
    'ZeroFlow',
    'end_point_error',
    'format_table',
    'get_protocol',
    'l1',
    'protocol_names',
    'psnr',
    'register_protocol',
    'ssim',
    'visibility_accuracy',
    'visibility_miou',
]
