"""How far training is, for what changes in the course of it."""

import torch
from mmengine.optim import OptimWrapper
from torch import Tensor, nn

__all__ = ['UpdateCount']


class UpdateCount(nn.Module):
    """Counts the updates that a component's weights have had.

    It is part of the model's state, so that a resumed run counts on. Where
    gradients are accumulated, the batches of one update all see the same
    count: they give what one large batch gives.

    Attributes:
        done (Tensor): Updates so far, a whole number, ().
    """

    done: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer('done', torch.zeros((), dtype=torch.long))

    def follow(self, optim_wrapper: OptimWrapper) -> None:
        """Count the update that the optimizer has just made, if it has.

        Args:
            optim_wrapper (OptimWrapper): Of the component, right after its
                ``update_params``.
        """
        if optim_wrapper.should_update():
            self.done += 1
