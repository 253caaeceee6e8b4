"""Hooks."""

from .plain_checkpoint_hook import PlainCheckpointHook
from .staged_training_hook import Stage, StagedTrainingHook
from .visualization_hook import PoseTransferVisualizationHook

__all__ = [
    'PlainCheckpointHook', 'PoseTransferVisualizationHook', 'Stage',
    'StagedTrainingHook'
]
