"""What DSC's networks are made of: activation, convolution, normalisation."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError

__all__ = ['PictureNorm', 'down_block', 'doubled_channels', 'up_block']

_SLOPE = 0.2


class PictureNorm(nn.Module):
    """Mean 0 and deviation 1 over all channels and places of a picture.

    Then one factor and one summand for all of them. Unlike instance
    normalisation it leaves the channels' means, and so colours, as they are
    to each other, and it works at a single place.
    """

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """Args: x (N, C, H, W). Returns like x."""
        return F.group_norm(x, 1) * self.weight + self.bias


def _norm(name: str, channels: int) -> nn.Module:
    """A normalisation by its name, or an error that lists the names."""
    if name == 'picture':
        return PictureNorm()
    if name == 'instance':
        return nn.InstanceNorm2d(channels)
    raise UserValueError(
        f"norm must be 'picture' or 'instance', got {name!r}."
    )


def doubled_channels(
    base_channels: int, max_channels: int, num_levels: int
) -> list[int]:
    """Channels of the levels: twice as many a level, up to a bound.

    Args:
        base_channels (int): Of the first level.
        max_channels (int): Upper bound.
        num_levels (int): Count.

    Examples:
        >>> doubled_channels(64, 512, 5)
        [64, 128, 256, 512, 512]
    """
    return [
        min(base_channels * 2**level, max_channels)
        for level in range(num_levels)
    ]


def down_block(
    in_channels: int, out_channels: int, norm: str | None
) -> nn.Sequential:
    """Leaky ReLU, a 4x4 convolution of stride 2, normalisation.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output, of half the size.
        norm (str, optional): ``picture``, ``instance`` or None.

    Raises:
        ValueError: For another normalisation.
    """
    layers = [
        nn.LeakyReLU(_SLOPE),
        nn.Conv2d(in_channels, out_channels, 4, 2, 1, bias=False),
    ]
    if norm is not None:
        layers.append(_norm(norm, out_channels))
    return nn.Sequential(*layers)


def up_block(
    in_channels: int, out_channels: int, norm: str, dropout: float
) -> nn.Sequential:
    """ReLU, a transposed 4x4 convolution, normalisation, dropout.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output, of twice the size.
        norm (str): ``picture`` or ``instance``.
        dropout (float): Share of features that are dropped; 0 for none.

    Raises:
        ValueError: For another normalisation.
    """
    return nn.Sequential(
        nn.ReLU(),
        nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1, bias=False),
        _norm(norm, out_channels),
        nn.Dropout(dropout),
    )
