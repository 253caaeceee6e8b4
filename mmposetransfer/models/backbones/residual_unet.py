"""Residual encoder, residual decoder, and the U-Net made of the two."""

from torch import nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ..initialization import init_weights
from .blocks import (
    ResidualBlock,
    conv_bn,
    downsample,
    level_channels,
    upsample,
)

__all__ = [
    'ResidualDecoder',
    'ResidualEncoder',
    'ResidualUNet',
    'check_divisible',
    'output_head',
]


def check_divisible(x, num_levels):
    """Raise unless height and width can be halved ``num_levels`` times."""
    step = 2**num_levels
    height, width = x.shape[-2:]
    if height % step or width % step:
        raise UserValueError(
            f'A U-Net of {num_levels} levels needs a height and width that '
            f'are multiples of {step}, got {height}x{width}: pad the image '
            "or lower 'num_levels'."
        )


def output_head(in_channels, out_channels):
    """Reflection padding and a 7x7 convolution with bias."""
    return nn.Sequential(
        nn.ReflectionPad2d(3), nn.Conv2d(in_channels, out_channels, 7)
    )


class ResidualEncoder(nn.Module):
    """Residual blocks and a downsampling at every level.

    Args:
        channels (Sequence[int]): Channels of the levels, then of the
            bottleneck, as :func:`level_channels` makes them.
        num_blocks (int): Residual blocks of a level.
        downsamples (nn.ModuleList, optional): Downsampling layers of another
            encoder, to share their weights. Defaults to own ones.
    """

    def __init__(self, channels, num_blocks=2, downsamples=None):
        super().__init__()
        self.levels = nn.ModuleList(
            nn.ModuleList(ResidualBlock(c) for _ in range(num_blocks))
            for c in channels[:-1]
        )
        self.downsamples = downsamples or nn.ModuleList(
            downsample(c_in, c_out)
            for c_in, c_out in zip(channels[:-1], channels[1:], strict=True)
        )

    def forward(self, x):
        """Encode (N, C0, H, W).

        Returns:
            tuple: The output of every block, ``skips[level][block]``, and
            the bottleneck (N, C_last, H / 2^L, W / 2^L).
        """
        skips = []
        for blocks, down in zip(self.levels, self.downsamples, strict=True):
            outputs = []
            for block in blocks:
                x = block(x)
                outputs.append(x)
            skips.append(outputs)
            x = down(x)
        return skips, x


class ResidualDecoder(nn.Module):
    """Upsampling and residual blocks that take the skips, at every level.

    Args:
        channels (Sequence[int]): As of the encoder.
        skip_channels (Sequence[int]): Channels of the skips of each level.
        num_blocks (int): Residual blocks of a level.
    """

    def __init__(self, channels, skip_channels, num_blocks=2):
        super().__init__()
        self.upsamples = nn.ModuleList(
            upsample(c_in, c_out)
            for c_in, c_out in zip(channels[1:], channels[:-1], strict=True)
        )
        self.levels = nn.ModuleList(
            nn.ModuleList(ResidualBlock(c, skip) for _ in range(num_blocks))
            for c, skip in zip(channels[:-1], skip_channels, strict=True)
        )

    def forward(self, x, skips):
        """Decode the bottleneck.

        Returns:
            list[Tensor]: Features of every level, finest first. Block ``i``
            of a level takes the skip of the encoder's block ``i``; the last
            block runs first.
        """
        features = []
        for level in reversed(range(len(self.levels))):
            x = self.upsamples[level](x)
            for block, skip in reversed(
                list(zip(self.levels[level], skips[level], strict=True))
            ):
                x = block(x, skip)
            features.insert(0, x)
        return features


@MODELS.register_module()
class ResidualUNet(nn.Module):
    """Single-path U-Net of residual blocks.

    It is the generator of the paper's "w/o dual encoder" ablation
    (Table 3), with 21 input channels: reference image and target pose.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output.
        base_channels (int): Channels of the finest level.
        max_channels (int): Upper bound of the channels of a level.
        num_levels (int): Downsampling steps.
        num_blocks (int): Residual blocks of a level.
        head_std (float, optional): Deviation of the last convolution's
            weights at the start. A small one for what is added to a picture,
            or is 0 almost everywhere. Defaults to that of the others.

    Examples:
        >>> net = ResidualUNet(21, 3, base_channels=8, num_levels=3)
        >>> net(torch.zeros(1, 21, 32, 32)).shape
        torch.Size([1, 3, 32, 32])
    """

    def __init__(
        self,
        in_channels,
        out_channels,
        base_channels=32,
        max_channels=128,
        num_levels=7,
        num_blocks=2,
        head_std=None,
    ):
        super().__init__()
        channels = level_channels(base_channels, max_channels, num_levels)
        self.num_levels = num_levels
        self.stem = conv_bn(in_channels, channels[0])
        self.encoder = ResidualEncoder(channels, num_blocks)
        self.decoder = ResidualDecoder(channels, channels[:-1], num_blocks)
        self.head = output_head(channels[0], out_channels)
        init_weights(self)
        if head_std is not None:
            nn.init.normal_(self.head[-1].weight, std=head_std)

    def features(self, x):
        """Decoder features of every level, finest first."""
        check_divisible(x, self.num_levels)
        skips, bottleneck = self.encoder(self.stem(x))
        return self.decoder(bottleneck, skips)

    def forward(self, x):
        """Map (N, in_channels, H, W) to (N, out_channels, H, W), linear."""
        return self.head(self.features(x)[0])
