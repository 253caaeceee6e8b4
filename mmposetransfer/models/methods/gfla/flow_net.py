"""The global flow field estimator (GFLA, Sec. 3.1)."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ...backbones import doubled_channels
from ...initialization import init_weights
from ...padding import check_size
from ...precision import at_least_float32, without_autocast
from .blocks import SLOPE, UpBlock, encoder

__all__ = ['FlowGuide', 'GFLAFlowNet', 'at_full_size']

# Of the weights that predict flow: so small that it starts near zero.
HEAD_STD = 0.01


class FlowGuide(NamedTuple):
    """What the flow network predicts, a tensor for each of its flow levels.

    Attributes:
        flows (list[Tensor]): (N, 2, H / 2^l, W / 2^l) in pixels of level l.
        masks (list[Tensor]): In (0, 1), (N, 1, H / 2^l, W / 2^l): how much
            is to be taken from the reference, at 1, and how much to be made
            up, at 0.
    """

    flows: list[Tensor]
    masks: list[Tensor]


def at_full_size(
    guide: FlowGuide, size: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Flow and mask of the finest level, at the size of the picture.

    Convention: bilinear, corners not aligned; the values of the flow grow
    with the grid, so that they are pixels of the picture.

    Args:
        guide (FlowGuide): Finest level first.
        size (tuple[int, int]): (height, width).

    Returns:
        tuple[Tensor, Tensor]: Flow (N, 2, H, W), mask (N, 1, H, W).
    """
    flow, mask = (
        F.interpolate(x[0], size, mode='bilinear', align_corners=False)
        for x in guide
    )
    return flow * (size[0] / guide.flows[0].shape[-2]), mask


@MODELS.register_module()
class GFLAFlowNet(nn.Module):
    """U-Net from the reference and both poses to flows and masks.

    Args:
        pose_channels (int): Of each of the two pose maps.
        base_channels (int): Channels at half of the size, doubled a level.
        max_channels (int): Upper bound of them.
        num_levels (int): Times that the size is halved.
        flow_levels (Sequence[int]): Levels with a flow, finest first; level
            l has 1 / 2^l of the size.
        as_published (bool): Whether the layers are those of the authors'
            code: the input is normalised as features are, and borders are
            mirrors where a skip is taken.

    Raises:
        ValueError: If a level is not there.
    """

    def __init__(
        self,
        pose_channels: int = 18,
        base_channels: int = 32,
        max_channels: int = 256,
        num_levels: int = 5,
        flow_levels: Sequence[int] = (2, 3),
        as_published: bool = False,
    ) -> None:
        super().__init__()
        self.flow_levels = tuple(flow_levels)
        if not set(self.flow_levels) <= set(range(1, num_levels + 1)):
            raise UserValueError(
                f'flow_levels must be out of 1 to num_levels={num_levels}, '
                f'got {self.flow_levels}'
            )
        channels = doubled_channels(base_channels, max_channels, num_levels)
        self.downs = encoder(
            3 + 2 * pose_channels, channels, norm_input=as_published
        )
        # Of levels num_levels - 1 to the finest with a flow, in this order.
        levels = range(num_levels - 1, min(self.flow_levels) - 1, -1)
        self.ups = nn.ModuleList(
            UpBlock(channels[level], channels[level - 1]) for level in levels
        )
        self.skips = nn.ModuleList(
            nn.Sequential(
                nn.LeakyReLU(SLOPE),
                nn.Conv2d(
                    *(channels[level - 1], channels[level - 1], 3, 1, 1),
                    padding_mode='reflect' if as_published else 'zeros',
                ),
            )
            for level in levels
        )
        # Flow and mask of one convolution: the mask learns with the generator
        # only, and all weights have a gradient before.
        self.heads = nn.ModuleDict(
            {
                str(level): nn.Conv2d(channels[level - 1], 3, 3, 1, 1)
                for level in self.flow_levels
            }
        )
        init_weights(self)
        for head in self.heads.values():
            nn.init.normal_(head.weight, std=HEAD_STD)

    def forward(
        self, ref_img: Tensor, ref_pose: Tensor, tgt_pose: Tensor
    ) -> FlowGuide:
        """Predict where each place of the target is found in the reference.

        Args:
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W); H and W are
                multiples of 2^num_levels.
            ref_pose (Tensor): (N, pose_channels, H, W).
            tgt_pose (Tensor): (N, pose_channels, H, W).

        Returns:
            FlowGuide: In the order of ``flow_levels``.

        Raises:
            ValueError: If height or width cannot be halved so often.
        """
        x = torch.cat([ref_img, ref_pose, tgt_pose], 1)
        check_size(x, len(self.downs))
        features = []
        for down in self.downs:
            x = down(x)
            features.append(x)
        decoded = {len(self.downs): x}
        for up, skip in zip(self.ups, self.skips, strict=True):
            level = min(decoded) - 1
            x = up(x) + skip(features[level - 1])
            decoded[level] = x
        return self._predict(decoded)

    def _predict(self, decoded):
        """Flow and mask of the features of each level."""
        flows, masks = [], []
        for level in self.flow_levels:
            # Half precision cannot hold a position to a fraction of a pixel.
            with without_autocast(decoded[level]):
                x = at_least_float32(decoded[level])
                predicted = self.heads[str(level)](x)
            flows.append(predicted[:, :2])
            masks.append(predicted[:, 2:].sigmoid())
        return FlowGuide(flows, masks)
