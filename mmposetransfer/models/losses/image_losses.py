"""Losses between images, and the adversarial loss."""

import torch
import torch.nn.functional as F
from torch import nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ..precision import at_least_float32

__all__ = ['GANLoss', 'L1Loss']


@MODELS.register_module()
class L1Loss(nn.Module):
    """Mean absolute difference (eq. 5).

    Args:
        loss_weight (float): Factor of the loss.
    """

    def __init__(self, loss_weight=1.0):
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, pred, target):
        """Args: pred and target of one shape. Returns a scalar."""
        return self.loss_weight * F.l1_loss(at_least_float32(pred), target)


@MODELS.register_module()
class GANLoss(nn.Module):
    """Adversarial loss on logits.

    Args:
        gan_type (str): ``vanilla`` (binary cross entropy, eq. 4) or
            ``lsgan`` (squared error).
        loss_weight (float): Factor of the loss, for generator and
            discriminator alike.
    """

    CRITERIA = dict(
        vanilla=F.binary_cross_entropy_with_logits, lsgan=F.mse_loss
    )

    def __init__(self, gan_type='vanilla', loss_weight=1.0):
        super().__init__()
        if gan_type not in self.CRITERIA:
            raise UserValueError(
                f'gan_type must be one of '
                f'{sorted(self.CRITERIA)}, got {gan_type!r}.'
            )
        self.gan_type = gan_type
        self.loss_weight = loss_weight

    def forward(self, logits, target_is_real):
        """Score logits (any shape) against "real" or "fake"."""
        logits = at_least_float32(logits)
        target = torch.full_like(logits, float(target_is_real))
        return self.loss_weight * self.CRITERIA[self.gan_type](logits, target)
