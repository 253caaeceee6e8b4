"""Parts of a job on a Ray cluster, or on a local Ray, as Ray Data."""

import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch

from mmposetransfer.utils.atomic_write import WriteError

__all__ = ['run_on_ray']


def run_on_ray(
    start: Callable[[], Callable[[Any], Any]],
    parts: Iterable,
    workers: int = 1,
    address: str | None = None,
) -> Iterator:
    """Make the parts of a job, handed out by Ray Data.

    A part whose worker dies is handed to another one, so making it again has
    to do no harm. Files have to go to a folder that all machines see, and the
    package has to be installed on them.

    Args:
        start: As of `run`, always picklable.
        parts: As of `run`.
        workers: Actors, of one core each.
        address: Of a cluster, such as ``auto``; see ``ray.init``. Defaults to
            what RAY_ADDRESS says, else a Ray of ``workers`` cores on this
            machine, for this job alone.

    Yields:
        What was made of each part, in any order.

    Raises:
        ModuleNotFoundError: If Ray is not installed.
        ValueError: If a part cannot be made.
        WriteError: If a file cannot be written.
    """
    ray, parts = _import_ray(), list(parts)
    if not parts:
        return
    started = not ray.is_initialized()
    if started:
        _start(ray, workers, address)
    try:
        shared = ray.put((start, parts))
        # Not ray.data.range: reading from it would take a core of its own,
        # for which the actors would not leave any.
        numbers = ray.data.from_items(
            list(range(len(parts))),
            override_num_blocks=min(len(parts), 64 * workers),
        )
        results = numbers.map_batches(
            _Actor,
            batch_size=1,
            num_cpus=1,
            fn_constructor_args=(shared,),
            compute=ray.data.ActorPoolStrategy(size=workers),
        )
        for row in results.iter_rows():
            yield pickle.loads(row['result'])
    except ray.exceptions.RayTaskError as error:
        raise _plain(error) from error
    finally:
        if started:
            ray.shutdown()


def _import_ray():
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ModuleNotFoundError(
            "the engine 'ray' needs Ray Data: pip install "
            f"'mmposetransfer[ray]' ({error})"
        ) from error
    return ray


def _start(ray, workers, address):
    address = address or os.environ.get('RAY_ADDRESS')
    alone = {} if address else dict(num_cpus=workers, include_dashboard=False)
    ray.init(address, log_to_driver=False, **alone)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False


def _plain(error):
    """The worker's own error, where it is one that the user can mend."""
    while error is not None:
        if isinstance(error, (ValueError, WriteError)):
            return type(error)(str(error))
        error = getattr(error, 'cause', None) or error.__cause__
    return RuntimeError('a worker on Ray failed')


class _Actor:
    """A worker's maker; Ray makes one per actor, anew where one has died."""

    def __init__(self, shared):
        import ray

        torch.set_num_threads(1)
        start, self.parts = ray.get(shared)
        self.make = start()

    def __call__(self, batch):
        results = [self.make(self.parts[int(i)]) for i in batch['item']]
        return dict(result=[pickle.dumps(result) for result in results])
