"""Checks of the machine: GPU, disk, memory between processes."""

import os
import shutil
import tempfile
from pathlib import Path

from mmposetransfer.doctor.finding import FAILED, OK, WARNING, Finding
from mmposetransfer.utils.memory_errors import MORE_SHARED_MEMORY

__all__ = ['check_gpu', 'check_shared_memory', 'check_work_dir']

GIB = 2**30
# A checkpoint of the whole method at 256x256, with its optimizers, has half
# a GiB; a run keeps three, and one more while it writes.
LITTLE_DISK, NO_DISK = 4 * GIB, 1 * GIB
# Eight workers, each with two batches of eight 256x256 pairs on their way,
# come to 0.1 GiB. Containers have 64 MiB by default.
LITTLE_SHARED_MEMORY = GIB / 4
NVIDIA_DRIVER = Path('/proc/driver/nvidia/version')


def check_gpu():
    """Whether torch can use the GPUs that the machine has."""
    import torch

    driver = NVIDIA_DRIVER.is_file() or shutil.which('nvidia-smi')
    if torch.version.hip:
        found = torch.cuda.is_available()
        return Finding(
            OK,
            f'torch for ROCm {torch.version.hip}, '
            f'{"a" if found else "no"} GPU',
        )
    if not torch.cuda.is_available():
        if not driver:
            return Finding(OK, 'none: everything runs on the CPU')
        return _unusable(torch)
    return [_check_device(torch, i) for i in range(torch.cuda.device_count())]


def _unusable(torch):
    """There is a driver, and torch sees no GPU."""
    if os.environ.get('CUDA_VISIBLE_DEVICES') == '':
        return Finding(
            WARNING,
            'CUDA_VISIBLE_DEVICES is empty, which hides the GPUs',
            'unset CUDA_VISIBLE_DEVICES',
        )
    if torch.version.cuda is None:
        return Finding(
            WARNING,
            f'the machine has an NVIDIA driver, but torch '
            f'{torch.__version__} is a CPU build',
            'choose a CUDA build on https://pytorch.org/get-started/locally',
        )
    try:
        torch.cuda.init()
        reason = 'no device is visible'
    except Exception as error:
        reason = ' '.join(str(error).split())
    return Finding(
        WARNING,
        f'torch is built for CUDA {torch.version.cuda} and cannot '
        f'use the GPU: {reason}',
        'a newer NVIDIA driver, or a torch build '
        'for an older CUDA: https://pytorch.org/get-started/locally',
    )


def _check_device(torch, index):
    """Whether the build of torch has kernels for a GPU."""
    name = torch.cuda.get_device_name(index)
    memory = torch.cuda.get_device_properties(index).total_memory / GIB
    text = f'{index}: {name}, {memory:.0f} GiB, CUDA {torch.version.cuda}'
    try:
        right = torch.ones(8, device=f'cuda:{index}').sum().item() == 8
        reason = 'it adds wrongly'
    except RuntimeError as error:
        right, reason = False, str(error).strip().partition('\n')[0]
    if right:
        return Finding(OK, text)
    built = ' '.join(torch.cuda.get_arch_list())
    return Finding(
        FAILED,
        f'{text}: {reason} (torch has kernels for {built})',
        'a torch build for this GPU: https://pytorch.org/get-started/locally',
    )


def check_work_dir(path):
    """Whether training can write there, and for how long.

    Args:
        path (str | Path): Need not exist yet; nothing is left behind.
    """
    path = Path(path).resolve()
    existing = path
    while not existing.exists():
        existing = existing.parent
    if not existing.is_dir():
        return Finding(FAILED, f'{existing} is a file', 'choose another')
    try:
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(bytes(2**20))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return Finding(
            FAILED,
            f'cannot write to {existing}: {error.strerror or error}',
            'choose a folder of yours: --work-dir, cd',
        )
    free = shutil.disk_usage(existing).free
    text = f'{path} is writable, {_size(free)} free'
    if free < LITTLE_DISK:
        status = FAILED if free < NO_DISK else WARNING
        return Finding(
            status,
            f'{text}, and a run at 256x256 takes 2 GiB',
            'make room, or choose another disk: --work-dir',
        )
    return Finding(OK, text)


def check_shared_memory(folder='/dev/shm'):
    """Whether the loader's workers can hand over their batches.

    Args:
        folder (str): Where the system keeps what processes share.
    """
    if not os.path.isdir(folder):
        return Finding(OK, f'this system has no {folder}')
    usage = shutil.disk_usage(folder)
    text = f'{_size(usage.free)} of {_size(usage.total)} free in {folder}'
    if usage.free < LITTLE_SHARED_MEMORY:
        return Finding(
            WARNING,
            f'{text}: workers may die of a bus error',
            f'{MORE_SHARED_MEMORY}, or --cfg-options '
            'train_dataloader.num_workers=0 '
            'train_dataloader.persistent_workers=False',
        )
    return Finding(OK, text)


def _size(count):
    if count < GIB:
        return f'{count / 2**20:.0f} MiB'
    return f'{count / GIB:.0f} GiB'
