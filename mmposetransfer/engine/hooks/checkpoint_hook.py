"""Checkpoints that survive crashes, power cuts and full disks."""

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.hooks import CheckpointHook as _CheckpointHook
from mmengine.logging import print_log
from mmengine.runner import Runner

from mmposetransfer.registry import HOOKS
from mmposetransfer.utils.atomic_write import atomic_write
from mmposetransfer.utils.checkpoint_files import LAST_CHECKPOINT

from .. import durable_backend  # noqa: F401 registers the backend
from ..mmengine_private import is_training

__all__ = ['CheckpointHook']


class _Wrapper:
    """Something with methods of its own in place of some."""

    def __init__(self, wrapped: Any) -> None:
        self.wrapped = wrapped

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)


class _LateRemoval(_Wrapper):
    """A file backend that remembers what to remove, for later."""

    def __init__(self, backend: Any) -> None:
        super().__init__(backend)
        self.paths: list[str] = []

    def remove(self, path: str) -> None:
        self.paths.append(path)

    rmtree = remove


class _Guard(_Wrapper):
    """A runner that goes on when it cannot write a checkpoint.

    Processes that do not write would wait for ever for one that stopped.
    """

    def __init__(
        self, runner: Runner, on_error: Callable[[OSError], Any]
    ) -> None:
        super().__init__(runner)
        self.on_error = on_error
        self.failed = False

    def save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        try:
            self.wrapped.save_checkpoint(*args, **kwargs)
        except OSError as error:
            self.failed = True
            self.on_error(error)


def _told_by_main(value: Any) -> Any:
    """The main process's value, in all processes."""
    values = [value]
    broadcast_object_list(values)
    return values[0]


