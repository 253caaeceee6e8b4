"""Methods that need no training, to be scored beside a model."""

from .base import Baseline
from .free import CopyReference, TrueFlowWarp, ZeroFlow

__all__ = ['Baseline', 'CopyReference', 'TrueFlowWarp', 'ZeroFlow']
