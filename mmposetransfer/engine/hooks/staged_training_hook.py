"""Training in stages: which parts learn, for how long, with what."""

from dataclasses import dataclass, field

from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop
from torch import nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import HOOKS
from mmposetransfer.utils.dist import unwrap_model

__all__ = ['Stage', 'StagedTrainingHook', 'merge']


@dataclass
class Stage:
    """One stage of a training run.

    Args:
        name (str): For the log.
        parts (list[str] | dict[str, int]): The parts of the model that
            learn; as a dict, with the epoch of the stage, from 0, at which
            each begins to.
        epochs (int): Length.
        param_scheduler (list | dict, optional): Schedulers, counted from
            the start of the stage; a dict gives parts their own, and those
            that it does not name keep their learning rate.
        freeze_norm (int, optional): Epoch of the stage, from 0, from which
            BatchNorm of the parts that learn normalises by its running
            statistics, as it does when the model is used: the rest of the
            network adapts to them. Matters where batches are small.
        optim_wrapper (dict): Changes, by part, to the optimizers of the
            config.
        train_dataloader (dict): Changes to the config's training loader.
    """

    name: str
    parts: list | dict
    epochs: int
    param_scheduler: list | dict | None = None
    freeze_norm: int | None = None
    optim_wrapper: dict = field(default_factory=dict)
    train_dataloader: dict = field(default_factory=dict)

    def __post_init__(self):
        if self.epochs < 1:
            raise UserValueError(
                f"Stage '{self.name}' must last at least one "
                f'epoch, got epochs={self.epochs}.'
            )
        if not self.parts:
            raise UserValueError(
                f"Stage '{self.name}' names no part that "
                "learns: give it 'parts'."
            )
        if not isinstance(self.parts, dict):
            self.parts = dict.fromkeys(self.parts, 0)
        if (
            isinstance(self.param_scheduler, dict)
            and 'type' not in self.param_scheduler
        ):
            self.param_scheduler = self._schedules()

    def _schedules(self):
        """A schedule for every part, as MMEngine wants them."""
        unknown = sorted(set(self.param_scheduler) - set(self.parts))
        if unknown:
            raise UserValueError(
                f"param_scheduler of stage '{self.name}' names {unknown}, "
                f'which do not learn there: {list(self.parts)} do.'
            )
        return {
            part: self.param_scheduler.get(part, []) for part in self.parts
        }

    def learning(self, epoch):
        """Parts that learn at an epoch of the stage."""
        return [part for part, start in self.parts.items() if epoch >= start]


def merge(base, changes):
    """Changes merged into a copy of a config, as `_base_` files are."""
    merged = Config(dict(value=base))
    merged.merge_from_dict(dict(value=changes))
    return merged['value']


def _forget_scalars(message_hub):
    """Drop learning rates and losses, which the log would repeat for ever."""
    kept = ('train/time', 'train/data_time', 'train/memory')
    for name in list(message_hub.log_scalars):
        if name.startswith('train/') and name not in kept:
            message_hub.log_scalars.pop(name)
            message_hub._resumed_keys.pop(name, None)


