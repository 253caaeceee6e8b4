"""Hooks."""

from .checkpoint_hook import CheckpointHook
from .plain_checkpoint_hook import PlainCheckpointHook
from .resume_hook import ResumeHook
from .staged_training_hook import StagedTrainingHook
from .sync_running_stats_hook import SyncRunningStatsHook
from .training_time_hook import TrainingTimeHook
from .visualization_hook import PoseTransferVisualizationHook

__all__ = [
    'CheckpointHook',
    'PlainCheckpointHook',
    'PoseTransferVisualizationHook',
    'ResumeHook',
    'StagedTrainingHook',
    'SyncRunningStatsHook',
    'TrainingTimeHook',
]
