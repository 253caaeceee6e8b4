"""What the denoiser learns from."""

import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ...precision import at_least_float32

__all__ = ['DenoisingLoss']


@MODELS.register_module()
class DenoisingLoss(nn.Module):
    """Mean squared error, the same for all steps (DDPM, eq. 14).

    Args:
        loss_weight (float): Factor of the loss.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        """Args: pred and target of one shape. Returns a scalar."""
        return self.loss_weight * F.mse_loss(at_least_float32(pred), target)
