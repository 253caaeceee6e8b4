"""Neural textures: taken from the reference, given to the target's pose."""

import torch.nn.functional as F
from torch import Tensor, nn

from .layers import EqualConv2d

__all__ = ['TextureDistribution', 'TextureExtraction', 'distribute', 'extract']

EPS = 1e-8


def extract(values: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Mean values, one for each texture, of the places that it looks at.

    Args:
        values (Tensor): (N, C, H, W).
        scores (Tensor): How much each texture looks at each place, before
            the softmax over the places, (N, K, H, W).

    Returns:
        tuple[Tensor, Tensor]: Textures, (N, K, C), and weights that sum up
        to 1 for each texture, (N, K, H W).
    """
    weights = scores.flatten(2).softmax(-1)
    return weights @ values.flatten(2).transpose(1, 2), weights


def distribute(textures: Tensor, scores: Tensor) -> Tensor:
    """At each place the mean of the textures that it asks for.

    Args:
        textures (Tensor): (N, K, C).
        scores (Tensor): Before the softmax over the textures, (N, K, H, W).

    Returns:
        Tensor: (N, C, H, W).
    """
    weights = scores.softmax(1).flatten(2)  # (N, K, H W)
    return (textures.transpose(1, 2) @ weights).unflatten(
        -1, scores.shape[-2:]
    )


class TextureExtraction(nn.Module):
    """Look for textures by learnt filters ("semantic filters").

    Features are looked at by their direction alone: the mean over the
    channels is taken off, and the length. With a length of 1 new filters see
    hardly a difference between places, and textures begin as means of the
    whole picture.

    Args:
        channels (int): Of the features.
        num_textures (int): K.
        kernel_size (int): Side of the filters, odd.
        feature_length (float): The length that features get.
    """

    def __init__(
        self,
        channels: int,
        num_textures: int,
        kernel_size: int,
        feature_length: float = 1.0,
    ) -> None:
        super().__init__()
        self.feature_length = feature_length
        self.filters = EqualConv2d(
            channels, num_textures, kernel_size, bias=False
        )
        self.values = EqualConv2d(channels, channels, kernel_size)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Args: x (N, C, H, W). Returns as :func:`extract`."""
        centred = x - x.mean(1, keepdim=True)
        direction = F.normalize(centred, dim=1, eps=EPS)
        looked_at = self.feature_length * direction
        return extract(self.values(x), self.filters(looked_at))


class TextureDistribution(nn.Module):
    """Add to each place of the target the textures that it asks for.

    Args:
        channels (int): Of the features.
        num_textures (int): K.
        kernel_size (int): Side of the filters, odd.
    """

    def __init__(
        self, channels: int, num_textures: int, kernel_size: int
    ) -> None:
        super().__init__()
        self.filters = EqualConv2d(channels, num_textures, kernel_size)

    def forward(self, x: Tensor, textures: Tensor) -> tuple[Tensor, Tensor]:
        """Ask.

        Args:
            x (Tensor): (N, C, H, W).
            textures (Tensor): (N, K, C).

        Returns:
            tuple[Tensor, Tensor]: ``x`` with the textures, with the variance
            of one of them, and the scores, (N, K, H, W).
        """
        scores = self.filters(x)
        return (x + distribute(textures, scores)) / 2**0.5, scores
