"""Building blocks of the residual U-Nets: pre-activation, one 3x3 conv."""

import torch
from torch import nn

__all__ = [
    'ResidualBlock',
    'conv_bn',
    'doubled_channels',
    'downsample',
    'level_channels',
    'upsample',
]


def level_channels(base_channels, max_channels, num_levels):
    """Channels of a U-Net's levels and of its bottleneck.

    Args:
        base_channels (int): Channels of the finest level.
        max_channels (int): Upper bound for every level.
        num_levels (int): Number of downsampling steps.

    Returns:
        list[int]: ``num_levels + 1`` numbers, finest level first, growing by
        ``base_channels`` a level; the last one is the bottleneck's.

    Examples:
        >>> level_channels(32, 128, 7)
        [32, 64, 96, 128, 128, 128, 128, 128]
    """
    return [
        min(base_channels * (level + 1), max_channels)
        for level in range(num_levels + 1)
    ]


def doubled_channels(
    base_channels: int, max_channels: int, num_levels: int
) -> list[int]:
    """Channels of levels, doubled from each to the next, up to a bound.

    Args:
        base_channels (int): Of the finest level.
        max_channels (int): Upper bound.
        num_levels (int): Number of levels.

    Returns:
        list[int]: ``num_levels`` numbers, finest level first.

    Examples:
        >>> doubled_channels(32, 256, 5)
        [32, 64, 128, 256, 256]
    """
    return [
        min(base_channels * 2**level, max_channels)
        for level in range(num_levels)
    ]


def conv_bn(in_channels, out_channels, kernel_size=1, stride=1):
    """Convolution without bias ("same" size for stride 1), then BatchNorm."""
    return nn.Sequential(
        nn.Conv2d(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            kernel_size // 2,
            bias=False,
        ),
        nn.BatchNorm2d(out_channels),
    )


def downsample(in_channels, out_channels):
    """ReLU, 3x3 convolution with stride 2, BatchNorm."""
    return nn.Sequential(nn.ReLU(), conv_bn(in_channels, out_channels, 3, 2))


def upsample(in_channels, out_channels):
    """ReLU, 3x3 convolution to four times the channels, sub-pixel shuffle."""
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(in_channels, 4 * out_channels, 3, padding=1, bias=False),
        nn.PixelShuffle(2),
        nn.BatchNorm2d(out_channels),
    )


class ResidualBlock(nn.Module):
    """Pre-activation residual block with an optional second input.

    ``x + BN(conv3x3(ReLU(x)))``, or with a second input ``a``:
    ``x + BN(conv3x3(ReLU(cat[x, BN(conv1x1(ReLU(a)))])))``.

    Args:
        channels (int): Channels of ``x`` and of the output.
        extra_channels (int): Channels of ``a``; 0 for none.
    """

    def __init__(self, channels, extra_channels=0):
        super().__init__()
        self.relu = nn.ReLU()
        self.extra = (
            conv_bn(extra_channels, channels) if extra_channels else None
        )
        self.conv = conv_bn(
            2 * channels if extra_channels else channels, channels, 3
        )

    def forward(self, x, a=None):
        """Args: x (N, C, H, W), a (N, A, H, W) or None. Returns like x."""
        h = x
        if self.extra is not None:
            h = torch.cat([x, self.extra(self.relu(a))], 1)
        return x + self.conv(self.relu(h))
