"""Networks of vectors: what maps noise to codes, and what judges codes."""

import torch
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ...precision import at_least_float32

__all__ = ['CodeCritic', 'CodeMapper', 'ResidualMLP']


class ResidualMLP(nn.Module):
    """Fully connected layers, two of which make a residual block.

    Args:
        in_channels (int): Of the input.
        out_channels (int): Of the output, which is linear.
        hidden_channels (int): In between.
        num_blocks (int): Count.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        hidden_channels: int = 512,
        num_blocks: int = 4,
    ) -> None:
        super().__init__()
        width = hidden_channels
        self.stem = nn.Sequential(
            nn.Linear(in_channels, width), nn.LeakyReLU(0.3)
        )
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Linear(width, width),
                nn.LeakyReLU(0.3),
                nn.Linear(width, width),
                nn.LeakyReLU(0.3),
            )
            for _ in range(num_blocks)
        )
        self.head = nn.Linear(width, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels) to (N, out_channels)."""
        x = self.stem(x)
        for block in self.blocks:
            x = x + block(x)
        return at_least_float32(self.head(x))


@MODELS.register_module()
class CodeMapper(ResidualMLP):
    """From Gaussian noise to codes (Sec. 3.2).

    Args:
        channels (int): Of the noise and of the codes.
        hidden_channels (int): In between.
        num_blocks (int): Residual blocks of two layers.
        noise_std (float): Standard deviation of the noise.
    """

    def __init__(
        self,
        channels: int,
        hidden_channels: int = 512,
        num_blocks: int = 4,
        noise_std: float = 0.2,
    ) -> None:
        super().__init__(channels, channels, hidden_channels, num_blocks)
        self.channels, self.noise_std = channels, noise_std

    def noise(self, count: int) -> Tensor:
        """Draw (count, channels), on the device of the weights."""
        weight = self.head.weight
        return self.noise_std * torch.randn(
            count, self.channels, device=weight.device, dtype=weight.dtype
        )


@MODELS.register_module()
class CodeCritic(nn.Module):
    """Wasserstein critic of codes: the higher, the more real.

    Args:
        channels (int): Of the codes.
        hidden_channels (int): Of each layer.
        num_layers (int): Count, before the one that scores.
        clip (float): What :meth:`clip` bounds all weights by.
    """

    def __init__(
        self,
        channels: int,
        hidden_channels: int = 512,
        num_layers: int = 3,
        clip: float = 0.01,
    ) -> None:
        super().__init__()
        self.channels = channels
        layers = []
        for _ in range(num_layers):
            layers += [nn.Linear(channels, hidden_channels), nn.LeakyReLU(0.2)]
            channels = hidden_channels
        self.layers = nn.Sequential(*layers, nn.Linear(channels, 1))
        self.bound = clip

    def forward(self, codes: Tensor) -> Tensor:
        """Score (N, channels); returns (N, 1)."""
        return at_least_float32(self.layers(codes))

    @torch.no_grad()
    def clip(self) -> None:
        """Bound the weights, and by that how steep the critic is."""
        for parameter in self.parameters():
            parameter.clamp_(-self.bound, self.bound)
