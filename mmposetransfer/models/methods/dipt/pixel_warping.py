"""Pixel warping: details copied from the reference (paper, Sec. 3.5)."""

import torch
from torch import nn

from mmposetransfer.registry import MODELS

from ...backbones.blocks import conv_bn
from ...backbones.residual_unet import ResidualUNet, output_head
from ...initialization import init_weights
from ...precision import at_least_float32
from ...warping.flow_warp import warp_image

__all__ = ['PixelWarping']


@MODELS.register_module()
class PixelWarping(ResidualUNet):
    """Weigh the warped image against the generated one (eq. 3).

    A U-Net sees the generated image, the warped image, the visibility and
    the flow (9 channels in this order) and predicts the weight z of the
    warped image; the result is ``z * warped + (1 - z) * generated``.

    Args:
        base_channels, max_channels, num_levels, num_blocks: See
            :class:`ResidualUNet`.
        backend (str): Backend of the warp.
    """

    def __init__(
        self,
        base_channels=32,
        max_channels=128,
        num_levels=7,
        num_blocks=2,
        backend='auto',
    ):
        super().__init__(
            9, 1, base_channels, max_channels, num_levels, num_blocks
        )
        self.head = nn.Sequential(
            conv_bn(base_channels, base_channels),
            nn.ReLU(),
            output_head(base_channels, 1),
        )
        init_weights(self.head)
        self.backend = backend

    def forward(self, generated, ref_img, flow, visibility):
        """Refine a generated image.

        Args:
            generated (Tensor): RGB in [-1, 1], (N, 3, H, W).
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W).
            flow (Tensor): In pixels, (N, 2, H, W).
            visibility (Tensor): Classes 0, 1, 2, (N, 1, H, W).

        Returns:
            tuple[Tensor]: The image (N, 3, H, W), the weight map z in (0, 1)
            (N, 1, H, W), and the warped reference (N, 3, H, W).
        """
        warped = warp_image(ref_img, flow, visibility, self.backend)
        x = torch.cat([generated, warped, visibility.to(warped), flow], 1)
        z = at_least_float32(super().forward(x)).sigmoid()
        return z * warped + (1 - z) * generated, z, warped
