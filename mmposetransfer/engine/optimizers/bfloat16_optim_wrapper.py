"""Mixed precision in bfloat16, on GPUs and on the CPU."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.optim import OptimWrapper
from mmengine.runner.amp import autocast
from torch import nn
from torch.optim import Optimizer

from mmposetransfer.registry import OPTIM_WRAPPERS

__all__ = ['BFloat16OptimWrapper']


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """Optimizer wrapper that lets the networks compute in bfloat16.

    MMEngine's ``AmpOptimWrapper`` refuses to run on a CPU and scales the
    loss, as the narrow range of float16 demands. bfloat16 has the range of
    float32: nothing is scaled, and no step skipped. Weights, gradients and
    the state of the optimizer are float32.

    Args:
        optimizer (Optimizer): Optimizer of the parameters.
        accumulative_counts (int): Steps that make up one update.
        clip_grad (dict, optional): See :class:`mmengine.optim.OptimWrapper`.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        accumulative_counts: int = 1,
        clip_grad: dict | None = None,
    ) -> None:
        super().__init__(optimizer, accumulative_counts, clip_grad)

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Autocast, and no synchronisation while gradients accumulate.

        Args:
            model (nn.Module): The component whose gradients are accumulated.
        """
        with super().optim_context(model), autocast(dtype=torch.bfloat16):
            yield
