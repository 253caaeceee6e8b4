"""Distributed training without GPUs."""

import torch
from torch import distributed

__all__ = ['init_gloo_without_gpu']


def init_gloo_without_gpu(launcher):
    """Join the processes of torchrun by gloo where there is no GPU.

    MMEngine's start of the ``pytorch`` launcher selects a CUDA device, which
    fails without one; it leaves a process group alone that is there already.

    Args:
        launcher (str): The tools' ``--launcher``. Nothing is done for others
            than ``pytorch``, or where there is a GPU.
    """
    if launcher == 'pytorch' and not torch.cuda.is_available() \
            and not distributed.is_initialized():
        distributed.init_process_group('gloo')
