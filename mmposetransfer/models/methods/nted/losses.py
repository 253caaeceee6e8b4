"""NTED's losses of its own: attention that rebuilds the target; R1."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ...precision import at_least_float32, without_autocast
from .generator import TextureAttention
from .textures import distribute

__all__ = ['AttentionReconstructionLoss', 'R1Penalty']


@MODELS.register_module()
class AttentionReconstructionLoss(nn.Module):
    """Attention is to carry the reference's colours to the target's places.

    Of each set of textures the reference's pixels, in the place of its
    features, are taken and distributed, and compared with the target; the
    mean over the sets.

    Args:
        loss_weight (float): Factor of the loss.
    """

    def __init__(self, loss_weight: float = 15.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(
        self,
        attentions: Sequence[TextureAttention],
        ref_img: Tensor,
        tgt_img: Tensor,
    ) -> Tensor:
        """Score attention.

        Args:
            attentions (Sequence[TextureAttention]): Of the generator.
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W).
            tgt_img (Tensor): RGB in [-1, 1], (N, 3, H, W).

        Returns:
            Tensor: A scalar.
        """
        total = 0.0
        for weights, scores in attentions:
            size = scores.shape[-2:]
            ref, tgt = (F.interpolate(x, size) for x in (ref_img, tgt_img))
            with without_autocast(ref):
                colours = at_least_float32(weights) @ ref.flatten(2).mT
                found = distribute(colours, at_least_float32(scores))
            total = total + F.l1_loss(found, tgt)
        return self.loss_weight * total / len(attentions)


@MODELS.register_module()
class R1Penalty(nn.Module):
    """Squared gradient of a critic at real pictures, in every so many steps.

    ``weight / 2 * E |grad D(x)|^2`` (Mescheder et al. 2018, eq. 9), times the
    interval ("lazy regularisation", StyleGAN2). The count of steps is part of
    the state, so that a resumed run goes on in the same rhythm.

    Args:
        loss_weight (float): Factor of the penalty.
        interval (int): Steps from one to the next.
    """

    def __init__(self, loss_weight: float = 10.0, interval: int = 16) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.interval = interval
        self.register_buffer('steps', torch.zeros((), dtype=torch.long))

    def is_due(self) -> bool:
        """Count a step; the first one is due, and every ``interval``-th."""
        due = int(self.steps) % self.interval == 0
        self.steps += 1
        return due

    def forward(self, logits: Tensor, img: Tensor) -> Tensor:
        """The penalty, whether due or not.

        Args:
            logits (Tensor): Of the pictures, each by itself, (N, ...).
            img (Tensor): The pictures, with gradients, (N, 3, H, W).

        Returns:
            Tensor: A scalar.
        """
        (slope,) = torch.autograd.grad(logits.sum(), img, create_graph=True)
        penalty = slope.square().flatten(1).sum(1).mean()
        return 0.5 * self.loss_weight * self.interval * penalty
