"""How models are trained: hooks and optimizers."""

from .hooks import PlainCheckpointHook, StagedTrainingHook
from .optimizers import MultiOptimWrapperConstructor

__all__ = [
    'MultiOptimWrapperConstructor', 'PlainCheckpointHook',
    'StagedTrainingHook'
]
