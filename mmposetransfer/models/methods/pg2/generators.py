"""PG2's two generators: the coarse picture, and what is missing of it."""

import torch
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ...backbones.linear_unet import (
    BottleneckUNet,
    UNetDecoder,
    UNetEncoder,
    linear_channels,
)
from ...initialization import init_xavier
from ...precision import at_least_float32

__all__ = ['PG2CoarseGenerator', 'PG2RefineGenerator']


@MODELS.register_module()
class PG2CoarseGenerator(BottleneckUNet):
    """G1: a U-Net through a bottleneck without places (Sec. 3.1).

    See :class:`mmposetransfer.models.backbones.BottleneckUNet`.

    Args:
        bottleneck_size (tuple[int, int]): Height and width of the coarsest
            features at the size of picture that the network is for. Those of
            other pictures are averaged to that size and repeated from it.
        pose_channels (int): Channels of the pose map.
        image_channels (int): Channels of the image.
        base_channels (int): Channels of the finest level; level i has
            (i + 1) times as many.
        num_levels (int): log2(height) - 2 in the paper: 6 at 256, 5 at 128.
        code_channels (int): Length of the code.
        tf_padding (bool): Whether borders are TensorFlow's, as in the
            authors' code, where the size is halved.
    """

    def __init__(
        self,
        bottleneck_size: tuple[int, int] = (8, 8),
        pose_channels: int = 18,
        image_channels: int = 3,
        base_channels: int = 128,
        num_levels: int = 6,
        code_channels: int = 64,
        tf_padding: bool = False,
    ) -> None:
        super().__init__(
            image_channels + pose_channels,
            image_channels,
            bottleneck_size,
            base_channels,
            num_levels,
            code_channels,
            tf_padding,
        )

    def forward(self, ref_img: Tensor, tgt_pose: Tensor) -> Tensor:
        """Generate the coarse picture.

        Args:
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W).
            tgt_pose (Tensor): Pose map, (N, 18, H, W).

        Returns:
            Tensor: RGB, linear and so not bound to [-1, 1], (N, 3, H, W).
        """
        img = super().forward(torch.cat([ref_img, tgt_pose], 1))
        return at_least_float32(img)


@MODELS.register_module()
class PG2RefineGenerator(nn.Module):
    """G2: a U-Net that predicts what a coarse picture lacks (Sec. 3.2).

    It is G1 without the fully connected layers and two levels shallower, so
    that details of the reference survive.

    Args:
        image_channels (int): Channels of each of the two images.
        base_channels (int): Channels of the finest level; level i has
            (i + 1) times as many.
        num_levels (int): Two fewer than those of the coarse generator.
    """

    def __init__(
        self,
        image_channels: int = 3,
        base_channels: int = 128,
        num_levels: int = 4,
    ) -> None:
        super().__init__()
        channels = linear_channels(base_channels, num_levels)
        self.encoder = UNetEncoder(2 * image_channels, channels)
        self.decoder = UNetDecoder(channels[-1], channels, image_channels)
        init_xavier(self)

    def forward(self, coarse: Tensor, ref_img: Tensor) -> Tensor:
        """Predict the difference map.

        Args:
            coarse (Tensor): Of :class:`PG2CoarseGenerator`, (N, 3, H, W).
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W).

        Returns:
            Tensor: To be added to the coarse picture, (N, 3, H, W).
        """
        skips = self.encoder(torch.cat([coarse, ref_img], 1))
        return at_least_float32(self.decoder(skips[-1], skips))
