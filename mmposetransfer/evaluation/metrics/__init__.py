"""Metrics for MMEngine's evaluators: thin shells around ``..functional``."""

from .base import PoseTransferMetric
from .flow_quality import FlowQuality
from .image_quality import ImageQuality

__all__ = ['FlowQuality', 'ImageQuality', 'PoseTransferMetric']
