"""The local neural texture renderer (GFLA, Sec. 3.2)."""

from collections.abc import Sequence

from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ...backbones import doubled_channels
from ...initialization import init_weights
from ...padding import check_size
from .blocks import (
    ResidualBlock,
    UpBlock,
    activated_conv,
    encoder,
)
from .local_attention import LocalAttention

__all__ = ['GFLAGenerator']


@MODELS.register_module()
class GFLAGenerator(nn.Module):
    """From the target's pose to a picture, with the reference's features.

    The target's pose is encoded and decoded. At some levels of the decoder
    local attention brings the reference's features to where the flow says,
    and the mask mixes them in: ``(1 - m) * target + m * attention``.

    Args:
        pose_channels (int): Of the target's pose map.
        base_channels (int): Channels at half of the size, doubled a level.
        max_channels (int): Upper bound of them.
        num_levels (int): Times that the size is halved.
        num_blocks (int): Residual blocks a level, the one that doubles the
            size among them.
        warp_levels (Sequence[int]): Levels with local attention, finest
            first; the flow network's ``flow_levels``.
        kernel_sizes (Sequence[int]): Of the attention at these levels.
        hidden_channels (int): Of the attention.
        as_published (bool): Whether the layers are those of the authors'
            code: input and features of the reference are normalised, too,
            blocks that double the size are wider, borders are the nearest
            pixel for the attention, which is a mean, and mirrors for the
            last convolution.

    Raises:
        ValueError: If levels and kernels do not fit each other.
    """

    def __init__(
        self,
        pose_channels: int = 18,
        base_channels: int = 64,
        max_channels: int = 256,
        num_levels: int = 3,
        num_blocks: int = 2,
        warp_levels: Sequence[int] = (2, 3),
        kernel_sizes: Sequence[int] = (5, 3),
        hidden_channels: int = 128,
        as_published: bool = False,
    ) -> None:
        super().__init__()
        self.warp_levels = tuple(warp_levels)
        self._check_levels(num_levels, kernel_sizes)
        channels = doubled_channels(base_channels, max_channels, num_levels)
        # Instance normalisation takes the mean off: the generator could not
        # tell a grey background from a white one, nor make it. The authors'
        # code has it nonetheless.
        self.ref_encoder = encoder(
            3,
            channels[: max(self.warp_levels)],
            norm=as_published,
            norm_input=as_published,
        )
        self.pose_encoder = encoder(
            pose_channels, channels, norm_input=as_published
        )
        self.attention = nn.ModuleDict(
            {
                str(level): LocalAttention(
                    channels[level - 1], size, hidden_channels, as_published
                )
                for level, size in zip(
                    self.warp_levels, kernel_sizes, strict=True
                )
            }
        )
        # Of levels num_levels to 1; the last one leads to the full size.
        self.ups = nn.ModuleList(
            nn.Sequential(
                *(ResidualBlock(channels[i]) for _ in range(num_blocks - 1)),
                UpBlock(
                    channels[i],
                    channels[max(i - 1, 0)],
                    channels[i] if as_published else None,
                ),
            )
            for i in reversed(range(num_levels))
        )
        self.to_image = activated_conv(
            *(channels[0], 3, nn.Conv2d, 3, 1, 1),
            norm=False,
            padding_mode='reflect' if as_published else 'zeros',
        )
        init_weights(self)

    def _check_levels(self, num_levels, kernel_sizes):
        if len(kernel_sizes) != len(self.warp_levels):
            raise UserValueError(
                f'warp_levels are {self.warp_levels}, which want as many '
                f'kernel_sizes, got {tuple(kernel_sizes)}'
            )
        if not set(self.warp_levels) <= set(range(1, num_levels + 1)):
            raise UserValueError(
                f'warp_levels must be out of 1 to num_levels={num_levels}, '
                f'got {self.warp_levels}'
            )

    def forward(
        self,
        tgt_pose: Tensor,
        ref_img: Tensor,
        flows: Sequence[Tensor],
        masks: Sequence[Tensor],
    ) -> Tensor:
        """Make the picture.

        Args:
            tgt_pose (Tensor): (N, pose_channels, H, W); H and W are multiples
                of 2^num_levels.
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W).
            flows (Sequence[Tensor]): For each of ``warp_levels``,
                (N, 2, H / 2^l, W / 2^l) in pixels of the level.
            masks (Sequence[Tensor]): (N, 1, H / 2^l, W / 2^l) in [0, 1].

        Returns:
            Tensor: RGB in (-1, 1), (N, 3, H, W).

        Raises:
            ValueError: If height or width cannot be halved so often.
        """
        check_size(tgt_pose, len(self.pose_encoder))
        guides = zip(flows, masks, strict=True)
        guides = dict(zip(self.warp_levels, guides, strict=True))
        sources = [ref_img]
        for down in self.ref_encoder:
            sources.append(down(sources[-1]))
        x = tgt_pose
        for down in self.pose_encoder:
            x = down(x)
        for level, up in zip(
            range(len(self.ups), 0, -1), self.ups, strict=True
        ):
            if level in guides:
                flow, mask = guides[level]
                warp = self.attention[str(level)]
                mask = mask.to(x.dtype)
                x = (1 - mask) * x + mask * warp(x, sources[level], flow)
            x = up(x)
        return self.to_image(x).tanh()
