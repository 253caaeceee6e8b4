"""The image generator: a dual-path U-Net with feature warping."""

import torch
from torch import nn

from mmposetransfer.registry import MODELS

from ...backbones.blocks import conv_bn, level_channels
from ...backbones.residual_unet import (
    ResidualDecoder,
    ResidualEncoder,
    check_divisible,
    output_head,
)
from ...initialization import init_weights
from ...precision import at_least_float32
from ...warping.pyramid import flow_pyramid, visibility_pyramid

__all__ = ['DualPathGenerator']


@MODELS.register_module()
class DualPathGenerator(nn.Module):
    """Dual-path U-Net with flow guided feature warping (Sec. 3.2, 3.4).

    One encoder for the target pose, one for the reference image. The
    features of the reference that go into the skips are warped into the
    target pose, level by level; the encoder itself goes on with unwarped
    ones. The encoders share their downsampling layers, as the paper's own
    networks do, so that their weights can be used.

    Args:
        warping (dict, optional): Config of a feature warping layer, built
            once per residual block with its ``channels``. None is the
            ablation "w/o flow". Defaults to :class:`FeatureWarping` with a
            :class:`ResidualGate`.
        pose_channels (int): Channels of the pose map.
        image_channels (int): Channels of the image.
        base_channels (int): Channels of the finest level.
        max_channels (int): Upper bound of the channels of a level.
        num_levels (int): Downsampling steps (7: a 256 image ends in 2x2).
        num_warp_levels (int): Levels, from the finest, that are warped.
        num_blocks (int): Residual blocks of a level.
    """

    def __init__(
        self,
        warping=dict(type='FeatureWarping'),  # noqa: B006
        pose_channels=18,
        image_channels=3,
        base_channels=32,
        max_channels=128,
        num_levels=7,
        num_warp_levels=5,
        num_blocks=2,
    ):
        super().__init__()
        num_warp_levels = num_warp_levels if warping else 0
        if not 0 <= num_warp_levels <= num_levels:
            raise ValueError(
                f"'num_warp_levels' must be in [0, num_levels = {num_levels}]"
                f', got {num_warp_levels}.'
            )
        channels = level_channels(base_channels, max_channels, num_levels)
        self.num_levels = num_levels
        self.num_warp_levels = num_warp_levels
        self.pose_stem = conv_bn(pose_channels, channels[0])
        self.image_stem = conv_bn(image_channels, channels[0])
        self.pose_encoder = ResidualEncoder(channels, num_blocks)
        self.image_encoder = ResidualEncoder(
            channels, num_blocks, downsamples=self.pose_encoder.downsamples
        )
        self.warpings = nn.ModuleList(
            nn.ModuleList(
                MODELS.build(dict(warping, channels=channels[level]))
                for _ in range(num_blocks)
            )
            for level in range(self.num_warp_levels)
        )
        self.fuse = conv_bn(2 * channels[-1], channels[-1])
        self.decoder = ResidualDecoder(
            channels, [2 * c for c in channels[:-1]], num_blocks
        )
        self.head = output_head(channels[0], image_channels)
        init_weights(self)

    def _warp_skips(self, skips, flow, visibility):
        flows = flow_pyramid(flow, self.num_warp_levels)
        visibilities = visibility_pyramid(visibility, self.num_warp_levels)
        warped = [
            [warp(x, f, v) for warp, x in zip(warps, xs, strict=True)]
            for warps, xs, f, v in zip(
                self.warpings, skips, flows, visibilities, strict=False
            )
        ]
        return warped + skips[self.num_warp_levels :]

    def forward_linear(self, tgt_pose, ref_img, flow=None, visibility=None):
        """As :meth:`forward`, before the tanh."""
        check_divisible(ref_img, self.num_levels)
        pose_skips, pose_code = self.pose_encoder(self.pose_stem(tgt_pose))
        img_skips, img_code = self.image_encoder(self.image_stem(ref_img))
        if self.num_warp_levels:
            img_skips = self._warp_skips(img_skips, flow, visibility)
        skips = [
            [torch.cat(pair, 1) for pair in zip(ps, xs, strict=True)]
            for ps, xs in zip(pose_skips, img_skips, strict=True)
        ]
        code = self.fuse(torch.cat([pose_code, img_code], 1))
        return self.head(self.decoder(code, skips)[0])

    def forward(self, tgt_pose, ref_img, flow=None, visibility=None):
        """Generate an image.

        Args:
            tgt_pose (Tensor): Pose map, (N, 18, H, W).
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W).
            flow (Tensor): In pixels, (N, 2, H, W); may be None without
                warping.
            visibility (Tensor): Classes 0, 1, 2, (N, 1, H, W); likewise.

        Returns:
            Tensor: RGB in (-1, 1), (N, 3, H, W).
        """
        img = self.forward_linear(tgt_pose, ref_img, flow, visibility)
        # Shades of a picture are finer than bfloat16 is near 1.
        return at_least_float32(img).tanh()
