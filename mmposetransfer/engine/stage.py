"""One stage of a training run, as configs write it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mmengine.config import Config

from mmposetransfer.errors import UserValueError

__all__ = ['Stage', 'merge']


@dataclass
class Stage:
    """Which components learn in a stage, for how long, and with what.

    A stage lasts for a number of epochs or of iterations, its *unit*: what
    else a stage counts is in that unit and from the start of the stage.

    Args:
        name: For the log.
        components: The components of the model that learn; as a dict, with
            the epoch or iteration, from 0, at which each begins to.
        epochs: Length in passes of the loader.
        iters: Length in iterations, in place of ``epochs``. The loader is
            gone through as often as that takes, in another order each time.
        param_scheduler: Schedulers; a dict gives components their own, and
            components that it does not name keep their learning rate. One
            without an ``end`` ends with the stage.
        freeze_norm: Epoch or iteration, from 0, from which BatchNorm of the
            components that learn normalises by its running statistics, as it
            does when the model is used: the rest of the network adapts to
            them. Matters where batches are small.
        val_interval: Epochs or iterations from one validation to the next.
            By default ``val_interval`` of ``train_cfg`` counts, in epochs of
            the run.
        optim_wrapper: Changes, by component, to the config's optimizers.
        train_dataloader: Changes to the config's training loader.

    Raises:
        ValueError: If the length is missing, given twice or less than 1, if
            no component learns or one never comes to, or if the schedulers
            are of other components.
    """

    name: str
    components: list[str] | dict[str, int]
    epochs: int | None = None
    iters: int | None = None
    param_scheduler: list | dict | None = None
    freeze_norm: int | None = None
    val_interval: int | None = None
    optim_wrapper: dict = field(default_factory=dict)
    train_dataloader: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._check_length()
        if not self.components:
            raise UserValueError(
                f"Stage '{self.name}' names no component that "
                "learns: give it 'components'."
            )
        if not isinstance(self.components, dict):
            self.components = dict.fromkeys(self.components, 0)
        self._check_counts()
        if (
            isinstance(self.param_scheduler, dict)
            and 'type' not in self.param_scheduler
        ):
            self.param_scheduler = self._schedules()

    def _check_length(self) -> None:
        given = {
            key: value
            for key in ('epochs', 'iters')
            if (value := getattr(self, key)) is not None
        }
        if len(given) != 1:
            raise UserValueError(
                f"Stage '{self.name}' has to last a number of epochs or of "
                f'iterations: expected one of epochs and iters, got '
                f'{given or "neither"}'
                f'{" (set one of them to None)." if given else "."}'
            )
        ((key, value),) = given.items()
        if not _is_count(value, least=1):
            raise UserValueError(
                f"Stage '{self.name}' must last at least one "
                f'{self.unit}: expected a whole number from 1 on, got '
                f'{key}={value!r}.'
            )

    def _check_counts(self) -> None:
        """Refuse counts that mean nothing, and components that never learn."""
        for key, least in (('freeze_norm', 0), ('val_interval', 1)):
            value = getattr(self, key)
            if value is not None and not _is_count(value, least):
                raise UserValueError(
                    f"{key} of stage '{self.name}': expected a number of "
                    f'{self.unit}s from {least} on, got {value!r}.'
                )
        for name, start in self.components.items():
            if not _is_count(start, 0) or start >= self.length:
                raise UserValueError(
                    f"In stage '{self.name}' of {self.length} {self.unit}s "
                    f"'{name}' is to learn from {self.unit} {start!r} on: "
                    f'expected a whole number from 0 to {self.length - 1} '
                    f'(components.{name}).'
                )

    def _schedules(self) -> dict[str, list]:
        """A schedule for every component, as MMEngine wants them."""
        unknown = sorted(set(self.param_scheduler) - set(self.components))
        if unknown:
            raise UserValueError(
                f"param_scheduler of stage '{self.name}' names {unknown}, "
                f'which do not learn there: {list(self.components)} do.'
            )
        return {
            name: self.param_scheduler.get(name, [])
            for name in self.components
        }

    @property
    def unit(self) -> str:
        """``epoch`` or ``iteration``, which the stage counts."""
        return 'epoch' if self.iters is None else 'iteration'

    @property
    def length(self) -> int:
        """Of the stage, in its unit."""
        return self.epochs if self.iters is None else self.iters

    def learning(self, done: int) -> list[str]:
        """Components that learn after so many epochs or iterations."""
        return [
            name for name, start in self.components.items() if done >= start
        ]

    def schedulers(self, epochs: int, iters: int) -> Any:
        """The schedulers, each of which says when it ends.

        MMEngine would have them last for the run.

        Args:
            epochs: Length of the stage in epochs, the last one begun.
            iters: Length of the stage in iterations.
        """
        return _with_ends(self.param_scheduler, epochs, iters)


def _is_count(value: Any, least: int) -> bool:
    return isinstance(value, int) and value >= least


def _with_ends(schedulers: Any, epochs: int, iters: int) -> Any:
    if isinstance(schedulers, dict) and 'type' in schedulers:
        end = epochs if schedulers.get('by_epoch', True) else iters
        # One that would begin later never runs: no reason for an error.
        end = max(end, schedulers.get('begin', 0) + 1)
        return {'end': end, **schedulers}
    if isinstance(schedulers, dict):
        return {
            name: _with_ends(those, epochs, iters)
            for name, those in schedulers.items()
        }
    if isinstance(schedulers, Iterable):
        return [_with_ends(one, epochs, iters) for one in schedulers]
    return schedulers


def merge(base: dict, changes: dict) -> dict:
    """Changes merged into a copy of a config, as `_base_` files are."""
    merged = Config(dict(value=base))
    merged.merge_from_dict(dict(value=changes))
    return merged['value']
