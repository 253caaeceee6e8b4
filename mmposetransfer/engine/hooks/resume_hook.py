"""Taking up a run that was interrupted."""

import os
from typing import Any

from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from mmposetransfer.engine.checkpoint_files import (
    LAST_CHECKPOINT,
    check_resumable,
    find_last_good_checkpoint,
    remove_leftovers,
)
from mmposetransfer.errors import UserValueError
from mmposetransfer.io.checkpoint import read_checkpoint
from mmposetransfer.io.checkpoint_model import compare_models, tell_model
from mmposetransfer.registry import HOOKS
from mmposetransfer.utils.dist import plain_names, unwrap_model

from ..mmengine_private import (
    is_training,
    loads_from,
    resumes,
    set_checkpoint,
    vis_backends,
)

__all__ = ['ResumeHook']


def _shapes(state_dict: dict[str, Tensor]) -> dict[str, tuple]:
    """Shape of each weight, by its name."""
    return {key: tuple(value.shape) for key, value in state_dict.items()}


@HOOKS.register_module()
class ResumeHook(Hook):
    """Find the checkpoint to resume from, and take up loop and log there.

    The config's ``resume`` (``--resume``) says whether:

    - ``resume=True`` without ``load_from``, or ``resume='auto'``: from the
      last good checkpoint of the work directory; damaged ones are passed
      over. Where there is none, training starts from the beginning, with the
      weights of ``load_from`` if that is given.
    - ``resume=True`` with ``load_from``: from that checkpoint; it is an error
      if that is damaged or of another model.

    The scalars of a resumed run begin with those up to the checkpoint, so
    that its newest ``vis_data/scalars.json`` tells the whole run, no step
    twice.
    """

    # Before the hooks that ask whether weights will be loaded.
    priority = 'VERY_HIGH'

    def __init__(self) -> None:
        self._log: dict | None = None

    def before_run(self, runner: Runner) -> None:
        """Decide what to load."""
        if not is_training(runner):
            return
        if is_main_process():
            remove_leftovers(runner.work_dir)
        resume, path = resumes(runner), loads_from(runner)
        if resume == 'auto' or (resume and path is None):
            self._choose(runner)
        elif resume and '://' not in str(path):
            check_resumable(os.path.expanduser(path))
        elif not resume and os.path.exists(
            os.path.join(runner.work_dir, LAST_CHECKPOINT)
        ):
            runner.logger.warning(
                f"There are checkpoints of another run in '{runner.work_dir}':"
                ' until this one has written its first, --resume would go on '
                'from those. Better name another --work-dir.'
            )
        # Read as data first: some versions of MMEngine and torch would
        # execute what is in it.
        if loads_from(runner) is not None and not resumes(runner):
            read_checkpoint(loads_from(runner))

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Hand over what the checkpoint says of loop and log."""
        if not is_training(runner):
            return
        if not resumes(runner):
            self._check_start(runner, checkpoint)
            return
        self._check_model(runner, checkpoint)
        state = checkpoint.pop('resume', None)
        if state is None or not hasattr(runner.train_loop, 'load_state_dict'):
            runner.logger.warning(
                'The checkpoint, or the loop of train_cfg, knows nothing of '
                'random states: training goes on, but not as it would have '
                'without the interruption.'
            )
        else:
            runner.train_loop.load_state_dict(state)
        self._log = dict(position=checkpoint.get('scalars'))

    def before_train(self, runner: Runner) -> None:
        """Go on with the log; a finished run does not come here."""
        if self._log is not None and is_main_process():
            for backend in self._backends(runner):
                backend.continue_from(runner.work_dir, **self._log)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Note how much of the log there was."""
        for backend in self._backends(runner):
            checkpoint['scalars'] = backend.position(runner.work_dir)

    @staticmethod
    def _choose(runner: Runner) -> None:
        found = [
            find_last_good_checkpoint(runner.work_dir, resumable=True)
            if is_main_process()
            else None
        ]
        broadcast_object_list(found)
        if found[0] is not None:
            set_checkpoint(runner, True, found[0])
            runner.logger.info(f"Resuming from '{found[0]}'.")
        else:
            set_checkpoint(runner, False, loads_from(runner))
            runner.logger.warning(
                f'There is no checkpoint to resume from in '
                f"'{runner.work_dir}': training starts from the beginning."
            )

    @staticmethod
    def _backends(runner: Runner) -> list[Any]:
        return [
            backend
            for backend in vis_backends(runner)
            if hasattr(backend, 'continue_from')
        ]

    @staticmethod
    def _check_model(runner: Runner, checkpoint: dict) -> None:
        """MMEngine would go on with whatever fits."""
        there, own, between = _compared(runner, checkpoint)
        problems = [f'{key} is missing' for key in own if key not in there]
        problems += [f'{key} is unknown' for key in there if key not in own]
        problems += [
            f'{key} is {there[key]}, not {own[key]}'
            for key in own
            if there.get(key, own[key]) != own[key]
        ]
        if problems:
            raise UserValueError(
                f"The checkpoint '{loads_from(runner)}' is of another model "
                f'than the config: {between}; {"; ".join(problems[:3])}'
                f'{", ..." if len(problems) > 3 else ""}. Resume with the '
                'config of that run, which lies in its work directory, or in '
                'another work directory.'
            )

    @staticmethod
    def _check_start(runner: Runner, checkpoint: dict) -> None:
        """Weights to start from may be some of the model's, not none.

        Of another method a weight or two may have the same name and shape by
        chance: a component of it has to fit whole.
        """
        there, own, between = _compared(runner, checkpoint)
        model = unwrap_model(runner.model)
        learnt = set(plain_names(dict(model.named_parameters()), runner.model))
        fitting = {key for key in learnt if there.get(key) == own[key]}
        components, unfit = (
            {key.partition('.')[0] for key in keys}
            for keys in (learnt, learnt - fitting)
        )
        is_alike = tell_model(checkpoint) in (None, type(model).__name__)
        if not (fitting if is_alike else components - unfit):
            raise UserValueError(
                f"The checkpoint '{loads_from(runner)}' is of another model "
                f'than the config: {between}, and no component of it finds '
                'its weights there. Take load_from out, or name a checkpoint '
                'of this method.'
            )


def _compared(
    runner: Runner, checkpoint: dict
) -> tuple[dict[str, tuple], dict[str, tuple], str]:
    """Shapes in a checkpoint, those of the model, and both in words."""
    weights = checkpoint.get('state_dict', checkpoint)
    model = unwrap_model(runner.model)
    own = plain_names(model.state_dict(), runner.model)
    words = compare_models(checkpoint, weights, model, own)
    return _shapes(weights), _shapes(own), words