@HOOKS.register_module()
class StagedTrainingHook(Hook):
    """Walk the stages of a training run.

    At the start of a stage its parts get optimizers of their own, made
    after the config's ``optim_wrapper``, and its schedulers start at step 0;
    all other parts are frozen. ``train_cfg.max_epochs`` is the sum of the
    stages. Resuming lands in the stage of the checkpoint, with its optimizers
    and schedulers.

    Args:
        stages (list[dict]): Arguments of :class:`Stage`.

    Examples:
        >>> custom_hooks = [dict(type='StagedTrainingHook', stages=[
        ...     dict(name='flow', parts=['flow_regressor'], epochs=30),
        ...     dict(name='image', epochs=10,
        ...          parts=dict(generator=0, discriminator=5))])]
    """

    # Before the hooks that look at the loader, such as the sampler's seed.
    priority = 'HIGH'

    def __init__(self, stages):
        if not stages:
            raise UserValueError(
                'StagedTrainingHook needs at least one stage.'
            )
        self.stages = [Stage(**stage) for stage in stages]
        self.index = None
        self._loader = None

    @property
    def total_epochs(self):
        """Length of all stages."""
        return self.first_epoch(len(self.stages))

    def stage_at(self, epoch):
        """Index of the stage of an epoch, and the epoch within it."""
        for index, stage in enumerate(self.stages):
            if epoch < stage.epochs:
                return index, epoch
            epoch -= stage.epochs
        raise UserValueError(f'The stages last {self.total_epochs} epochs.')

    def first_epoch(self, index):
        """Epoch of the run at which a stage begins."""
        return sum(stage.epochs for stage in self.stages[:index])

    # ----------------------------------------------------------------- hooks

    def before_run(self, runner):
        """Refuse what would fail, or mislead, after hours of training."""
        # When testing, `runner.train_loop` would build the training data.
        if not isinstance(runner._train_loop, BaseLoop):
            return
        if runner.max_epochs != self.total_epochs:
            raise UserValueError(
                f'train_cfg.max_epochs is {runner.max_epochs}, but the stages '
                f'{[(s.name, s.epochs) for s in self.stages]} last '
                f'{self.total_epochs} epochs: change one of the two '
                '(custom_hooks.I.stages.J.epochs).'
            )
        self._loader = runner.train_dataloader
        model = unwrap_model(runner.model)
        learnt = set()
        for stage in self.stages:
            model.set_learning(stage.parts)
            self._optim_config(runner, stage)
            self._check_needs(runner, stage, learnt)
            learnt.update(stage.parts)
        model.set_learning(())

    def after_load_checkpoint(self, runner, checkpoint):
        """When resuming, enter the stage the checkpoint was written in."""
        if runner._resume and 'stage' in checkpoint:
            self._enter(runner, checkpoint['stage'])

    def before_train(self, runner):
        """Count what is left to do of a resumed stage."""
        if self.index is not None:
            self._count_steps(runner)

    def before_train_epoch(self, runner):
        """Enter the epoch's stage, if it is a new one."""
        index, epoch = self.stage_at(runner.epoch)
        if index != self.index:
            _forget_scalars(runner.message_hub)
            self._enter(runner, index)
            self._count_steps(runner)
        learning = self.stages[index].learning(epoch)
        model = unwrap_model(runner.model)
        if set(learning) != model.learning:
            stage = self.stages[index]
            runner.logger.info(
                f"Stage {index + 1}/{len(self.stages)} '{stage.name}', epoch "
                f'{epoch + 1}/{stage.epochs}: {", ".join(learning)} learn'
            )
            model.set_learning(learning)
        freeze = self.stages[index].freeze_norm
        model.freeze_norm = freeze is not None and epoch >= freeze
        self._start_accumulating(runner, epoch)

    def before_save_checkpoint(self, runner, checkpoint):
        """Remember the stage."""
        if self.index is not None:
            checkpoint['stage'] = self.index

    # --------------------------------------------------------------- helpers

    def _check_needs(self, runner, stage, learnt):
        """A frozen part must have been trained or loaded before."""
        needed = unwrap_model(runner.model).needed_by(stage.parts)
        untrained = sorted(needed - learnt - set(stage.parts))
        if untrained and not (runner._load_from or runner._resume):
            raise UserValueError(
                f"Stage '{stage.name}' uses {untrained} as they are, but no "
                'earlier stage trains them: start from a checkpoint that has '
                'them, --cfg-options load_from=PATH.'
            )

    def _enter(self, runner, index):
        """Set up loader, optimizers and schedulers of a stage."""
        self.index = index
        stage = self.stages[index]
        runner.train_loop.dataloader = self._stage_loader(runner, stage)
        runner._train_dataloader = runner.train_loop.dataloader
        done = set().union(*(s.parts for s in self.stages[: index + 1]))
        later = set().union(*(s.parts for s in self.stages[index + 1 :]))
        unwrap_model(runner.model).set_pending(later - done)
        runner.param_schedulers = None  # they belong to the last stage
        runner.optim_wrapper = runner.build_optim_wrapper(
            self._optim_config(runner, stage)
        )
        runner.scale_lr(runner.optim_wrapper, runner.auto_scale_lr)
        if stage.param_scheduler:
            runner.param_schedulers = runner.build_param_scheduler(
                stage.param_scheduler
            )
            # The schedule is the stage's: it also runs while a part waits
            # for its first step. MMEngine takes that for a wrong order of
            # calls and warns, unless a step was counted.
            for wrapper in runner.optim_wrapper.values():
                wrapper._global_step = 0

    def _optim_config(self, runner, stage):
        config = runner.cfg.optim_wrapper
        missing = [part for part in stage.parts if part not in config]
        if missing:
            raise UserValueError(
                f"Stage '{stage.name}' trains {missing}, for which the "
                "config's optim_wrapper has no optimizer."
            )
        chosen = {
            key: value
            for key, value in config.items()
            if key in stage.parts or key in ('constructor', 'paramwise_cfg')
        }
        return merge(chosen, stage.optim_wrapper)

    def _stage_loader(self, runner, stage):
        """The config's loader, or one of the stage's own."""
        if not stage.train_dataloader:
            return self._loader
        return runner.build_dataloader(
            merge(runner.cfg.train_dataloader, stage.train_dataloader),
            seed=runner.seed,
            diff_rank_seed=runner._randomness_cfg.get('diff_rank_seed', False),
        )

    def _count_steps(self, runner):
        """Tell the loop how many steps there are to come.

        Exact but for later stages with loaders of another length.
        """
        done = getattr(runner.train_loop, 'batches_done', 0)
        runner.train_loop._max_iters = (
            runner.iter
            - done
            + len(runner.train_dataloader) * (self.total_epochs - runner.epoch)
        )

    def _start_accumulating(self, runner, epoch):
        """Accumulate gradients within an epoch, not across its end.

        The last steps of an epoch, where they do not fill up
        ``accumulative_counts``, give an update of their own: none is lost
        with the stage, nor from the checkpoint between two epochs.
        """
        begins = self.stages[self.index].parts
        for part, wrapper in runner.optim_wrapper.items():
            # MMEngine looks for BatchNorm in it, to warn; once is enough.
            module = (
                getattr(unwrap_model(runner.model), part)
                if epoch == begins[part]
                else nn.Identity()
            )
            wrapper.initialize_count_status(
                module, 0, len(runner.train_dataloader)
            )
            # Not the argument above: a loop that resumes in mid-epoch has
            # the gradients so far, of which MMEngine would say they are lost.
            wrapper._inner_count = getattr(
                runner.train_loop, 'batches_done', 0
            )
