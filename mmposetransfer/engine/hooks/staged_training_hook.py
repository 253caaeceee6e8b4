"""Training in stages: which components learn, for how long, with what."""

from collections.abc import Sequence
from typing import Any

from mmengine.hooks import Hook, LoggerHook
from mmengine.logging import MessageHub
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import DataLoader

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import HOOKS
from mmposetransfer.utils.build_errors import did_you_mean
from mmposetransfer.utils.dist import unwrap_model

from ..mmengine_private import (
    count_as_stepped,
    diff_rank_seed,
    drop_scalar,
    is_training,
    loads_from,
    resumes,
    set_inner_count,
    set_train_dataloader,
)
from ..stage import Stage, merge
from ..stage_span import StageSpan
from ..staged_loop import StagedLoop

__all__ = ['StagedTrainingHook']


def _forget_scalars(message_hub: MessageHub) -> None:
    """Drop learning rates and losses, which the log would repeat for ever."""
    kept = ('train/time', 'train/data_time', 'train/memory')
    for name in list(message_hub.log_scalars):
        if name.startswith('train/') and name not in kept:
            drop_scalar(message_hub, name)


def _chosen(stages: list[Stage], names: Sequence[str] | None) -> list[Stage]:
    """The stages of these names, in the order of training."""
    if names is None:
        return stages
    known = [stage.name for stage in stages]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise UserValueError(
            f'there is no stage {", ".join(map(repr, unknown)) or "chosen"}; '
            f'those of this config are {", ".join(known)}.'
            f'{did_you_mean(unknown[0], known) if unknown else ""}'
        )
    return [stage for stage in stages if stage.name in names]


