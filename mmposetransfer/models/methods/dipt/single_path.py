"""The generator of the ablation "w/o dual encoder"."""

import torch

from mmposetransfer.registry import MODELS

from ...backbones.residual_unet import ResidualUNet
from ...precision import at_least_float32

__all__ = ['SinglePathGenerator']


@MODELS.register_module()
class SinglePathGenerator(ResidualUNet):
    """Generator without a separate pose encoder and without flow.

    The paper's ablation "w/o dual encoder". It takes the arguments of
    :class:`DualPathGenerator`'s ``forward``, so that the two are
    interchangeable in a config, and ignores flow and visibility.

    Args:
        pose_channels (int): Channels of the pose map.
        image_channels (int): Channels of the image.
        base_channels, max_channels, num_levels, num_blocks: See
            :class:`ResidualUNet`.
    """

    def __init__(
        self,
        pose_channels=18,
        image_channels=3,
        base_channels=32,
        max_channels=128,
        num_levels=7,
        num_blocks=2,
    ):
        super().__init__(
            image_channels + pose_channels,
            image_channels,
            base_channels,
            max_channels,
            num_levels,
            num_blocks,
        )

    def forward(self, tgt_pose, ref_img, flow=None, visibility=None):
        """Generate an image.

        Args:
            tgt_pose (Tensor): Pose map, (N, 18, H, W).
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W).
            flow, visibility: Not used.

        Returns:
            Tensor: RGB in (-1, 1), (N, 3, H, W).
        """
        img = super().forward(torch.cat([ref_img, tgt_pose], 1))
        return at_least_float32(img).tanh()
