"""Functions run in several processes that talk by gloo."""

import os
import pickle
import tempfile
from pathlib import Path

import torch
from torch import distributed
from torch.multiprocessing import start_processes

# Imported once, by the server that the processes are forked from.
PRELOADED = [
    'mmposetransfer.engine',
    'mmposetransfer.models',
    'mmposetransfer.datasets',
    'mmposetransfer.evaluation',
    'mmposetransfer.visualization',
]


def _run(rank, count, folder, task, arguments):
    torch.set_num_threads(1)
    os.environ.update(
        RANK=str(rank), WORLD_SIZE=str(count), LOCAL_RANK=str(rank)
    )
    distributed.init_process_group(
        'gloo',
        init_method=f'file://{folder}/meet',
        rank=rank,
        world_size=count,
    )
    try:
        result = task(rank, *arguments)
        distributed.barrier()
    finally:
        distributed.destroy_process_group()
    Path(folder, f'{rank}.pkl').write_bytes(pickle.dumps(result))


def start(count, task, *arguments):
    """Run ``task(rank, *arguments)`` in processes that have yet to meet."""
    context = torch.multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(PRELOADED)
    start_processes(task, arguments, nprocs=count, start_method='forkserver')


def run_processes(count, task, *arguments):
    """Run ``task(rank, *arguments)`` in each of some processes.

    Args:
        count (int): Number of processes.
        task (Callable): A function of a module.
        arguments: Pickled for each process.

    Returns:
        list: What each of them returned, by rank.
    """
    with tempfile.TemporaryDirectory() as folder:
        start(count, _run, count, folder, task, arguments)
        return [
            pickle.loads(Path(folder, f'{rank}.pkl').read_bytes())
            for rank in range(count)
        ]
