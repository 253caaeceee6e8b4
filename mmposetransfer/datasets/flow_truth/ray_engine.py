"""The same work on a Ray cluster, or on a local Ray, as Ray Data."""

import os

import torch

from mmposetransfer.errors import UserError, UserImportError

from .flow_job import FlowCounts, FlowMaker

__all__ = ['run_on_ray']


def run_on_ray(job, work, workers=1, address=None):
    """Make a whole work list, portions handed out by Ray Data.

    A portion whose worker dies is handed to another one: files that are
    there are kept. The folder has to be one that all machines see, and the
    package has to be installed on them.

    Args:
        job (FlowJob): What to make.
        work (WorkList): Of which pairs.
        workers (int): Actors, of one core each.
        address (str, optional): Of a cluster, such as ``auto``; see
            ``ray.init``. Defaults to what RAY_ADDRESS says, else a Ray of
            ``workers`` cores on this machine, for this job alone.

    Yields:
        FlowCounts: After each portion, in any order.

    Raises:
        ImportError: If Ray is not installed.
        ValueError: If a pair cannot be made.
        WriteError: If a file cannot be written.
    """
    ray = _import_ray()
    started = not ray.is_initialized()
    if started:
        _start(ray, workers, address)
    try:
        shared = ray.put((job, work))
        # Not ray.data.range: reading from it would take a core of its own,
        # for which the actors would not leave any.
        chunks = ray.data.from_items(
            list(range(work.num_chunks)),
            override_num_blocks=min(work.num_chunks, 64 * workers),
        )
        counts = chunks.map_batches(
            _Actor,
            batch_size=1,
            num_cpus=1,
            fn_constructor_args=(shared,),
            compute=ray.data.ActorPoolStrategy(size=workers),
        )
        for row in counts.iter_rows():
            yield FlowCounts(*(int(row[key]) for key in FlowCounts._fields))
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
        raise UserImportError(
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
        if isinstance(error, UserError):
            return type(error)(str(error))
        error = getattr(error, 'cause', None) or error.__cause__
    return RuntimeError('a worker on Ray failed')


class _Actor:
    """A worker's maker; Ray makes one per actor, anew where one has died."""

    def __init__(self, shared):
        import ray

        torch.set_num_threads(1)
        self.make = FlowMaker(*ray.get(shared))

    def __call__(self, batch):
        counts = [self.make(int(chunk)) for chunk in batch['item']]
        return {
            key: [getattr(count, key) for count in counts]
            for key in FlowCounts._fields
        }
