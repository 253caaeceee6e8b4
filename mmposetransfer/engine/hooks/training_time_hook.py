"""How long a training took, also one that was resumed."""

import time
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmposetransfer.registry import HOOKS

__all__ = ['TRAINING_SECONDS', 'TrainingTimeHook']

#: What the number is called in the runner's message hub, and so in the
#: ``message_hub.runtime_info`` of checkpoints.
TRAINING_SECONDS = 'training_seconds'


@HOOKS.register_module()
class TrainingTimeHook(Hook):
    """Count the seconds by the clock that the steps of a run have taken.

    Checkpoints hold the number, so that a run that was killed goes on
    counting from its checkpoint: steps that are made again count once, and
    neither does the time between. What comes before the first step, such as
    building the model, does not count.
    """

    # Before checkpoints are written.
    priority = 'NORMAL'

    def __init__(self) -> None:
        self._before = 0.0
        self._begin: float | None = None

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None
    ) -> None:
        """Begin to count with the first step."""
        if self._begin is None:
            hub = runner.message_hub
            self._before = hub.runtime_info.get(TRAINING_SECONDS, 0.0)
            self._begin = time.perf_counter()

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Any = None,
    ) -> None:
        """Note how long it has been."""
        passed = time.perf_counter() - self._begin
        runner.message_hub.update_info(TRAINING_SECONDS, self._before + passed)
