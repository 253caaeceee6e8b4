"""A U-Net whose channels grow linearly, without normalisation."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..initialization import init_xavier

__all__ = [
    'BottleneckUNet',
    'HalvingConv',
    'UNetDecoder',
    'UNetEncoder',
    'linear_channels',
]


def linear_channels(base_channels: int, num_levels: int) -> list[int]:
    """Channels of the levels, which grow by the same number a level.

    Args:
        base_channels (int): Of the finest level.
        num_levels (int): Count.

    Returns:
        list[int]: Finest level first.

    Examples:
        >>> linear_channels(128, 6)
        [128, 256, 384, 512, 640, 768]
    """
    return [base_channels * (level + 1) for level in range(num_levels)]


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions, each with a ReLU, added to their input.

    Args:
        channels (int): Of input and output.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Args: (N, channels, H, W). Returns the same shape."""
        return x + F.relu(self.second(F.relu(self.first(x))))


class HalvingConv(nn.Conv2d):
    """A 3x3 convolution of stride 2, its input padded as TensorFlow does.

    That is ``padding='SAME'``: with zeros, and an even length at its end
    alone, so that the places looked at are half a step further on than with
    a border at both sides.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """Args: (N, C, H, W). Returns half of the size, rounded up."""
        height, width = x.shape[-2:]
        return super().forward(F.pad(x, (width % 2, 1, height % 2, 1)))


class UNetEncoder(nn.Module):
    """A residual block a level, with a strided convolution between two.

    Args:
        in_channels (int): Of the input.
        channels (Sequence[int]): Of the levels, finest first.
        tf_padding (bool): Whether strided convolutions are
            ``HalvingConv``, as TensorFlow pads, or have a border of one
            pixel at all sides.
    """

    def __init__(
        self,
        in_channels: int,
        channels: Sequence[int],
        tf_padding: bool = False,
    ) -> None:
        super().__init__()
        self.stem = nn.Conv2d(in_channels, channels[0], 3, padding=1)
        self.blocks = nn.ModuleList(ResidualBlock(c) for c in channels)
        self.downsamples = nn.ModuleList(
            HalvingConv(c_in, c_out)
            if tf_padding
            else nn.Conv2d(c_in, c_out, 3, stride=2, padding=1)
            for c_in, c_out in zip(channels[:-1], channels[1:], strict=True)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """Encode (N, in_channels, H, W).

        Returns:
            list[Tensor]: The output of every block, finest first; each level
            has half of the height and width of the one before, rounded up.
        """
        features = [self.blocks[0](F.relu(self.stem(x)))]
        for downsample, block in zip(
            self.downsamples, self.blocks[1:], strict=True
        ):
            features.append(block(F.relu(downsample(features[-1]))))
        return features


class UNetDecoder(nn.Module):
    """A residual block a level on what comes from below and the skip.

    Between two levels a 1x1 convolution and nearest upsampling, in this
    order, which gives the same as the other and costs a quarter.

    Args:
        in_channels (int): Of the input, as small as the coarsest skip.
        channels (Sequence[int]): Of the skips, finest first.
        out_channels (int): Of the output.
    """

    def __init__(
        self, in_channels: int, channels: Sequence[int], out_channels: int
    ) -> None:
        super().__init__()
        # What comes from below is as wide as the skip, but at the bottom.
        from_below = [*channels[:-1], in_channels]
        widths = [
            below + skip
            for below, skip in zip(from_below, channels, strict=True)
        ]
        self.blocks = nn.ModuleList(ResidualBlock(w) for w in widths)
        self.upsamples = nn.ModuleList(
            nn.Conv2d(width, below, 1)
            for width, below in zip(widths[1:], from_below[:-1], strict=True)
        )
        self.head = nn.Conv2d(widths[0], out_channels, 3, padding=1)

    def forward(self, x: Tensor, skips: Sequence[Tensor]) -> Tensor:
        """Decode to the size of the finest skip.

        Args:
            x (Tensor): (N, in_channels, h, w).
            skips (Sequence[Tensor]): Of the encoder, finest first.

        Returns:
            Tensor: Linear, (N, out_channels, H, W).
        """
        for level in reversed(range(len(skips))):
            x = self.blocks[level](torch.cat([x, skips[level]], 1))
            if level:
                x = F.relu(self.upsamples[level - 1](x))
                x = F.interpolate(x, skips[level - 1].shape[-2:])
        return self.head(x)


class BottleneckUNet(nn.Module):
    """Such a U-Net through a bottleneck without places.

    A fully connected layer brings the coarsest features to a code and a
    second one brings it back, so that a body can go anywhere in the picture;
    the skips carry what stays in its place.

    Args:
        in_channels (int): Of the input.
        out_channels (int): Of the output.
        bottleneck_size (tuple[int, int]): Height and width of the coarsest
            features at the size of picture that the network is for. Those of
            other pictures are averaged to that size and repeated from it.
        base_channels (int): Channels of the finest level; level i has
            (i + 1) times as many.
        num_levels (int): Count.
        code_channels (int): Length of the code.
        tf_padding (bool): See :class:`UNetEncoder`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        bottleneck_size: tuple[int, int],
        base_channels: int,
        num_levels: int,
        code_channels: int,
        tf_padding: bool = False,
    ) -> None:
        super().__init__()
        channels = linear_channels(base_channels, num_levels)
        height, width = self.bottleneck_size = tuple(bottleneck_size)
        places = height * width
        self.encoder = UNetEncoder(in_channels, channels, tf_padding)
        self.to_code = nn.Linear(channels[-1] * places, code_channels)
        self.from_code = nn.Linear(code_channels, base_channels * places)
        self.decoder = UNetDecoder(base_channels, channels, out_channels)
        init_xavier(self)

    def bottleneck(self, features: Tensor) -> Tensor:
        """Pass features through the code.

        Args:
            features (Tensor): The coarsest, (N, C, h, w).

        Returns:
            Tensor: (N, base_channels, h, w).
        """
        known = F.adaptive_avg_pool2d(features, self.bottleneck_size)
        code = self.to_code(known.flatten(1))  # (N, code_channels)
        maps = self.from_code(code).unflatten(1, (-1, *self.bottleneck_size))
        return F.interpolate(maps, features.shape[-2:])

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to (N, out_channels, H, W), linear."""
        skips = self.encoder(x)
        return self.decoder(self.bottleneck(skips[-1]), skips)
