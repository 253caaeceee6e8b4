"""Metrics for MMEngine's evaluators: thin shells around ``..functional``."""

from .base import PoseTransferMetric
from .flow_quality import FlowQuality
from .image_quality import ImageQuality
from .lite0_distance import Lite0Distance
from .sharpness import Sharpness

__all__ = [
    'FlowQuality',
    'ImageQuality',
    'Lite0Distance',
    'PoseTransferMetric',
    'Sharpness',
]
