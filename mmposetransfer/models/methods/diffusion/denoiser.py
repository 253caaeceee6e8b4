"""The network that tells noise from picture, led by pose and reference."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ...backbones import level_channels
from ...padding import check_size
from .blocks import (
    FeatureAttention,
    ResidualBlock,
    group_norm,
    timestep_embedding,
)

__all__ = ['PoseDenoiser', 'ReferenceEncoder']

IMAGE_CHANNELS = 3


class ReferenceEncoder(nn.Module):
    """Features of the reference at the levels that need them (PIDM's texture
    encoder).

    Args:
        in_channels (int): Of the picture and what lies beside it.
        channels (Sequence[int]): Of each level, finest first.
        levels (Sequence[int]): Those whose features are wanted.
        num_blocks (int): Residual blocks a level.
    """

    def __init__(
        self,
        in_channels: int,
        channels: Sequence[int],
        levels: Sequence[int],
        num_blocks: int,
    ) -> None:
        super().__init__()
        self.levels = tuple(levels)
        channels = channels[: max(levels) + 1]
        self.stem = nn.Conv2d(in_channels, channels[0], 3, padding=1)
        self.downs, self.blocks = nn.ModuleList(), nn.ModuleList()
        for level, width in enumerate(channels):
            if level:
                self.downs.append(
                    nn.Conv2d(channels[level - 1], width, 3, 2, 1)
                )
            self.blocks.append(
                nn.Sequential(
                    *(ResidualBlock(width, width) for _ in range(num_blocks))
                )
            )

    def forward(self, x: Tensor) -> list[Tensor]:
        """Encode.

        Args:
            x (Tensor): (N, in_channels, H, W).

        Returns:
            list[Tensor]: (N, C, H / 2^l, W / 2^l) for each of ``levels``.
        """
        found, x = {}, self.stem(x)
        for level, blocks in enumerate(self.blocks):
            x = blocks(self.downs[level - 1](x) if level else x)
            found[level] = x
        return [found[level] for level in self.levels]


class _Level(nn.Module):
    """Blocks of one size, each followed by a look at the reference.

    What lies beside is added before the first, place by place.
    """

    def __init__(
        self, widths, time_channels, source_channels, beside_channels=0
    ):
        super().__init__()
        pairs = zip(widths[:-1], widths[1:], strict=True)
        self.beside = (
            nn.Conv2d(beside_channels, widths[0], 1)
            if beside_channels
            else None
        )
        self.blocks = nn.ModuleList(
            ResidualBlock(a, b, time_channels) for a, b in pairs
        )
        self.looks = nn.ModuleList(
            FeatureAttention(width, source_channels)
            for width in (widths[1:] if source_channels else ())
        )

    def forward(self, x, time, source):
        if self.beside is not None:
            x = x + self.beside(source)
        for index, block in enumerate(self.blocks):
            x = block(x, time)
            if self.looks:
                x = self.looks[index](x, source)
        return x


@MODELS.register_module()
class PoseDenoiser(nn.Module):
    """A U-Net on the noisy picture and the target's pose, as PIDM's.

    The pose lies beside the noisy picture, the time step is in every block,
    and at the levels of ``attention_levels`` each place attends to all
    places of the reference's features (cross-attention, PIDM's "texture
    diffusion blocks").

    Of large pictures, squares of ``patch_size`` pixels become channels, so
    that the finest level has 1 / ``patch_size`` of the size.

    Args:
        pose_channels (int): Of a pose map.
        patch_size (int): Side of the squares, a power of two.
        base_channels (int): Channels of the finest level; each level has as
            many more.
        max_channels (int): Upper bound of them.
        num_levels (int): Times that the size is halved.
        num_blocks (int): Residual blocks a level.
        attention_levels (Sequence[int]): Levels that look at the reference,
            0 for the finest. The coarsest, ``num_levels``, does so in any
            case.
        with_ref_pose (bool): Whether the reference encoder sees the
            reference's pose beside its picture. PIDM's does not.
        beside_levels (Sequence[int]): Levels of the encoder to which the
            reference's features are added place by place, too: what does not
            move, such as a wall, is there without being looked for. PIDM has
            none.

    Raises:
        ValueError: For levels that are not there, or a size of squares that
            is no power of two.
    """

    def __init__(
        self,
        pose_channels: int = 18,
        patch_size: int = 1,
        base_channels: int = 128,
        max_channels: int = 512,
        num_levels: int = 3,
        num_blocks: int = 2,
        attention_levels: Sequence[int] = (1, 2, 3),
        with_ref_pose: bool = True,
        beside_levels: Sequence[int] = (),
    ) -> None:
        super().__init__()
        self.patch_size = patch_size
        self.halvings = num_levels + patch_size.bit_length() - 1
        if patch_size < 1 or patch_size & (patch_size - 1):
            raise UserValueError(
                f'patch_size must be a power of two, got {patch_size}'
            )
        self._check(num_levels, attention_levels, beside_levels)
        looking = {*attention_levels, num_levels}
        self.levels = sorted({*looking, *beside_levels})
        self.with_ref_pose = with_ref_pose
        self.base_channels = base_channels
        channels = level_channels(base_channels, max_channels, num_levels)
        pixels = patch_size**2
        image, pose = IMAGE_CHANNELS * pixels, pose_channels * pixels
        self.reference = ReferenceEncoder(
            image + pose * with_ref_pose, channels, self.levels, num_blocks
        )
        time = 4 * base_channels
        self.time = nn.Sequential(
            nn.Linear(2 * base_channels, time),
            nn.SiLU(),
            nn.Linear(time, time),
        )
        self.stem = nn.Conv2d(image + pose, channels[0], 3, padding=1)
        sources = [
            width if level in looking else 0
            for level, width in enumerate(channels)
        ]
        besides = [
            width if level in beside_levels else 0
            for level, width in enumerate(channels)
        ]
        self.downs, self.encoder = nn.ModuleList(), nn.ModuleList()
        self.ups, self.decoder = nn.ModuleList(), nn.ModuleList()
        for level in range(num_levels):
            here, below = channels[level], channels[level + 1]
            self.encoder.append(
                _Level(
                    [here] * (num_blocks + 1),
                    time,
                    sources[level],
                    besides[level],
                )
            )
            self.downs.append(nn.Conv2d(here, below, 3, 2, 1))
            self.ups.append(nn.Conv2d(below, here, 3, padding=1))
            self.decoder.append(
                _Level([2 * here] + [here] * num_blocks, time, sources[level])
            )
        width = channels[-1]
        self.middle = nn.ModuleList(
            [
                _Level([width, width], time, width),
                FeatureAttention(width),
                _Level([width, width], time, width),
            ]
        )
        self.out = nn.Sequential(
            group_norm(channels[0]),
            nn.SiLU(),
            nn.Conv2d(channels[0], image, 3, padding=1),
        )

    @staticmethod
    def _check(num_levels, attention_levels, beside_levels):
        for name, levels, end in (
            ('attention_levels', attention_levels, num_levels),
            ('beside_levels', beside_levels, num_levels - 1),
        ):
            if not {*levels} <= {*range(end + 1)}:
                raise UserValueError(
                    f'{name} must be out of 0 to {end} of {num_levels=}, got '
                    f'{tuple(levels)}'
                )

    def encode(self, ref_img: Tensor, ref_pose: Tensor) -> list[Tensor]:
        """Features of the reference: once for all steps of sampling.

        Args:
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W); zeros where there
                is to be no reference.
            ref_pose (Tensor): (N, pose_channels, H, W), likewise.

        Returns:
            list[Tensor]: One for each level that needs them, finest first.
        """
        seen = [ref_img, ref_pose] if self.with_ref_pose else [ref_img]
        return self.reference(
            F.pixel_unshuffle(torch.cat(seen, 1), self.patch_size)
        )

    def denoise(
        self,
        noisy: Tensor,
        timesteps: Tensor,
        tgt_pose: Tensor,
        sources: Sequence[Tensor],
    ) -> Tensor:
        """Predict the noise of a picture, or what the process asks for.

        Args:
            noisy (Tensor): (N, 3, H, W); H and W are multiples of
                ``patch_size * 2^num_levels``.
            timesteps (Tensor): (N,).
            tgt_pose (Tensor): (N, pose_channels, H, W); zeros where there is
                to be no pose.
            sources (Sequence[Tensor]): What :meth:`encode` gives.

        Returns:
            Tensor: (N, 3, H, W).

        Raises:
            ValueError: If height or width cannot be halved so often.
        """
        check_size(noisy, self.halvings)
        sources = dict(zip(self.levels, sources, strict=True))
        time = timestep_embedding(timesteps, 2 * self.base_channels)
        time = self.time(time.to(noisy.dtype))  # (N, 4 base_channels)
        x = torch.cat([noisy, tgt_pose], 1)
        x = self.stem(F.pixel_unshuffle(x, self.patch_size))
        skips = []
        for level, blocks in enumerate(self.encoder):
            x = blocks(x, time, sources.get(level))
            skips.append(x)
            x = self.downs[level](x)
        before, attend, after = self.middle
        source = sources[len(self.encoder)]
        x = after(attend(before(x, time, source)), time, source)
        for level in range(len(self.decoder) - 1, -1, -1):
            x = self.ups[level](F.interpolate(x, scale_factor=2.0))
            x = torch.cat([x, skips[level]], 1)
            x = self.decoder[level](x, time, sources.get(level))
        return F.pixel_shuffle(self.out(x), self.patch_size)

    def forward(
        self,
        noisy: Tensor,
        timesteps: Tensor,
        tgt_pose: Tensor,
        ref_img: Tensor,
        ref_pose: Tensor,
    ) -> Tensor:
        """:meth:`encode`, then :meth:`denoise`."""
        sources = self.encode(ref_img, ref_pose)
        return self.denoise(noisy, timesteps, tgt_pose, sources)
