"""Layers in the manner of StyleGAN2: equalised, resampled without aliasing."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    'BlurDown',
    'EqualConv2d',
    'EqualLinear',
    'UpConv2d',
    'activate',
    'blur',
    'upsample',
]

# The filter that pictures are resampled with, [1, 3, 3, 1] in both ways.
_TAPS = (1.0, 3.0, 3.0, 1.0)
_SLOPE = 0.2


def activate(x: Tensor) -> Tensor:
    """LeakyReLU that keeps the variance: times the square root of 2."""
    return math.sqrt(2) * F.leaky_relu(x, _SLOPE)


def _filter(x, gain):
    """The filter for each channel, (C, 1, 4, 4), with a sum of ``gain``."""
    taps = torch.tensor(_TAPS, dtype=x.dtype, device=x.device)
    square = taps[:, None] * taps / taps.sum() ** 2 * gain
    return square.expand(x.shape[1], 1, -1, -1)


def blur(x: Tensor, padding: int, gain: float = 1.0) -> Tensor:
    """Filter each channel with [1, 3, 3, 1] in both ways.

    Args:
        x (Tensor): (N, C, H, W), zeros outside.
        padding (int): At each side; the map gets larger by twice as many
            pixels less 3.
        gain (float): Sum of the filter.

    Returns:
        Tensor: (N, C, H + 2 padding - 3, W + 2 padding - 3).
    """
    return F.conv2d(x, _filter(x, gain), padding=padding, groups=x.shape[1])


def upsample(x: Tensor) -> Tensor:
    """Twice the size by the same filter, which is bilinear inside.

    Args:
        x (Tensor): (N, C, H, W), zeros outside.

    Returns:
        Tensor: (N, C, 2 H, 2 W).
    """
    return F.conv_transpose2d(
        x, _filter(x, 4.0), stride=2, padding=1, groups=x.shape[1]
    )


class EqualConv2d(nn.Module):
    """A convolution whose weights are drawn from N(0, 1) and scaled in use.

    By the square root of the number of inputs, so that Adam changes all
    layers alike ("equalised learning rate", Karras et al. 2018).

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output.
        kernel_size (int): Side of the kernel.
        stride (int): Step of the kernel.
        padding (int, optional): Zeros at each side; defaults to the "same"
            size.
        bias (bool): Whether a bias is added.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int | None = None,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(
            torch.randn(out_channels, in_channels, kernel_size, kernel_size)
        )
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        self.scale = (in_channels * kernel_size**2) ** -0.5
        self.stride = stride
        self.padding = kernel_size // 2 if padding is None else padding

    def forward(self, x: Tensor) -> Tensor:
        """Args: x (N, C, H, W). Returns (N, out_channels, ...)."""
        return self._convolve(x, self.bias)

    def unbiased(self, x: Tensor) -> Tensor:
        """The same without the bias."""
        return self._convolve(x, None)

    def _convolve(self, x, bias):
        weight = self.scale * self.weight
        return F.conv2d(x, weight, bias, self.stride, self.padding)

    def add_bias(self, x: Tensor) -> Tensor:
        """Args: x (N, out_channels, H, W). Returns like x."""
        return x + self.bias[:, None, None]


class EqualLinear(nn.Module):
    """The same for vectors.

    Args:
        in_features (int): Length of the input.
        out_features (int): Length of the output.
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_features, in_features))
        self.bias = nn.Parameter(torch.zeros(out_features))
        self.scale = in_features**-0.5

    def forward(self, x: Tensor) -> Tensor:
        """Args: x (N, in_features). Returns (N, out_features)."""
        return F.linear(x, self.scale * self.weight, self.bias)


class BlurDown(EqualConv2d):
    """Half the size: the filter, then a convolution of stride 2.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output.
        kernel_size (int): 3 or 1.
        bias (bool): Whether a bias is added.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, 2, 0, bias)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x (N, C, H, W). Returns (N, out_channels, H / 2, W / 2)."""
        return super().forward(
            blur(x, padding=(self.weight.shape[-1] + 1) // 2)
        )


class UpConv2d(EqualConv2d):
    """Twice the size: a transposed 3x3 convolution of stride 2, then the
    filter.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x (N, C, H, W). Returns (N, out_channels, 2 H, 2 W)."""
        return self.add_bias(self.unbiased(x))

    def unbiased(self, x: Tensor) -> Tensor:
        """The same without the bias."""
        weight = self.scale * self.weight.transpose(0, 1)
        wide = F.conv_transpose2d(x, weight, stride=2)  # (..., 2 H + 1, ...)
        return blur(wide, padding=1, gain=4.0)
