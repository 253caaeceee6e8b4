"""UPIS's generator: one network for both directions."""

import torch
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ...backbones.blocks import (
    ResidualBlock,
    conv_bn,
    downsample,
    level_channels,
    upsample,
)
from ...backbones.residual_unet import check_divisible, output_head
from ...initialization import init_weights
from ...precision import at_least_float32

__all__ = ['UPISGenerator']


@MODELS.register_module()
class UPISGenerator(nn.Module):
    """From a picture and the pose that it shall show to the new picture.

    It is not told which pose the picture has, and has no skips, which would
    carry the old pose past the blocks.

    Args:
        image_channels (int): Channels of the picture.
        pose_channels (int): Channels of the pose map.
        base_channels (int): Channels at full size; every level has as many
            more.
        max_channels (int): Upper bound of the channels of a level.
        num_levels (int): How often the size is halved.
        num_blocks (int): Residual blocks at the coarsest level.

    Examples:
        >>> generator = UPISGenerator(base_channels=8, num_blocks=2)
        >>> img, pose = torch.zeros(1, 3, 64, 48), torch.zeros(1, 18, 64, 48)
        >>> generator(img, pose).shape
        torch.Size([1, 3, 64, 48])
    """

    def __init__(
        self,
        image_channels: int = 3,
        pose_channels: int = 18,
        base_channels: int = 64,
        max_channels: int = 256,
        num_levels: int = 2,
        num_blocks: int = 9,
    ) -> None:
        super().__init__()
        self.num_levels = num_levels
        channels = level_channels(base_channels, max_channels, num_levels)
        steps = list(zip(channels[:-1], channels[1:], strict=True))
        self.layers = nn.Sequential(
            conv_bn(image_channels + pose_channels, channels[0], 7),
            *(downsample(a, b) for a, b in steps),
            *(ResidualBlock(channels[-1]) for _ in range(num_blocks)),
            *(upsample(b, a) for a, b in reversed(steps)),
            nn.ReLU(),
            output_head(channels[0], image_channels),
        )
        init_weights(self)
        # It begins grey: no colour is nearer than others.
        nn.init.normal_(self.layers[-1][-1].weight, std=1e-3)

    def forward(self, img: Tensor, pose: Tensor) -> Tensor:
        """Make the picture of another pose.

        Args:
            img (Tensor): RGB in [-1, 1], (N, 3, H, W).
            pose (Tensor): Map of the wanted pose, (N, 18, H, W).

        Returns:
            Tensor: RGB in (-1, 1), (N, 3, H, W).

        Raises:
            ValueError: If height or width cannot be halved as often as the
                network has levels.
        """
        check_divisible(img, self.num_levels)
        made = self.layers(torch.cat([img, pose], 1))
        return at_least_float32(made).tanh()
