"""Joining processes without GPUs, and what they share."""

import os
import socket
from pathlib import Path

import pytest
import torch
from mmengine.model import MMDistributedDataParallel
from processes import run_processes, start
from torch import distributed, nn

from mmposetransfer.utils.dist import (
    join_processes,
    reduce_mean,
    unwrap_model,
)

VARIABLES = dict(
    pytorch=('RANK', 'WORLD_SIZE', 'LOCAL_RANK'),
    slurm=('SLURM_PROCID', 'SLURM_NTASKS', 'SLURM_LOCALID'),
    mpi=(
        'OMPI_COMM_WORLD_RANK',
        'OMPI_COMM_WORLD_SIZE',
        'OMPI_COMM_WORLD_LOCAL_RANK',
    ),
)


def clear_environment():
    names = [name for names in VARIABLES.values() for name in names]
    for name in (*names, 'MASTER_ADDR', 'MASTER_PORT', 'SLURM_NODELIST'):
        os.environ.pop(name, None)


def join(rank, launcher, port, folder):
    clear_environment()
    os.environ['CUDA_VISIBLE_DEVICES'] = ''
    os.environ['LOCAL_RANK'] = '0'  # as the tools set it
    rank_name, size_name, local_name = VARIABLES[launcher]
    os.environ.update(
        {
            rank_name: str(rank),
            size_name: '2',
            local_name: str(rank),
            'MASTER_PORT': str(port),
        }
    )
    if launcher == 'slurm':
        os.environ.update(
            SLURM_NODELIST='node[1-2]',
            PATH=f'{folder}{os.pathsep}{os.environ["PATH"]}',
        )
    else:
        os.environ['MASTER_ADDR'] = '127.0.0.1'
    join_processes(launcher)
    join_processes(launcher)  # once is enough
    mean = reduce_mean(torch.tensor([rank, 10.0 * rank]))
    Path(folder, f'{launcher}{rank}').write_text(
        f'{distributed.get_backend()} {distributed.get_rank()} '
        f'{os.environ["LOCAL_RANK"]} {mean.tolist()}'
    )
    distributed.destroy_process_group()


@pytest.mark.parametrize('launcher', VARIABLES)
def test_processes_of_each_launcher_meet(launcher, tmp_path):
    # What Slurm itself would print.
    scontrol = tmp_path / 'scontrol'
    scontrol.write_text(
        '#!/bin/sh\n[ "$*" = "show hostnames node[1-2]" ] || exit 1\n'
        'echo 127.0.0.1\necho elsewhere\n'
    )
    scontrol.chmod(0o755)
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        port = sock.getsockname()[1]
    start(2, join, launcher, port, str(tmp_path))
    for rank in range(2):
        assert (
            tmp_path / f'{launcher}{rank}'
        ).read_text() == f'gloo {rank} {rank} [0.5, 5.0]'


@pytest.fixture
def bare(monkeypatch):
    """An environment that knows of no launcher, and of no GPU."""
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    for names in VARIABLES.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv('MASTER_ADDR', raising=False)
    monkeypatch.delenv('SLURM_NODELIST', raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    'launcher, starter',
    [('pytorch', 'torchrun'), ('slurm', 'srun'), ('mpi', 'mpirun')],
)
def test_a_launcher_that_did_not_start_us_is_refused(bare, launcher, starter):
    with pytest.raises(
        ValueError, match=f'{VARIABLES[launcher][0]}.*by {starter}'
    ):
        join_processes(launcher)


def test_no_place_to_meet_is_an_error(bare, tmp_path):
    for name in VARIABLES['slurm']:
        bare.setenv(name, '0')
    bare.setenv('SLURM_NODELIST', 'node[1-2]')
    bare.setenv('PATH', str(tmp_path))  # no scontrol
    with pytest.raises(ValueError, match='set MASTER_ADDR'):
        join_processes('slurm')


def test_a_single_process_joins_nobody(bare):
    join_processes('none')
    assert not distributed.is_initialized()
    counts = torch.tensor([1.0, 2.0])
    assert reduce_mean(counts) is counts


def unwrapped(rank):
    module = nn.Linear(1, 1)
    wrapped = MMDistributedDataParallel(module)
    return unwrap_model(wrapped) is module and unwrap_model(module) is module


def test_wrappers_are_taken_off():
    assert run_processes(1, unwrapped) == [True]
