"""Hooks."""

from .plain_checkpoint_hook import PlainCheckpointHook
from .staged_training_hook import Stage, StagedTrainingHook
from .sync_running_stats_hook import SyncRunningStatsHook
from .visualization_hook import PoseTransferVisualizationHook

__all__ = [
    'PlainCheckpointHook', 'PoseTransferVisualizationHook', 'Stage',
    'StagedTrainingHook', 'SyncRunningStatsHook'
]
