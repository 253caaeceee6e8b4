"""How models are trained: hooks and optimizers."""

from .hooks import (
    PlainCheckpointHook,
    PoseTransferVisualizationHook,
    StagedTrainingHook,
    SyncRunningStatsHook,
)
from .optimizers import BFloat16OptimWrapper, MultiOptimWrapperConstructor

__all__ = [
    'BFloat16OptimWrapper', 'MultiOptimWrapperConstructor',
    'PlainCheckpointHook', 'PoseTransferVisualizationHook',
    'StagedTrainingHook', 'SyncRunningStatsHook'
]
