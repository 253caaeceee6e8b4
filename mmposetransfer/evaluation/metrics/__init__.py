"""Metrics for mmengine's evaluator: thin shells around ``..functional``."""

from .flow_quality import FlowQuality
from .image_quality import ImageQuality

__all__ = ['FlowQuality', 'ImageQuality']
