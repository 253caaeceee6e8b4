"""The divergence of the VUnet's latents, with a weight that grows."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

__all__ = ['LatentDivergence', 'linear_ramp']


def linear_ramp(
    step: Tensor, begin: float, end: float, low: float, high: float
) -> Tensor:
    """Constant, then linear, then constant.

    Args:
        step (Tensor): Updates so far, ().
        begin, end (float): Steps between which it is linear.
        low, high (float): Values up to ``begin`` and from ``end`` on.

    Returns:
        Tensor: float32, ().
    """
    share = ((step - begin) / (end - begin)).clamp(0, 1)
    return low + (high - low) * share


@MODELS.register_module()
class LatentDivergence(nn.Module):
    """``KL(q || p) = |q - p|^2 / 2`` of Gaussians of unit variance.

    Summed over a picture's latents, the mean over the batch. Its weight
    grows with training: first the latents learn to be of use, then the
    prior has a say.

    Args:
        begin, end (float): Updates of the weights between which the weight
            grows linearly.
        low, high (float): Weight before and after.

    Raises:
        ValueError: If ``end`` is not after ``begin``.
    """

    COUNTED_IN_UPDATES = ('begin', 'end')

    def __init__(
        self,
        begin: float = 50000,
        end: float = 75000,
        low: float = 1e-6,
        high: float = 1.0,
    ) -> None:
        super().__init__()
        if end <= begin:
            raise UserValueError(
                f'end must be greater than begin, got begin={begin} and '
                f'end={end}'
            )
        self.begin, self.end = begin, end
        self.low, self.high = low, high

    def weight(self, step: Tensor) -> Tensor:
        """The weight after so many updates, ()."""
        return linear_ramp(step, self.begin, self.end, self.low, self.high)

    def forward(
        self,
        posteriors: Sequence[Tensor],
        priors: Sequence[Tensor],
        step: Tensor,
    ) -> Tensor:
        """Compare means.

        Args:
            posteriors, priors (Sequence[Tensor]): Means of the latents,
                (N, C, h, w) each.
            step (Tensor): Updates that were made before this one, ().

        Returns:
            Tensor: A scalar.
        """
        total = torch.stack(
            [
                (q - p).square().sum() / (2 * len(q))
                for q, p in zip(posteriors, priors, strict=True)
            ]
        ).sum()
        return self.weight(step) * total
