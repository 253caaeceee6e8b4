"""Many processes: how they start without GPUs, and what they share."""

import os
import subprocess

import torch
from mmengine.dist import all_reduce, get_world_size
from mmengine.model import is_model_wrapper
from torch import distributed

__all__ = [
    'join_processes',
    'place_in_job',
    'plain_names',
    'reduce_mean',
    'unwrap_model',
]

# What starts the processes, and where it says what torch wants to know.
_LAUNCHERS = dict(
    pytorch=(
        'torchrun (tools/dist_train.sh)',
        dict(RANK='RANK', WORLD_SIZE='WORLD_SIZE'),
    ),
    slurm=(
        'srun (tools/slurm_train.sh)',
        dict(
            RANK='SLURM_PROCID',
            WORLD_SIZE='SLURM_NTASKS',
            LOCAL_RANK='SLURM_LOCALID',
        ),
    ),
    mpi=(
        'mpirun',
        dict(
            RANK='OMPI_COMM_WORLD_RANK',
            WORLD_SIZE='OMPI_COMM_WORLD_SIZE',
            LOCAL_RANK='OMPI_COMM_WORLD_LOCAL_RANK',
        ),
    ),
)


def unwrap_model(model):
    """The module inside of a wrapper for distributed training.

    Args:
        model (nn.Module): Wrapped or not.
    """
    return model.module if is_model_wrapper(model) else model


def plain_names(state_dict, model):
    """A state dict by the names that weights have in a single process.

    Where the components of a model are wrapped one by one, each brings a
    ``module.`` into the names, which MMEngine writes into checkpoints and
    does not find when it reads them.

    Args:
        state_dict (dict[str, Tensor]): Of the model.
        model (nn.Module): Wrapped or not.

    Returns:
        dict[str, Tensor]: The same values.
    """
    wrapped = tuple(
        f'{name}.module.'
        for name, part in unwrap_model(model).named_children()
        if is_model_wrapper(part)
    )
    if not wrapped:
        return state_dict
    return {
        key.replace('.module.', '.', 1)
        if key.startswith(wrapped)
        else key: value
        for key, value in state_dict.items()
    }


def reduce_mean(tensor):
    """Mean of a tensor over all processes; in one process the tensor itself.

    Distributed training averages the gradients of the processes. A loss that
    divides a sum by a count has to divide by the mean count of all of them,
    else a pixel weighs more in the process that has fewer.

    Args:
        tensor (Tensor): Of one shape in all processes, without gradient.

    Returns:
        Tensor: Of that shape.
    """
    if get_world_size() == 1:
        return tensor
    tensor = tensor.detach().clone()
    all_reduce(tensor, op='mean')
    return tensor


def join_processes(launcher):
    """Join the processes that a launcher started, by gloo without a GPU.

    MMEngine's start of a launcher selects a CUDA device, which fails without
    one; it leaves a process group alone that is there already, and makes its
    own where there are GPUs.

    Args:
        launcher (str): The tools' ``--launcher``; nothing is done for
            ``none``.

    Raises:
        ValueError: If the processes were not started by that launcher, or
            do not know where to meet.
    """
    if launcher == 'none' or distributed.is_initialized():
        return
    names = _names_of(launcher)
    if torch.cuda.is_available():
        return
    os.environ.update({to: os.environ[name] for to, name in names.items()})
    os.environ.setdefault('MASTER_PORT', '29500')
    if 'MASTER_ADDR' not in os.environ:
        os.environ['MASTER_ADDR'] = _first_host()
    distributed.init_process_group('gloo')


def place_in_job(launcher):
    """Which of how many processes this is, for work that needs no meeting.

    Args:
        launcher (str): As for :func:`join_processes`.

    Returns:
        tuple[int, int]: The rank, from 0, and the number of processes.

    Raises:
        ValueError: If the process was not started by that launcher.
    """
    if launcher == 'none':
        return 0, 1
    names = _names_of(launcher)
    return tuple(int(os.environ[names[key]]) for key in ('RANK', 'WORLD_SIZE'))


def _names_of(launcher):
    """The environment's names of what torch wants to know; all are there."""
    starter, names = _LAUNCHERS[launcher]
    missing = [name for name in names.values() if name not in os.environ]
    if missing:
        raise ValueError(
            f'--launcher {launcher} needs {", ".join(missing)} in the '
            f'environment: start the processes by {starter}, or leave '
            '--launcher out for a single one.'
        )
    return names


def _first_host():
    """Name of the machine that the first process of a Slurm job runs on."""
    nodes = os.environ.get('SLURM_NODELIST')
    try:
        return subprocess.run(
            ['scontrol', 'show', 'hostnames', nodes or ''],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        raise ValueError(
            'The processes do not know where to meet: set MASTER_ADDR to '
            'the name of the machine that the first one runs on.'
        ) from None
