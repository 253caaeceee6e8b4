"""How models are trained: hooks and optimizers."""

from .hooks import (
    PlainCheckpointHook,
    PoseTransferVisualizationHook,
    StagedTrainingHook,
)
from .optimizers import MultiOptimWrapperConstructor

__all__ = [
    'MultiOptimWrapperConstructor', 'PlainCheckpointHook',
    'PoseTransferVisualizationHook', 'StagedTrainingHook'
]