@HOOKS.register_module()
class StagedTrainingHook(Hook):
    """Walk the stages of a training run.

    At the start of a stage its components get optimizers of their own, made
    after the config's ``optim_wrapper``, and its schedulers start at step 0;
    all other components are frozen. The length of the run follows from the
    stages: ``train_cfg`` needs no ``max_epochs``. Resuming lands in the stage
    of the checkpoint, with its optimizers and schedulers.

    Args:
        stages (list[dict]): Arguments of :class:`Stage`.
        only (Sequence[str], optional): Names of the stages that this run is
            of, as after ``mmposetransfer train --stages``; those before have
            to be in the checkpoint that is loaded, and what those after train
            is not used. Defaults to all.

    Raises:
        ValueError: If there is no stage, or none of a name in ``only``.

    Examples:
        >>> custom_hooks = [dict(type='StagedTrainingHook', stages=[
        ...     dict(name='flow', components=['flow_regressor'], epochs=30),
        ...     dict(name='image', iters=40000,
        ...          components=dict(generator=0, discriminator=20000))])]
    """

    # Before the hooks that look at the loader, such as the sampler's seed.
    priority = 'HIGH'

    def __init__(
        self, stages: Sequence[dict], only: Sequence[str] | None = None
    ) -> None:
        if not stages:
            raise UserValueError(
                'StagedTrainingHook needs at least one stage.'
            )
        self.all_stages = [Stage(**stage) for stage in stages]
        self.stages = _chosen(self.all_stages, only)
        self.index: int | None = None
        self._loader: DataLoader | None = None
        self._log_by_epoch = True

    # ----------------------------------------------------------------- hooks

    def before_run(self, runner: Runner) -> None:
        """Refuse what would fail, or mislead, after hours of training."""
        # A runner that has trained may go on to test.
        if not is_training(runner) or self.index is not None:
            return
        self._check_loop(runner)
        self._loader = runner.train_dataloader
        runner.train_loop.await_stages(*self._length_from(0))
        self._choose_log(runner)
        model = unwrap_model(runner.model)
        learnt = set()
        for stage in self.stages:
            model.set_learning(stage.components)
            self._optim_config(runner, stage)
            self._check_needs(runner, stage, learnt)
            self._warn_of_statistics(runner, stage)
            learnt.update(stage.components)
        model.set_learning(())

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """When resuming, enter the stage the checkpoint was written in."""
        if resumes(runner) and is_training(runner) and 'stage' in checkpoint:
            self._enter(runner, **checkpoint['stage'])

    def before_train_epoch(self, runner: Runner) -> None:
        """Enter the next stage, if the one before is over."""
        loop = runner.train_loop
        if loop.stage_is_over:
            _forget_scalars(runner.message_hub)
            self._enter(
                runner,
                0 if self.index is None else self.index + 1,
                loop.epoch,
                loop.iter,
            )
            runner.message_hub.update_info('max_epochs', loop.max_epochs)
            runner.message_hub.update_info('max_iters', loop.max_iters)
        self._let_learn(runner)
        self._start_accumulating(runner)

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None
    ) -> None:
        """In a stage of iterations, let components begin in mid-epoch."""
        if runner.train_loop.span.by_iter and self._let_learn(runner):
            self._start_accumulating(runner)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Remember the stage."""
        if self.index is not None:
            span = runner.train_loop.span
            checkpoint['stage'] = dict(
                index=self.index,
                first_epoch=span.first_epoch,
                first_iter=span.first_iter,
            )

    # ---------------------------------------------------------------- checks

    def _check_loop(self, runner: Runner) -> None:
        loop = runner.train_loop
        if not isinstance(loop, StagedLoop):
            raise UserValueError(
                'StagedTrainingHook needs a loop that counts stages: expected '
                "train_cfg=dict(type='ResumableTrainLoop'), got "
                f"'{type(loop).__name__}'."
            )
        if runner.param_schedulers is not None:
            raise UserValueError(
                'The schedulers of training in stages are those of its '
                'stages: set param_scheduler=None, and '
                'custom_hooks.I.stages.J.param_scheduler instead.'
            )
        given = loop.requested_epochs
        in_epochs = all(stage.iters is None for stage in self.stages)
        if given is not None and not (
            in_epochs and given == sum(stage.epochs for stage in self.stages)
        ):
            lengths = [f'{s.name}: {s.length} {s.unit}s' for s in self.stages]
            raise UserValueError(
                f'train_cfg.max_epochs is {given}, but the length of the run '
                f'is that of its stages ({", ".join(lengths)}): leave '
                'max_epochs out, and change custom_hooks.I.stages.J.epochs '
                'or iters.'
            )

    def _check_needs(self, runner: Runner, stage: Stage, learnt: set) -> None:
        """A frozen component must have been trained or loaded before."""
        needed = unwrap_model(runner.model).needed_by(stage.components)
        untrained = sorted(needed - learnt - set(stage.components))
        if untrained and not (loads_from(runner) or resumes(runner)):
            raise UserValueError(
                f"Stage '{stage.name}' uses {untrained} as they are, but no "
                'earlier stage trains them: start from a checkpoint that has '
                'them, --cfg-options load_from=PATH.'
            )

    @staticmethod
    def _warn_of_statistics(runner: Runner, stage: Stage) -> None:
        """Say so if a stage was made too short for its ``freeze_norm``."""
        if stage.freeze_norm is not None and stage.freeze_norm >= stage.length:
            runner.logger.warning(
                f"Stage '{stage.name}' of {stage.length} {stage.unit}s ends "
                f'before {stage.unit} {stage.freeze_norm} (freeze_norm), from '
                'which BatchNorm would normalise by its running statistics: '
                'the model will be used with statistics that it has not '
                'learnt on. Lower custom_hooks.I.stages.J.freeze_norm with '
                'the length.'
            )

    # --------------------------------------------------------------- helpers

    def _length_from(self, index: int) -> tuple[int, int]:
        """Epochs and iterations of all stages from one on.

        Exact but for stages with a loader of another length.
        """
        batches = len(self._loader)
        lengths = [
            StageSpan(stage.epochs, stage.iters).left(0, 0, batches)
            for stage in self.stages[index:]
        ]
        return sum(e for e, _ in lengths), sum(i for _, i in lengths)

    def _choose_log(self, runner: Runner) -> None:
        """Say in the log what stages count: epochs or iterations."""
        self._log_by_epoch = runner.log_processor.by_epoch
        if any(stage.iters for stage in self.stages):
            # Several validations in an epoch would share a step.
            for hook in runner.hooks:
                if isinstance(hook, LoggerHook):
                    hook.log_metric_by_epoch = False

    def _enter(
        self, runner: Runner, index: int, first_epoch: int, first_iter: int
    ) -> None:
        """Set up loader, optimizers and schedulers of a stage."""
        self.index = index
        stage = self.stages[index]
        loader = self._stage_loader(runner, stage)
        span = StageSpan(stage.epochs, stage.iters, first_epoch, first_iter)
        runner.train_loop.begin_stage(
            loader, span, self._length_from(index + 1), stage.val_interval
        )
        set_train_dataloader(runner, loader)
        runner.log_processor.by_epoch = self._log_by_epoch and not span.by_iter
        place = 1 + next(
            i for i, other in enumerate(self.all_stages) if other is stage
        )
        done = set().union(*(s.components for s in self.all_stages[:place]))
        later = set().union(*(s.components for s in self.all_stages[place:]))
        unwrap_model(runner.model).set_pending(later - done)
        self._build_optimizers(runner, stage, len(loader))

    def _build_optimizers(
        self, runner: Runner, stage: Stage, batches: int
    ) -> None:
        """Fresh optimizers and schedulers for the components of a stage."""
        runner.param_schedulers = None  # they belong to the last stage
        runner.optim_wrapper = runner.build_optim_wrapper(
            self._optim_config(runner, stage)
        )
        runner.scale_lr(runner.optim_wrapper, runner.auto_scale_lr)
        if stage.param_scheduler:
            length = StageSpan(stage.epochs, stage.iters).left(0, 0, batches)
            runner.param_schedulers = runner.build_param_scheduler(
                stage.schedulers(*length)
            )
            for wrapper in runner.optim_wrapper.values():
                count_as_stepped(wrapper)

    def _optim_config(self, runner: Runner, stage: Stage) -> dict:
        config = runner.cfg.optim_wrapper
        missing = [name for name in stage.components if name not in config]
        if missing:
            raise UserValueError(
                f"Stage '{stage.name}' trains {missing}, for which the "
                "config's optim_wrapper has no optimizer."
            )
        chosen = {
            key: value
            for key, value in config.items()
            if key in stage.components
            or key in ('constructor', 'paramwise_cfg')
        }
        return merge(chosen, stage.optim_wrapper)

    def _stage_loader(self, runner: Runner, stage: Stage) -> DataLoader:
        """The config's loader, or one of the stage's own."""
        if not stage.train_dataloader:
            return self._loader
        return runner.build_dataloader(
            merge(runner.cfg.train_dataloader, stage.train_dataloader),
            seed=runner.seed,
            diff_rank_seed=diff_rank_seed(runner),
        )

    def _let_learn(self, runner: Runner) -> bool:
        """Let components learn and BatchNorm freeze as is now due.

        Returns:
            bool: Whether other components learn than before.
        """
        stage, done = self.stages[self.index], runner.train_loop.stage_done
        model = unwrap_model(runner.model)
        learning = stage.learning(done)
        freeze = stage.freeze_norm is not None and done >= stage.freeze_norm
        others = set(learning) != model.learning
        if others:
            runner.logger.info(
                f"Stage {self.index + 1}/{len(self.stages)} '{stage.name}', "
                f'{stage.unit} {done + 1}/{stage.length}: '
                f'{", ".join(learning)} learn'
            )
        if others or freeze != model.freeze_norm:
            model.freeze_norm = freeze
            model.set_learning(learning)
        return others

    def _start_accumulating(self, runner: Runner) -> None:
        """Say within what gradients are accumulated: an epoch, or the stage.

        The last steps of an epoch, where they do not fill up
        ``accumulative_counts``, give an update of their own: none is lost
        with the stage, nor from the checkpoint between two epochs. A stage of
        iterations knows no epochs, and does so at its end. All components
        count alike, also one that begins later: some may step together.
        """
        stage, loop = self.stages[self.index], runner.train_loop
        if loop.span.by_iter:
            count, length = loop.stage_done, stage.length
        else:
            count, length = loop.batches_done, loop.epoch_length
        for name, wrapper in runner.optim_wrapper.items():
            # MMEngine looks for BatchNorm in it, to warn; once is enough.
            component = (
                getattr(unwrap_model(runner.model), name)
                if loop.stage_done == stage.components[name]
                else nn.Identity()
            )
            wrapper.initialize_count_status(component, 0, length)
            set_inner_count(wrapper, count)
