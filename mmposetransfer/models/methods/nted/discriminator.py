"""NTED's discriminator, StyleGAN2's."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ...backbones import doubled_channels
from .layers import BlurDown, EqualConv2d, EqualLinear, activate

__all__ = ['NTEDDiscriminator', 'add_batch_deviation']

# Pictures that are compared with each other, and the side of the last maps.
_GROUP, _LAST = 4, 4


def add_batch_deviation(x: Tensor) -> Tensor:
    """Add a map that says how much the pictures of a group differ.

    The standard deviation over up to four pictures of the batch, its mean
    over channels and places (Karras et al. 2018, Sec. 3).

    Args:
        x (Tensor): (N, C, H, W).

    Returns:
        Tensor: (N, C + 1, H, W).
    """
    count = len(x)
    size = next(s for s in range(_GROUP, 0, -1) if count % s == 0)
    groups = x.unflatten(0, (size, count // size))
    variance = groups.var(0, unbiased=False)  # (N / size, C, H, W)
    deviation = (variance + 1e-8).sqrt().mean((1, 2, 3))
    maps = deviation.repeat(size).view(count, 1, 1, 1)
    return torch.cat([x, maps.expand(-1, -1, *x.shape[2:])], 1)


class _DownBlock(nn.Module):
    """Two convolutions, the second one halving, beside a bypass."""

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.same = EqualConv2d(in_channels, in_channels, 3)
        self.down = BlurDown(in_channels, out_channels)
        self.bypass = BlurDown(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        h = activate(self.down(activate(self.same(x))))
        return (h + self.bypass(x)) / 2**0.5


@MODELS.register_module()
class NTEDDiscriminator(nn.Module):
    """Score a picture as a whole.

    Args:
        base_channels (int): Channels at full size, doubled a level.
        max_channels (int): Upper bound of them.
        num_levels (int): Times that the size is halved: 6 for 256x256, down
            to 4x4. Other sizes are brought to that by means.
    """

    def __init__(
        self,
        base_channels: int = 128,
        max_channels: int = 512,
        num_levels: int = 6,
    ) -> None:
        super().__init__()
        channels = doubled_channels(
            base_channels, max_channels, num_levels + 1
        )
        self.stem = EqualConv2d(3, channels[0], 1)
        self.blocks = nn.Sequential(
            *map(_DownBlock, channels[:-1], channels[1:])
        )
        width = channels[-1]
        self.last = EqualConv2d(width + 1, width, 3)
        self.hidden = EqualLinear(width * _LAST**2, width)
        self.score = EqualLinear(width, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x (N, 3, H, W). Returns logits, (N, 1)."""
        x = self.blocks(activate(self.stem(x)))
        x = activate(self.last(add_batch_deviation(x)))
        x = F.adaptive_avg_pool2d(x, _LAST).flatten(1)
        return self.score(activate(self.hidden(x)))
