"""Training by epochs that can be taken up at any step."""

from itertools import islice
from pathlib import Path

import torch
from mmengine.dist import (
    all_gather_object,
    all_reduce,
    get_rank,
    is_main_process,
)
from mmengine.runner import EpochBasedTrainLoop

from mmposetransfer.engine.random_state import (
    get_random_state,
    seed_generators,
    set_random_state,
)
from mmposetransfer.registry import LOOPS
from mmposetransfer.utils.dist import plain_names, unwrap_model

from .seeded_batches import seed_batches, use_own_generator

__all__ = ['ResumableTrainLoop']

# Lies in the work directory of a run that came to its end.
FINISHED = 'finished'


def _own(states):
    """This process's one of the random states of all processes."""
    return states[get_rank()] if get_rank() < len(states) else None


@LOOPS.register_module()
class ResumableTrainLoop(EpochBasedTrainLoop):
    """MMEngine's loop over epochs, taken up where a checkpoint was written.

    A resumed run makes the steps that it would have made uninterrupted:

    - The samples are functions of seed, epoch and index; see
      :class:`SeededBatchSampler`.
    - An epoch goes on after its last batch; those before are not loaded.
    - Random states of all processes, and gradients that were accumulated but
      not used yet, are restored.
    - A validation that the checkpoint came before is made.

    Args:
        runner (Runner): The runner.
        dataloader (DataLoader | dict): The training data.
        max_epochs (int): Length.
        val_begin (int): The first epoch, from 1, after which to validate.
        val_interval (int): Epochs from one validation to the next.
        dynamic_intervals (list[tuple[int]], optional): (epoch, interval from
            then on).

    Attributes:
        batches_done (int): Of the epoch that is under way.
        validated (bool): Whether the validation of the last epoch is done.
    """

    def __init__(
        self,
        runner,
        dataloader,
        max_epochs,
        val_begin=1,
        val_interval=1,
        dynamic_intervals=None,
    ):
        self.batches_done = 0
        self.validated = False
        self._resumed = None
        self._first_seed = runner.seed
        super().__init__(
            runner,
            dataloader,
            max_epochs,
            val_begin,
            val_interval,
            dynamic_intervals,
        )

    @property
    def dataloader(self):
        """The training data; setting it makes the samples reproducible."""
        return self._dataloader

    @dataloader.setter
    def dataloader(self, loader):
        self._dataloader = loader
        self._batch_sampler = seed_batches(loader)

    # ----------------------------------------------------------------- state

    def state_dict(self):
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

    def _parameters(self):
        model = unwrap_model(self.runner.model)
        return plain_names(dict(model.named_parameters()), model)

    def load_state_dict(self, state):
        """Take up training there, when it is run.

        Args:
            state (dict): Of :meth:`state_dict`.
        """
        self._resumed = state
        self.batches_done = state['batches_done']

    # ------------------------------------------------------------------- run

    def run(self):
        """Train; see the class."""
        finished = Path(self.runner.work_dir, FINISHED)
        if self._is_finished(finished):
            self.runner.logger.info(
                f'The training of {self._max_epochs} epochs is finished '
                'already: nothing to do. To go on, raise '
                'train_cfg.max_epochs.'
            )
            return self.runner.model
        if is_main_process():
            finished.unlink(missing_ok=True)
        self._fit_to_loader()
        self.runner.call_hook('before_train')
        if self._resumed is not None:
            self._take_up()
        while self._epoch < self._max_epochs and not self.stop_training:
            self.run_epoch()
            self._validate_if_due()
        self.runner.call_hook('after_train')
        if is_main_process():
            finished.touch()
        return self.runner.model

    def run_epoch(self):
        """Train for one epoch, or for what is left of it."""
        self.runner.call_hook('before_train_epoch')
        self.runner.model.train()
        for idx, data_batch in self._batches():
            self.batches_done = idx + 1
            self.run_iter(idx, data_batch)
        self.batches_done = 0
        self.validated = False
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1

    def _batches(self):
        """The batches of the epoch still to be done, with their numbers."""
        state, self._resumed = self._resumed, None
        start = self.batches_done
        batches = (
            iter(())
            if start >= len(self.dataloader)
            else self._iterate_from(start)
        )
        if state:
            self._set_random(state['random'])
        yield from enumerate(batches, start)

    def _iterate_from(self, start):
        sampler = self._batch_sampler
        if sampler is None:  # the data can only be gone through
            batches = iter(self.dataloader)
            for _ in islice(batches, start):
                pass
            return batches
        # Resuming may have changed the runner's seed.
        order = getattr(sampler, 'sampler', None)
        if getattr(order, 'seed', None) == self._first_seed:
            order.seed = self.runner.seed
        sampler.seed, sampler.epoch = self.runner.seed, self._epoch
        sampler.start = start
        return iter(self.dataloader)

    def _validate_if_due(self):
        self._decide_current_val_interval()
        if (
            self.runner.val_loop is not None
            and self._epoch >= self.val_begin
            and (
                self._epoch % self.val_interval == 0
                or self._epoch == self._max_epochs
            )
        ):
            use_own_generator(self.runner.val_dataloader)
            self.runner.val_loop.run()
            self.validated = True

    # -------------------------------------------------------------- resuming

    def _is_finished(self, mark):
        return (
            self._resumed is not None
            and self._epoch >= self._max_epochs
            and (mark.exists() or self.runner.val_loop is None)
        )

    def _fit_to_loader(self):
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

    def _take_up(self):
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

    def _set_random(self, states):
        state = _own(states)
        if state is not None:
            set_random_state(state)
            return
        # A process that was not there before.
        seed_generators(self.runner.seed, self._iter, get_rank())
        torch.cuda.manual_seed_all(self.runner.seed + get_rank())
