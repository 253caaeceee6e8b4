"""Style loss: pictures alike in the statistics of their features."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ..precision import at_least_float32, without_autocast
from .perceptual_loss import VGG19Features

__all__ = ['StyleLoss', 'gram_matrix']


def gram_matrix(features: Tensor) -> Tensor:
    """Products of channels, averaged over places and channels.

    Args:
        features (Tensor): (N, C, H, W).

    Returns:
        Tensor: ``F F^T / (C H W)``, (N, C, C), in float32 or float64.
    """
    with without_autocast(features):
        rows = at_least_float32(features).flatten(2)  # (N, C, H W)
        return rows @ rows.transpose(1, 2) / rows[0].numel()


@MODELS.register_module()
class StyleLoss(nn.Module):
    """L1 distance of Gram matrices of VGG19 features, summed over layers.

    Args:
        layers (Sequence[str]): Of VGG19.
        pretrained (str, optional): See :class:`VGG19Features`.
        loss_weight (float): Factor of the loss.
    """

    def __init__(
        self,
        layers: Sequence[str] = ('relu2_2', 'relu3_4', 'relu4_4', 'relu5_2'),
        pretrained: str | None = None,
        loss_weight: float = 500.0,
    ) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.vgg = VGG19Features(tuple(layers), pretrained)

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        """Compare RGB images in [-1, 1], (N, 3, H, W); returns a scalar."""
        with torch.no_grad():
            wanted = self.vgg(target)
        got = self.vgg(pred)
        return self.loss_weight * sum(
            F.l1_loss(gram_matrix(got[layer]), gram_matrix(wanted[layer]))
            for layer in got
        )
