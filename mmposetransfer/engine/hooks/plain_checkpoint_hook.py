"""Checkpoints that can be read without executing them."""

from typing import Any

import numpy as np
import torch
from mmengine.hooks import Hook
from mmengine.logging import HistoryBuffer
from mmengine.runner import Runner

from mmposetransfer.registry import HOOKS
from mmposetransfer.utils.dist import plain_names

__all__ = ['PlainCheckpointHook', 'to_plain']


def to_plain(value: Any) -> Any:
    """Numpy values as torch tensors and Python numbers, at any depth."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value.copy())
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(to_plain, value))
    return value


def _pack_history(buffer: HistoryBuffer) -> dict[str, Any]:
    log, count = buffer.data
    return dict(
        log=torch.as_tensor(log),
        count=torch.as_tensor(count),
        max_length=buffer.max_length,
    )


def _unpack_history(packed: dict[str, Any]) -> HistoryBuffer:
    return HistoryBuffer(
        packed['log'].tolist(), packed['count'].tolist(), packed['max_length']
    )


@HOOKS.register_module()
class PlainCheckpointHook(Hook):
    """Write checkpoints of tensors, numbers, strings and containers only.

    MMEngine puts its log history into a checkpoint as objects, which
    ``torch.load(weights_only=True)``, the default since torch 2.6, refuses:
    training could not be resumed. Here they are written as tensors, and made
    objects again when a checkpoint is loaded.
    """

    # After the hooks that add to a checkpoint.
    priority = 'LOWEST'

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Replace what is not plain data, and names that wrappers made."""
        checkpoint['state_dict'] = plain_names(
            checkpoint['state_dict'], runner.model
        )
        hub = dict(checkpoint['message_hub'])
        hub['log_scalars'] = {
            name: _pack_history(buffer)
            for name, buffer in hub['log_scalars'].items()
        }
        checkpoint['message_hub'] = hub
        for key in set(checkpoint) - {'state_dict', 'optimizer'}:
            checkpoint[key] = to_plain(checkpoint[key])

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Make the log history objects again."""
        scalars = checkpoint.get('message_hub', {}).get('log_scalars', {})
        for name, packed in scalars.items():
            if isinstance(packed, dict):
                scalars[name] = _unpack_history(packed)
