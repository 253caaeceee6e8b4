"""One set of BatchNorm's running statistics for all processes."""

from mmengine.dist import all_reduce_params
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch.nn.modules.batchnorm import _BatchNorm

from mmposetransfer.registry import HOOKS

from ..mmengine_private import is_training

__all__ = ['SyncRunningStatsHook']


@HOOKS.register_module()
class SyncRunningStatsHook(Hook):
    """Average BatchNorm's running statistics over the processes.

    After every epoch, and before a validation within one, of the layers that
    gather them: those of components that learn. MMEngine's
    ``SyncBuffersHook`` averages all buffers, those of frozen components and
    of the perceptual loss, too, and the float32 mean of three equal numbers
    need not be that number: what is frozen would drift.
    """

    # Before validation and checkpoints.
    priority = 'NORMAL'

    def after_train_epoch(self, runner: Runner) -> None:
        """Average mean and variance of each layer that is training."""
        self._average(runner)

    def before_val_epoch(self, runner: Runner) -> None:
        """The same in mid-epoch, so that all processes score one model."""
        if is_training(runner) and getattr(
            runner.train_loop, 'batches_done', 0
        ):
            self._average(runner)

    @staticmethod
    def _average(runner: Runner) -> None:
        stats = [
            stat
            for module in runner.model.modules()
            if isinstance(module, _BatchNorm)
            and module.training
            and module.track_running_stats
            for stat in (module.running_mean, module.running_var)
            if stat is not None
        ]
        if stats:
            all_reduce_params(stats, op='mean')
