"""One optimizer step of one or of several components."""

from collections.abc import Sequence

import torch
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from torch import Tensor

__all__ = ['step_jointly']


def step_jointly(wrappers: Sequence[OptimWrapper], loss: Tensor) -> None:
    """Bring a loss back once, and let every optimizer take its step.

    Accumulation counts alike for all of them. Under float16 one scaler, the
    first one's, scales the loss and unscales all gradients.

    Args:
        wrappers (Sequence[OptimWrapper]): Of the components that the loss is
            of; one or more.
        loss (Tensor): A scalar.
    """
    first, *others = wrappers
    if not others:
        first.update_params(loss)
        return
    first.backward(first.scale_loss(loss))
    for wrapper in others:
        # Nothing is brought back, but the step is counted.
        wrapper.backward(torch.zeros((), requires_grad=True))
    if not first.should_update():
        return
    if isinstance(first, AmpOptimWrapper):
        _step_scaled(wrappers, first.loss_scaler)
    else:
        for wrapper in wrappers:
            wrapper.step()
    for wrapper in wrappers:
        wrapper.zero_grad()


def _step_scaled(wrappers, scaler):
    """As AmpOptimWrapper.step(), with one scaler, updated once."""
    for wrapper in wrappers:
        if wrapper.clip_grad_kwargs:
            scaler.unscale_(wrapper.optimizer)
            parameters = [
                parameter
                for group in wrapper.param_groups
                for parameter in group['params']
                if parameter.grad is not None
            ]
            wrapper.clip_func(parameters, **wrapper.clip_grad_kwargs)
        scaler.step(wrapper.optimizer)
    scaler.update()
