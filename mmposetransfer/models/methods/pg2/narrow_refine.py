"""PG2's refining generator as in the authors' code, not as in the paper."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ...backbones.linear_unet import HalvingConv, linear_channels
from ...initialization import init_xavier
from ...precision import at_least_float32

__all__ = ['PG2NarrowRefineGenerator']


class _TwoConvs(nn.Sequential):
    """Two 3x3 convolutions, each with a ReLU."""

    def __init__(self, in_channels, out_channels):
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1),
            nn.ReLU(),
        )


@MODELS.register_module()
class PG2NarrowRefineGenerator(nn.Module):
    """G2 of the authors' code: a plain U-Net with a narrow decoder.

    Unlike :class:`PG2RefineGenerator` it adds no input to its convolutions'
    output, and all of its decoder has the channels of the finest level.
    Borders are TensorFlow's where the size is halved.

    Args:
        image_channels (int): Channels of each of the two images.
        base_channels (int): Channels of the finest level; level i of the
            encoder has (i + 1) times as many.
        num_levels (int): Two fewer than those of the coarse generator.
        finest_skip (bool): Whether the decoder sees the encoder's finest
            level: on DeepFashion it does, on Market-1501 it does not.

    Examples:
        >>> generator = PG2NarrowRefineGenerator(base_channels=4)
        >>> img = torch.zeros(1, 3, 32, 16)
        >>> generator(img, img).shape
        torch.Size([1, 3, 32, 16])
    """

    def __init__(
        self,
        image_channels: int = 3,
        base_channels: int = 128,
        num_levels: int = 4,
        finest_skip: bool = True,
    ) -> None:
        super().__init__()
        self.finest_skip = finest_skip
        channels = linear_channels(base_channels, num_levels)
        self.stem = nn.Conv2d(2 * image_channels, base_channels, 3, padding=1)
        inputs = [base_channels, *channels[:-1]]
        self.encoder = nn.ModuleList(map(_TwoConvs, inputs, channels))
        self.downsamples = nn.ModuleList(
            HalvingConv(c, c) for c in channels[:-1]
        )
        below = num_levels * [base_channels]
        below[-1] = channels[-1]
        skips = list(channels)
        if not finest_skip:
            skips[0] = 0
        self.decoder = nn.ModuleList(
            _TwoConvs(a + b, base_channels)
            for a, b in zip(below, skips, strict=True)
        )
        self.head = nn.Conv2d(base_channels, image_channels, 3, padding=1)
        init_xavier(self)

    def forward(self, coarse: Tensor, ref_img: Tensor) -> Tensor:
        """Predict the difference map.

        Args:
            coarse (Tensor): Of :class:`PG2CoarseGenerator`, (N, 3, H, W).
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W).

        Returns:
            Tensor: To be added to the coarse picture, (N, 3, H, W).
        """
        x = F.relu(self.stem(torch.cat([coarse, ref_img], 1)))
        skips = [self.encoder[0](x)]
        for down, convs in zip(
            self.downsamples, self.encoder[1:], strict=True
        ):
            skips.append(convs(F.relu(down(skips[-1]))))
        x = skips[-1]
        for level in reversed(range(len(skips))):
            x = F.interpolate(x, skips[level].shape[-2:])
            if level or self.finest_skip:
                x = torch.cat([x, skips[level]], 1)
            x = self.decoder[level](x)
        return at_least_float32(self.head(x))
