"""How models are trained: the loop, hooks, optimizers, storage."""

from .durable_backend import DurableBackend
from .hooks import (
    CheckpointHook,
    PlainCheckpointHook,
    PoseTransferVisualizationHook,
    ResumeHook,
    StagedTrainingHook,
    SyncRunningStatsHook,
    TrainingTimeHook,
)
from .optimizers import BFloat16OptimWrapper, MultiOptimWrapperConstructor
from .resumable_train_loop import ResumableTrainLoop
from .stage import Stage
from .stage_span import StageSpan
from .staged_loop import StagedLoop

__all__ = [
    'BFloat16OptimWrapper',
    'CheckpointHook',
    'DurableBackend',
    'MultiOptimWrapperConstructor',
    'PlainCheckpointHook',
    'PoseTransferVisualizationHook',
    'ResumableTrainLoop',
    'ResumeHook',
    'Stage',
    'StageSpan',
    'StagedLoop',
    'StagedTrainingHook',
    'SyncRunningStatsHook',
    'TrainingTimeHook',
]
