"""Training in stages of epochs or iterations, taken up at any step."""

from bisect import bisect
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from mmengine.dist import (
    all_gather_object,
    all_reduce,
    get_rank,
    is_main_process,
)
from mmengine.runner import Runner
from mmengine.runner.utils import calc_dynamic_intervals
from torch import Tensor, nn
from torch.utils.data import DataLoader

from mmposetransfer.registry import LOOPS
from mmposetransfer.utils.dist import plain_names, unwrap_model
from mmposetransfer.utils.random_state import (
    get_random_state,
    seed_generators,
    set_random_state,
)

from .seeded_batches import use_own_generator
from .staged_loop import StagedLoop

__all__ = ['ResumableTrainLoop']

# Lies in the work directory of a run that came to its end.
FINISHED = 'finished'


def _own(states: list[dict]) -> dict | None:
    """This process's one of the random states of all processes."""
    return states[get_rank()] if get_rank() < len(states) else None


@LOOPS.register_module()
class ResumableTrainLoop(StagedLoop):
    """The loop of a training run, taken up where a checkpoint was written.

    The length of the run follows from the stages of a
    :class:`StagedTrainingHook`; see :class:`StagedLoop`. A resumed run makes
    the steps that it would have made uninterrupted:

    - The samples are functions of seed, epoch and index; see
      :class:`SeededBatchSampler`.
    - An epoch goes on after its last batch; those before are not loaded.
    - Random states of all processes, and gradients that were accumulated but
      not used yet, are restored.
    - A validation that the checkpoint came before is made.

    Args:
        runner (Runner): The runner.
        dataloader (DataLoader | dict): The training data.
        max_epochs (int, optional): Length of a run without stages.
        val_begin (int): The first epoch, from 1, after which to validate.
        val_interval (int): Epochs from one validation to the next; a stage
            may have an interval of its own in place of all three.
        dynamic_intervals (list[tuple[int]], optional): (epoch, interval from
            then on).

    Attributes:
        validated (bool): Whether the validation that is due at this step, if
            one is, was made.
        stop_training (bool): Set by hooks, such as ``EarlyStoppingHook``.
    """

    def __init__(
        self,
        runner: Runner,
        dataloader: DataLoader | dict,
        max_epochs: int | None = None,
        val_begin: int = 1,
        val_interval: int = 1,
        dynamic_intervals: list[tuple[int, int]] | None = None,
    ) -> None:
        self.validated = False
        self.stop_training = False
        self.val_begin = val_begin
        self.val_interval = val_interval
        self._milestones, self._intervals = calc_dynamic_intervals(
            val_interval, dynamic_intervals
        )
        self._resumed = None
        self._first_seed = runner.seed
        super().__init__(runner, dataloader, max_epochs)
        metainfo = getattr(self.dataloader.dataset, 'metainfo', None)
        if metainfo is not None:
            runner.visualizer.dataset_meta = metainfo

    # ----------------------------------------------------------------- state

    def state_dict(self) -> dict[str, Any]:
        """What resuming needs, as plain data; all processes have to call it.

        Call it from hooks after a step or an epoch, as checkpoints are
        written.
        """
        gradients = {
            name: parameter.grad.detach().clone()
            for name, parameter in self._parameters().items()
            if parameter.grad is not None
        }
        for gradient in gradients.values():
            all_reduce(gradient, op='mean')
        return dict(
            batches_done=self.batches_done,
            length=len(self.dataloader),
            validated=self.validated,
            gradients=gradients,
            random=all_gather_object(get_random_state()),
        )

    def _parameters(self) -> dict[str, Tensor]:
        model = unwrap_model(self.runner.model)
        return plain_names(dict(model.named_parameters()), model)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up training there, when it is run.

        Args:
            state (dict): Of :meth:`state_dict`.
        """
        self._resumed = state
        self.batches_done = state['batches_done']

    # ------------------------------------------------------------------- run

    def run(self) -> nn.Module:
        """Train; see the class.

        Raises:
            ValueError: If neither stages nor ``max_epochs`` say how long.
        """
        if not self._has_length:
            raise ValueError(
                'Nothing says how long to train: give custom_hooks a '
                'StagedTrainingHook with stages, or train_cfg max_epochs.'
            )
        self._fit_to_loader()
        self._resume_counting()
        finished = Path(self.runner.work_dir, FINISHED)
        if self._is_finished(finished):
            self.runner.logger.info(
                f'The training of {self.max_epochs} epochs is finished '
                'already: nothing to do. To go on, make its last stage longer '
                'or add one; without stages, raise train_cfg.max_epochs.'
            )
            return self.runner.model
        if is_main_process():
            finished.unlink(missing_ok=True)
        self.runner.call_hook('before_train')
        if self._resumed is not None:
            self._take_up()
        while self._epoch < self.max_epochs and not self.stop_training:
            self.run_epoch()
            self._validate_if_due()
        self.runner.call_hook('after_train')
        if is_main_process():
            finished.touch()
        return self.runner.model

    def run_epoch(self) -> None:
        """Train for one epoch, or for what is left of it."""
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        for idx, data_batch in self._batches():
            self.validated = False
            self.batches_done = idx + 1
            self.run_iter(idx, data_batch)
            self._validate_within_epoch()
            if self._span.by_iter and self.stop_training:
                break
        self.batches_done = 0
        self.validated = False
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1
        self._epoch_start = self._iter

    def run_iter(self, idx: int, data_batch: Any) -> None:
        """Make one step.

        Args:
            idx: Of the batch in the epoch, for hooks. In an iteration stage
                they get the number of the step in the run, as from MMEngine's
                loop over iterations.
            data_batch: Of the loader.
        """
        number = self._iter if self._span.by_iter else idx
        self.runner.call_hook(
            'before_train_iter', batch_idx=number, data_batch=data_batch
        )
        outputs = self.runner.model.train_step(
            data_batch, optim_wrapper=self.runner.optim_wrapper
        )
        self.runner.call_hook(
            'after_train_iter',
            batch_idx=number,
            data_batch=data_batch,
            outputs=outputs,
        )
        self._iter += 1

    def _batches(self) -> Iterator[tuple[int, Any]]:
        """The batches of the epoch still to be done, with their numbers."""
        state, self._resumed = self._resumed, None
        start, stop = self.batches_done, self.epoch_length
        batches = iter(()) if start >= stop else self._iterate(start, stop)
        if state:
            self._set_random(state['random'])
            self.validated = state['validated']
            if not self.validated:
                self._validate_within_epoch()
        yield from enumerate(batches, start)

    def _iterate(self, start: int, stop: int) -> Iterator[Any]:
        sampler = self._batch_sampler
        if sampler is None:  # the data can only be gone through
            batches = iter(self.dataloader)
            for _ in islice(batches, start):
                pass
            return islice(batches, stop - start)
        # Resuming may have changed the runner's seed.
        order = getattr(sampler, 'sampler', None)
        if getattr(order, 'seed', None) == self._first_seed:
            order.seed = self.runner.seed
        sampler.seed, sampler.epoch = self.runner.seed, self._epoch
        sampler.start, sampler.stop = start, stop
        return iter(self.dataloader)

    # ------------------------------------------------------------ validation

    def _validate_if_due(self) -> bool:
        """Validate where it is time to; returns whether it was."""
        if self.runner.val_loop is None or not self._is_due():
            return False
        use_own_generator(self.runner.val_dataloader)
        self.runner.val_loop.run()
        self.validated = True
        return True

    def _validate_within_epoch(self) -> None:
        """Validate after a step that is not the last one of its epoch."""
        if (
            self._span.by_iter
            and self._stage_interval
            and 0 < self.batches_done < self.epoch_length
            and self._validate_if_due()
        ):
            self.runner.model.train()

    def _is_due(self) -> bool:
        at_end = not self.batches_done and self._epoch == self.max_epochs
        if self._stage_interval:
            return at_end or self.stage_done % self._stage_interval == 0
        step = bisect(self._milestones, self._epoch + 1)
        self.val_interval = self._intervals[step - 1]
        return self._epoch >= self.val_begin and (
            at_end or self._epoch % self.val_interval == 0
        )

    # -------------------------------------------------------------- resuming

    def _is_finished(self, mark: Path) -> bool:
        return (
            self._resumed is not None
            and self._epoch >= self.max_epochs
            and (mark.exists() or self.runner.val_loop is None)
        )

    def _fit_to_loader(self) -> None:
        """The place in an epoch of another length is about the same."""
        if not self.batches_done:
            return
        length, now = self._resumed['length'], len(self.dataloader)
        if length != now:
            self.batches_done = self.batches_done * now // length
            self.runner.logger.warning(
                f'The checkpoint was written in an epoch of {length} batches, '
                f'which now has {now}: training goes on after '
                f'{self.batches_done} of them, but not as it would have '
                'without the interruption.'
            )

    def _take_up(self) -> None:
        """Restore what the checkpoint had; in mid-epoch, when that begins."""
        state = self._resumed
        for name, parameter in self._parameters().items():
            if name in state['gradients']:
                parameter.grad = state['gradients'][name].to(
                    parameter, copy=True
                )
        if state['batches_done']:
            return
        self._resumed = None
        self._set_random(state['random'])
        self.validated = state['validated']
        if self._epoch and not self.validated:
            self._validate_if_due()

    def _set_random(self, states: list[dict]) -> None:
        state = _own(states)
        if state is not None:
            set_random_state(state)
            return
        # A process that was not there before.
        seed_generators(self.runner.seed, self._iter, get_rank())
        torch.cuda.manual_seed_all(self.runner.seed + get_rank())
