"""Hooks."""

from .plain_checkpoint_hook import PlainCheckpointHook
from .staged_training_hook import Stage, StagedTrainingHook

__all__ = ['PlainCheckpointHook', 'Stage', 'StagedTrainingHook']
