"""Building blocks of denoiser and reference encoder."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    'FeatureAttention',
    'ResidualBlock',
    'divisor_up_to',
    'group_norm',
    'timestep_embedding',
    'zero_conv',
]

# Group normalisation: as many groups, of as many channels at least.
_GROUPS, _GROUP_CHANNELS = 32, 4
# Channels that a head of attention has at least.
_HEAD_CHANNELS = 32
# Longest wave of the embedding, in steps over 2 pi.
_MAX_PERIOD = 10_000


def divisor_up_to(number: int, most: int) -> int:
    """The largest divisor of a number that is not above a bound.

    Args:
        number (int): At least 1.
        most (int): The bound; below 1 it counts as 1.

    Examples:
        >>> divisor_up_to(48, 32)
        24
    """
    return next(d for d in range(max(most, 1), 0, -1) if number % d == 0)


def group_norm(channels: int, affine: bool = True) -> nn.GroupNorm:
    """Group normalisation in 32 groups, fewer for few channels."""
    most = min(_GROUPS, channels // _GROUP_CHANNELS)
    return nn.GroupNorm(divisor_up_to(channels, most), channels, affine=affine)


def zero_conv(
    in_channels: int, out_channels: int, kernel_size: int
) -> nn.Conv2d:
    """A convolution of the same size that begins as zero."""
    conv = nn.Conv2d(
        in_channels, out_channels, kernel_size, padding=kernel_size // 2
    )
    nn.init.zeros_(conv.weight)
    nn.init.zeros_(conv.bias)
    return conv


def timestep_embedding(timesteps: Tensor, channels: int) -> Tensor:
    """Sines and cosines of the step (Vaswani et al. 2017; DDPM).

    Frequencies fall geometrically from 1 to 1 / 10,000.

    Args:
        timesteps (Tensor): Steps, (N,).
        channels (int): Even.

    Returns:
        Tensor: float32 (N, channels), cosines first.
    """
    half = channels // 2
    exponents = torch.arange(half, device=timesteps.device) / half
    rates = torch.exp(-math.log(_MAX_PERIOD) * exponents)
    angles = timesteps.float()[:, None] * rates  # (N, half)
    return torch.cat([angles.cos(), angles.sin()], 1)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions, normalised before, told of the time.

    The embedded time scales and shifts the second normalisation ("adaptive
    group normalisation", Dhariwal and Nichol 2021).

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output.
        time_channels (int): Of the embedded time; 0 for a network that knows
            none.
    """

    def __init__(
        self, in_channels: int, out_channels: int, time_channels: int = 0
    ) -> None:
        super().__init__()
        self.norm1 = group_norm(in_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.norm2 = group_norm(out_channels, affine=not time_channels)
        self.conv2 = zero_conv(out_channels, out_channels, 3)
        self.time = (
            nn.Linear(time_channels, 2 * out_channels)
            if time_channels
            else None
        )
        self.bypass = (
            nn.Identity()
            if in_channels == out_channels
            else nn.Conv2d(in_channels, out_channels, 1)
        )

    def forward(self, x: Tensor, time: Tensor | None = None) -> Tensor:
        """Args: x (N, C, H, W), time (N, T). Returns (N, D, H, W)."""
        h = self.norm2(self.conv1(F.silu(self.norm1(x))))
        if self.time is not None:
            told = self.time(F.silu(time))[..., None, None]  # (N, 2 D, 1, 1)
            scale, shift = told.chunk(2, 1)
            h = h * (1 + scale) + shift
        return self.bypass(x) + self.conv2(F.silu(h))


class FeatureAttention(nn.Module):
    """Attention of all places of a map to all places of another.

    Added to the input; the last layer begins as zero.

    Args:
        channels (int): Of the map that asks.
        source_channels (int, optional): Of the map that is looked at; None
            for the same map (self-attention).
    """

    def __init__(
        self, channels: int, source_channels: int | None = None
    ) -> None:
        super().__init__()
        self.num_heads = divisor_up_to(channels, channels // _HEAD_CHANNELS)
        self.norm = group_norm(channels)
        self.source_norm = (
            None if source_channels is None else group_norm(source_channels)
        )
        self.queries = nn.Conv2d(channels, channels, 1)
        self.keys_values = nn.Conv2d(
            source_channels or channels, 2 * channels, 1
        )
        self.out = zero_conv(channels, channels, 1)

    def forward(self, x: Tensor, source: Tensor | None = None) -> Tensor:
        """Look.

        Args:
            x (Tensor): (N, C, H, W).
            source (Tensor, optional): (N, S, h, w).

        Returns:
            Tensor: Like ``x``.
        """
        own = self.norm(x)
        seen = own if self.source_norm is None else self.source_norm(source)
        queries = self._tokens(self.queries(own))
        keys, values = map(
            self._tokens, self.keys_values(seen).chunk(2, dim=1)
        )
        found = F.scaled_dot_product_attention(queries, keys, values)
        # (N, heads, H W, D) -> (N, C, H, W)
        return x + self.out(found.transpose(2, 3).reshape(x.shape))

    def _tokens(self, x):
        """(N, C, H, W) -> (N, heads, H W, C / heads)."""
        return x.flatten(2).unflatten(1, (self.num_heads, -1)).transpose(2, 3)