@HOOKS.register_module()
class CheckpointHook(_CheckpointHook):
    """MMEngine's hook of this name, with checkpoints that can be relied on.

    - They are written whole or not at all: beside their place, flushed to
      the disk, then renamed (:class:`DurableBackend`).
    - Old ones are removed once the new one is safe.
    - One that cannot be written, as on a full disk, is reported, and
      training goes on; the last one of a run is tried again at its end.
    - They hold the place in the epoch and all random states
      (:meth:`ResumableTrainLoop.state_dict`).
    - A hook by epochs and one by iterations may be used side by side.

    The arguments are those of :class:`mmengine.hooks.CheckpointHook`.
    """

    def before_train(self, runner: Runner) -> None:
        """Set up storage, and find what an earlier run left to remove."""
        local = '://' not in str(self.out_dir or '')
        if (
            local
            and self.backend_args is None
            and self.file_client_args is None
        ):
            self.backend_args = dict(backend='durable')
        self._saving = None
        self._failure = None
        # MMEngine's own list would be shared by all such hooks.
        keep, self.max_keep_ckpts = self.max_keep_ckpts, -1
        super().before_train(runner)
        self.max_keep_ckpts = keep
        self._steps_key = (
            'keep_ckpt_ids' if self.by_epoch else 'keep_iter_ckpt_ids'
        )
        self._steps = list(runner.message_hub.get_info(self._steps_key, []))
        self._remove_old()

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add what resuming needs."""
        if self._saving is not None:
            checkpoint['resume'] = self._saving

    def after_val_epoch(self, runner: Runner, metrics: dict) -> None:
        """Save the best checkpoint; one written from now on is validated."""
        if is_training(runner) and hasattr(runner.train_loop, 'validated'):
            runner.train_loop.validated = True
        super().after_val_epoch(runner, metrics)

    def after_train(self, runner: Runner) -> None:
        """Try again what could not be written before; publish.

        Raises:
            OSError: If the last weights of the run cannot be saved.
        """
        self._failure = _told_by_main(self._failure)
        if self._failure is not None:
            step = runner.epoch if self.by_epoch else runner.iter
            self._save_checkpoint_with_step(
                runner, step, dict(epoch=runner.epoch, iter=runner.iter)
            )
        if self._failure is not None:
            raise OSError(
                f'Training is over, but its last checkpoint is not saved: '
                f'{self._failure} Then resume with --resume.'
            )
        super().after_train(runner)

    # --------------------------------------------------------------- writing

    def _save_checkpoint_with_step(
        self, runner: Runner, step: int, meta: dict
    ) -> None:
        runner = getattr(runner, 'wrapped', runner)
        loop = runner.train_loop
        # Gathered here, in all processes: the main one writes alone.
        self._saving = (
            loop.state_dict() if hasattr(loop, 'state_dict') else None
        )
        name = self.filename_tmpl.format(step)
        steps = [s for s in self._steps if s != step] + [step]
        hub = runner.message_hub
        before = hub.get_info('last_ckpt')
        path = self.file_backend.join_path(self.out_dir, name)
        hub.update_info('last_ckpt', path)
        if self.max_keep_ckpts > 0:
            hub.update_info(self._steps_key, steps)
        try:
            runner.save_checkpoint(
                self.out_dir,
                name,
                self.file_client_args,
                save_optimizer=self.save_optimizer,
                save_param_scheduler=self.save_param_scheduler,
                meta=meta,
                by_epoch=self.by_epoch,
                backend_args=self.backend_args,
                **self.args,
            )
            self._steps, self.last_ckpt = steps, path
            self._name_last(runner, path)
            self._failure = None
        except OSError as error:
            self._report(runner, path, error)
            hub.update_info('last_ckpt', before)
            hub.update_info(self._steps_key, self._steps)
        else:
            self._remove_old()
        finally:
            self._saving = None

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        if not self.save_best:
            return
        before = self._best(runner)
        backend = self.file_backend
        self.file_backend = late = _LateRemoval(backend)
        guard = _Guard(
            runner,
            lambda error: (
                self._set_best(runner, before),
                self._report(runner, 'the best checkpoint', error),
            ),
        )
        try:
            with self._names_within_epoch(runner):
                super()._save_best_checkpoint(guard, metrics)
        finally:
            self.file_backend = backend
        if _told_by_main(guard.failed):
            self._set_best(runner, before)
        elif is_main_process():
            best = set(self._best(runner)[0].values())
            for path in late.paths:
                if path not in best:
                    self._remove(path)

    @contextmanager
    def _names_within_epoch(self, runner: Runner) -> Iterator[None]:
        """Name the best of a validation in mid-epoch by its iteration.

        The last checkpoint, which is of the end of an epoch, is not written
        again to hold the score: a run that resumes from there validates again.
        """
        if not (
            self.by_epoch
            and is_training(runner)
            and getattr(runner.train_loop, 'batches_done', 0)
        ):
            yield
            return
        kept = self.by_epoch, self.filename_tmpl, self.last_ckpt
        self.by_epoch, self.filename_tmpl = False, 'iter_{}.pth'
        self.last_ckpt = None
        try:
            yield
        finally:
            self.by_epoch, self.filename_tmpl, self.last_ckpt = kept

    def _best(self, runner: Runner) -> tuple[dict, dict]:
        """What is known of the best checkpoints."""
        info = {
            key: value
            for key, value in runner.message_hub.runtime_info.items()
            if key.startswith('best_')
        }
        own = {
            key: copy(value)
            for key, value in vars(self).items()
            if key in ('best_ckpt_path', 'best_ckpt_path_dict')
        }
        return info, own

    def _set_best(self, runner: Runner, best: tuple[dict, dict]) -> None:
        known = runner.message_hub.runtime_info
        for key in self._best(runner)[0]:
            known.pop(key)
        known.update(best[0])
        vars(self).update(best[1])

    @staticmethod
    def _name_last(runner: Runner, path: str) -> None:
        if is_main_process():
            last = Path(runner.work_dir, LAST_CHECKPOINT)
            with atomic_write(last, 'w', durable=True) as file:
                file.write(path)

    def _remove_old(self) -> None:
        """Remove checkpoints beyond ``max_keep_ckpts``."""
        if self.max_keep_ckpts < 1:
            return
        old = self._steps[: -self.max_keep_ckpts]
        self._steps = self._steps[-self.max_keep_ckpts :]
        if is_main_process():
            for step in old:
                self._remove(
                    self.file_backend.join_path(
                        self.out_dir, self.filename_tmpl.format(step)
                    )
                )

    def _remove(self, path: str) -> None:
        try:
            if self.file_backend.isfile(path):
                self.file_backend.remove(path)
            elif self.file_backend.isdir(path):  # DeepSpeed's
                self.file_backend.rmtree(path)
        except OSError as error:
            print_log(
                f"The old checkpoint '{path}' could not be removed: {error}",
                logger='current',
                level=logging.WARNING,
            )

    def _report(self, runner: Runner, path: str, error: OSError) -> None:
        """Say what could not be written, and what there is."""
        self._failure = str(error)
        folder = self.out_dir if '://' not in str(self.out_dir) else None
        free = (
            f' {shutil.disk_usage(folder).free:,} bytes are free in '
            f"'{folder}'."
            if folder and Path(folder).is_dir()
            else ''
        )
        last = (
            f"the last good checkpoint is '{self.last_ckpt}'"
            if self.last_ckpt
            else 'there is no checkpoint yet'
        )
        runner.logger.error(
            f"The checkpoint '{path}' was not saved: {error}{free} Training "
            f'goes on; {last}. The next one is tried at its time.'
        )
