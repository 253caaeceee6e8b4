"""Auto-encoders that complete textures, one for each part of the surface."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ...precision import at_least_float32
from .fields import NUM_PARTS

__all__ = ['TextureCompletion']


@MODELS.register_module()
class TextureCompletion(nn.Module):
    """In-painting of the atlas: 24 auto-encoders side by side.

    Each part has weights of its own, as groups of one convolution. What is
    known is kept; the rest is made. A part of which nothing is seen knows of
    the others by the means of all codes, which a linear layer hands on: the
    back of a shirt has the colour of its front.

    Args:
        base_channels (int): Channels of a part at full size; they double with
            every level.
        max_channels (int): Upper bound of the channels of a level.
        num_levels (int): How often the size is halved.
        exchange (bool): Whether the codes are handed on.

    Raises:
        ValueError: If the size of a texture cannot be halved so often.
    """

    def __init__(
        self,
        base_channels: int = 16,
        max_channels: int = 64,
        num_levels: int = 3,
        exchange: bool = True,
    ) -> None:
        super().__init__()
        self.num_levels = num_levels
        channels = [
            min(base_channels * 2**level, max_channels)
            for level in range(num_levels + 1)
        ]
        self.stem = _conv(4, channels[0])
        self.downs = nn.ModuleList(
            _conv(a, b, kernel_size=4, stride=2)
            for a, b in zip(channels, channels[1:], strict=False)
        )
        codes = NUM_PARTS * channels[-1]
        self.exchange = nn.Linear(codes, codes) if exchange else None
        self.ups = nn.ModuleList(
            _conv(b, a) for a, b in zip(channels, channels[1:], strict=False)
        )
        self.head = _conv(channels[0], 3)

    def forward(self, colours: Tensor, known: Tensor) -> Tensor:
        """Complete textures.

        Args:
            colours (Tensor): RGB in [-1, 1], (N, 24, 3, S, S).
            known (Tensor): How well each texel is known, in [0, 1],
                (N, 24, 1, S, S).

        Returns:
            Tensor: RGB in [-1, 1], (N, 24, 3, S, S).
        """
        size = colours.shape[-1]
        if size % 2**self.num_levels:
            raise UserValueError(
                f'textures of {self.num_levels} levels need a size that is a '
                f'multiple of {2**self.num_levels}, got {size}: change '
                "'texture_size' or 'num_levels'"
            )
        x = torch.cat([colours, known], 2).flatten(1, 2)
        x = F.leaky_relu(self.stem(x), 0.2)
        skips = []
        for down in self.downs:
            skips.append(x)
            x = F.leaky_relu(down(x), 0.2)
        if self.exchange is not None:
            told = self.exchange(x.mean((2, 3)))  # (N, P C)
            x = F.leaky_relu(x + told[..., None, None], 0.2)
        for up, skip in zip(reversed(self.ups), reversed(skips), strict=True):
            x = F.interpolate(x, scale_factor=2.0)
            x = F.leaky_relu(up(x) + skip, 0.2)
        made = at_least_float32(self.head(x)).tanh()
        return torch.lerp(made.unflatten(1, (NUM_PARTS, 3)), colours, known)


def _conv(in_channels, out_channels, kernel_size=3, stride=1):
    """A convolution of every part by itself."""
    return nn.Conv2d(
        NUM_PARTS * in_channels,
        NUM_PARTS * out_channels,
        kernel_size,
        stride,
        1,
        groups=NUM_PARTS,
    )
