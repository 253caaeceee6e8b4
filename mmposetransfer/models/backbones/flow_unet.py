"""Backbones of the flow regressor, in two versions."""

import torch
from torch import nn

from mmposetransfer.registry import MODELS

from .blocks import ResidualBlock, conv_bn, downsample, level_channels
from .residual_unet import ResidualDecoder, ResidualEncoder, check_divisible

__all__ = ['FlowUNet', 'FlowUNetV2']


def _conv_bn_leaky(in_channels, out_channels, kernel_size, stride):
    return nn.Sequential(
        conv_bn(in_channels, out_channels, kernel_size, stride),
        nn.LeakyReLU(0.1),
    )


def _down(in_channels, out_channels, activate, normalize):
    layers = [nn.LeakyReLU(0.2)] if activate else []
    layers.append(nn.Conv2d(in_channels, out_channels, 4, 2, 1, bias=False))
    if normalize:
        layers.append(nn.BatchNorm2d(out_channels))
    return nn.Sequential(*layers)


def _up(in_channels, out_channels, bias):
    return nn.Sequential(
        nn.ReLU(),
        nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1, bias=bias),
        nn.BatchNorm2d(out_channels),
    )


@MODELS.register_module()
class FlowUNet(nn.Module):
    """U-Net of 4x4 strided convolutions (paper, Fig. 3).

    Args:
        in_channels (int): Channels of the two pose maps together.
        base_channels (int): Channels of the stem; the U-Net's finest level
            has twice as many.
        max_channels (int): Upper bound of the channels of a level.
        num_levels (int): Levels of the U-Net. The stem halves the size once
            more.
        stem_kernel_size (int): Size of the first convolution, which sees 36
            channels at full size: at small sizes most of the time is spent
            in it.

    Attributes:
        out_channels (list[int]): Channels of the features, finest first.
    """

    def __init__(
        self,
        in_channels=36,
        base_channels=32,
        max_channels=512,
        num_levels=5,
        stem_kernel_size=7,
    ):
        super().__init__()
        channels = [
            min(max_channels, 2 * base_channels * 2**level)
            for level in range(num_levels + 1)
        ]
        self.num_levels = num_levels
        self.out_channels = channels[:-1]
        self.stem = nn.Sequential(
            _conv_bn_leaky(in_channels, base_channels, stem_kernel_size, 1),
            _conv_bn_leaky(base_channels, channels[0], 3, 2),
        )
        last = num_levels - 1
        self.downs = nn.ModuleList(
            _down(channels[i], channels[i + 1], i > 0, i < last)
            for i in range(num_levels)
        )
        # Above the innermost level the features come with a skip as wide.
        self.ups = nn.ModuleList(
            _up(
                channels[i + 1] * (1 if i == last else 2),
                channels[i],
                bias=i == 0,
            )
            for i in range(num_levels)
        )

    def forward(self, x):
        """Features of the pose pair.

        Args:
            x (Tensor): Reference and target pose map, (N, 36, H, W).

        Returns:
            list[Tensor]: Features at 1/2, 1/4, ... of the size, finest
            first, with ``out_channels`` channels.
        """
        check_divisible(x, self.num_levels + 1)
        x = self.stem(x)
        skips = []
        for down in self.downs:
            skips.append(x)
            x = down(x)
        features = []
        for level in reversed(range(self.num_levels)):
            x = self.ups[level](x)
            features.insert(0, x)
            x = torch.cat([skips[level], x], 1)
        return features


@MODELS.register_module()
class FlowUNetV2(nn.Module):
    """Residual U-Net with a fifth of the parameters of :class:`FlowUNet`.

    Args:
        in_channels (int): Channels of the two pose maps together.
        base_channels (int): Channels of the stem.
        max_channels (int): Upper bound of the channels of a level.
        num_levels (int): Levels of the U-Net. The stem halves the size once
            more.
        num_blocks (int): Residual blocks of a level.

    Attributes:
        out_channels (list[int]): Channels of the features, finest first.
    """

    def __init__(
        self,
        in_channels=36,
        base_channels=32,
        max_channels=128,
        num_levels=5,
        num_blocks=2,
    ):
        super().__init__()
        stem_channels, *channels = level_channels(
            base_channels, max_channels, num_levels + 1
        )
        self.num_levels = num_levels
        self.out_channels = channels[:-1]
        self.stem = nn.Sequential(
            conv_bn(in_channels, stem_channels),
            ResidualBlock(stem_channels),
            downsample(stem_channels, channels[0]),
        )
        self.encoder = ResidualEncoder(channels, num_blocks)
        self.decoder = ResidualDecoder(channels, channels[:-1], num_blocks)

    def forward(self, x):
        """See :meth:`FlowUNet.forward`."""
        check_divisible(x, self.num_levels + 1)
        skips, bottleneck = self.encoder(self.stem(x))
        return self.decoder(bottleneck, skips)
