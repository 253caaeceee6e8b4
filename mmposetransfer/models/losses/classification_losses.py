"""Losses of classifiers."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ..precision import at_least_float32

__all__ = ['AttributeLoss', 'CategoryLoss']


@MODELS.register_module()
class CategoryLoss(nn.Module):
    """Cross entropy of one class out of several.

    Args:
        smoothing (float): Share of a label that goes to all classes alike.
        loss_weight (float): Factor of the loss.
    """

    def __init__(
        self, smoothing: float = 0.0, loss_weight: float = 1.0
    ) -> None:
        super().__init__()
        self.smoothing, self.loss_weight = smoothing, loss_weight

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Args: logits (N, C), labels (N,) from 0. Returns a scalar."""
        return self.loss_weight * F.cross_entropy(
            at_least_float32(logits),
            labels.long(),
            label_smoothing=self.smoothing,
        )


@MODELS.register_module()
class AttributeLoss(nn.Module):
    """Binary cross entropy of several labels; unknown ones do not count.

    Args:
        loss_weight (float): Factor of the loss.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The mean over what is known.

        Args:
            logits: (N, A).
            labels: (N, A), 1 has it, 0 has it not, below 0 unknown.

        Returns:
            Tensor: A scalar; 0 where nothing is known.
        """
        known = (labels >= 0).float()
        losses = F.binary_cross_entropy_with_logits(
            at_least_float32(logits),
            (labels > 0).float(),
            weight=known,
            reduction='sum',
        )
        return self.loss_weight * losses / torch.clamp(known.sum(), min=1)
