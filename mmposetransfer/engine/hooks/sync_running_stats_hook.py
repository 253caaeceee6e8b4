"""One set of BatchNorm's running statistics for all processes."""

from mmengine.dist import all_reduce_params
from mmengine.hooks import Hook
from torch.nn.modules.batchnorm import _BatchNorm

from mmposetransfer.registry import HOOKS

__all__ = ['SyncRunningStatsHook']


@HOOKS.register_module()
class SyncRunningStatsHook(Hook):
    """Average BatchNorm's running statistics over the processes.

    After every epoch, of the layers that gather them: those of parts that
    learn. MMEngine's ``SyncBuffersHook`` averages all buffers, those of
    frozen parts and of the perceptual loss, too, and the float32 mean of
    three equal numbers need not be that number: what is frozen would drift.
    """

    # Before validation and checkpoints.
    priority = 'NORMAL'

    def after_train_epoch(self, runner):
        """Average mean and variance of each layer that is training."""
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
