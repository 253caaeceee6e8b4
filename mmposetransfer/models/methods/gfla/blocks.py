"""Building blocks of flow network and generator: pre-activation, residual."""

from torch import Tensor, nn

__all__ = [
    'ResidualBlock',
    'UpBlock',
    'activated_conv',
    'down_block',
    'encoder',
]

# Slope of all LeakyReLUs.
SLOPE = 0.1


def activated_conv(
    in_channels: int,
    out_channels: int,
    conv: type,
    *sizes: int,
    norm: bool = True,
    **more: int | str,
) -> nn.Sequential:
    """Instance normalisation, LeakyReLU, then a convolution.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output.
        conv (type): ``nn.Conv2d`` or ``nn.ConvTranspose2d``.
        *sizes (int): Kernel size, stride and padding.
        norm (bool): Whether to normalise.
        **more: Further arguments of ``conv``.
    """
    return nn.Sequential(
        nn.InstanceNorm2d(in_channels, affine=True) if norm else nn.Identity(),
        nn.LeakyReLU(SLOPE),
        conv(in_channels, out_channels, *sizes, **more),
    )


def down_block(
    in_channels: int, out_channels: int, first: bool, norm: bool
) -> nn.Sequential:
    """Halve the size: a 4x4 convolution of stride 2, then a 3x3 one.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output.
        first (bool): The input is taken as it is: a picture or a pose map.
        norm (bool): Whether to normalise features.
    """
    conv = nn.Conv2d
    halve = (
        conv(in_channels, out_channels, 4, 2, 1)
        if first
        else activated_conv(
            in_channels, out_channels, conv, 4, 2, 1, norm=norm
        )
    )
    return nn.Sequential(
        halve,
        activated_conv(out_channels, out_channels, conv, 3, 1, 1, norm=norm),
    )


def encoder(
    in_channels: int,
    channels: list[int],
    norm: bool = True,
    norm_input: bool = False,
) -> nn.ModuleList:
    """A :func:`down_block` for each level.

    Args:
        in_channels (int): Channels of the input.
        channels (list[int]): Of each level, finest first.
        norm (bool): Whether to normalise features.
        norm_input (bool): Whether to normalise the input as if it were
            features, and to pass it through the LeakyReLU.
    """
    inputs = [in_channels, *channels[:-1]]
    return nn.ModuleList(
        down_block(a, b, level == 0 and not norm_input, norm)
        for level, (a, b) in enumerate(zip(inputs, channels, strict=True))
    )


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions, added to their input.

    Args:
        channels (int): Of input and output.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convs = nn.Sequential(
            activated_conv(channels, channels, nn.Conv2d, 3, 1, 1),
            activated_conv(channels, channels, nn.Conv2d, 3, 1, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Args: x (N, C, H, W). Returns like x."""
        return x + self.convs(x)


class UpBlock(nn.Module):
    """Double the size: a residual block whose both ways are transposed.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output.
        hidden_channels (int, optional): Between the two convolutions;
            defaults to ``out_channels``.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        hidden_channels: int | None = None,
    ) -> None:
        super().__init__()
        double = dict(output_padding=1)
        up = nn.ConvTranspose2d
        hidden = hidden_channels or out_channels
        self.convs = nn.Sequential(
            activated_conv(in_channels, hidden, nn.Conv2d, 3, 1, 1),
            activated_conv(hidden, out_channels, up, 3, 2, 1, **double),
        )
        self.bypass = up(in_channels, out_channels, 3, 2, 1, **double)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x (N, C, H, W). Returns (N, out_channels, 2 H, 2 W)."""
        return self.convs(x) + self.bypass(x)
