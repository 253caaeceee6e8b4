"""A generator that completes what a warp leaves open, at low resolution."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ...precision import at_least_float32
from ...warping.flow_warp import flow_warp
from ...warping.pyramid import flow_pyramid
from .texture_prior import TexturePrior

__all__ = ['CompletedPicture', 'CompletionGenerator']

# Channels: of colours, of how much is copied, and of the person.
_MADE, _COPY, _PERSON = 3, 1, 1


class CompletedPicture(NamedTuple):
    """What a :class:`CompletionGenerator` makes.

    Attributes:
        made (Tensor): The whole picture, RGB in [-1, 1], (N, 3, H, W).
        copying (Tensor): Logits of copying, (N, 1, H, W).
        person (Tensor): Logits of the result's person, (N, 1, H, W).
        prior (Tensor): What the surface usually looks like, like ``made``.
    """

    made: Tensor
    copying: Tensor
    person: Tensor
    prior: Tensor


class _Block(nn.Module):
    """``x + scale * conv(relu(conv(relu(x))))``, without normalisation.

    The small ``scale`` takes the place of BatchNorm (SkipInit, De and Smith,
    2020), whose running statistics differ from those of small batches.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2)
        )
        self.scale = nn.Parameter(torch.full((channels, 1, 1), 0.2))
        for conv in self.convs:
            nn.init.kaiming_normal_(conv.weight)
            nn.init.zeros_(conv.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to the same shape."""
        y = x
        for conv in self.convs:
            y = conv(F.relu(y))
        return x + self.scale * y


class _CrossAttention(nn.Module):
    """Every place of the target asks all places of the reference.

    What the warp cannot bring, such as the colour of a sleeve that it did not
    reach, is found by likeness of the features. It starts as the identity.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Conv2d(channels, channels, 1)
        self.key_value = nn.Conv2d(channels, 2 * channels, 1)
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, reference: Tensor) -> Tensor:
        """Args: x, reference (N, C, H, W) each. Returns like x."""
        key, value = self.key_value(reference).chunk(2, 1)
        found = F.scaled_dot_product_attention(
            *map(self._tokens, (self.query(x), key, value))
        )
        return x + self.out(found.transpose(2, 3).reshape(x.shape))

    def _tokens(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, heads, H * W, C / heads)."""
        n, channels = x.shape[:2]
        x = x.reshape(n, self.heads, channels // self.heads, -1)
        return x.transpose(2, 3)


def _elsewhere(trust: Tensor) -> Tensor:
    """Whether a copy is of another place: 0 at the very place, soon 1."""
    return 1 - trust.clamp(max=1) ** 4


def _blocks(channels: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(_Block(channels) for _ in range(count)))


class _Encoder(nn.Module):
    """A stem, then blocks and a halving of the size, level by level."""

    def __init__(
        self, in_channels: int, channels: Sequence[int], blocks: Sequence[int]
    ) -> None:
        super().__init__()
        self.stem = nn.Conv2d(in_channels, channels[0], 3, padding=1)
        self.blocks = nn.ModuleList(map(_blocks, channels, blocks))
        self.downsamples = nn.ModuleList(
            nn.Conv2d(a, b, 2, 2)
            for a, b in zip(channels, channels[1:], strict=False)
        )

    def forward(
        self, x: Tensor, enrich: Callable[[Tensor, int], Tensor] | None = None
    ) -> list[Tensor]:
        """Features of every level, finest first.

        Args:
            x (Tensor): (N, C, H, W).
            enrich (Callable, optional): Adds to the features of a level
                before its blocks.
        """
        x, features = self.stem(x), []
        for level, blocks in enumerate(self.blocks):
            if level:
                x = self.downsamples[level - 1](x)
            if enrich is not None:
                x = enrich(x, level)
            x = blocks(x)
            features.append(x)
        return features


@MODELS.register_module()
class CompletionGenerator(nn.Module):
    """From what a warp brings to the whole picture.

    Thin layers at full resolution waste a CPU: pixels of a square of
    ``shuffle`` x ``shuffle`` become channels, a dual-path U-Net with many
    channels works on the coarse grid, and its result is shuffled back. Fine
    detail is not its business: it is copied, by weights that the network
    decides for every pixel. It begins by changing next to nothing.

    One encoder sees the warped reference, the reference's background, what
    the surface usually looks like and the target's pose; the other one the
    reference's person. The reference's
    features reach the target warped by the flow at every level, where the
    flow is known, and by attention at the coarsest; never unwarped, which
    would leave a ghost of the reference in the picture.

    Args:
        channels (Sequence[int]): Of each level, finest first.
        blocks (Sequence[int]): Residual blocks of each level, in the
            encoders and in the decoder.
        shuffle (int): Side of the squares; inputs are multiples of ``shuffle
            * 2 ** (len(channels) - 1)``.
        pose_channels (int): Of a pose map.
        heads (int): Of the attention.

    Raises:
        ValueError: If ``channels`` and ``blocks`` differ in length.
    """

    def __init__(
        self,
        channels: Sequence[int] = (64, 128, 256),
        blocks: Sequence[int] = (1, 1, 2),
        shuffle: int = 4,
        pose_channels: int = 18,
        heads: int = 4,
    ) -> None:
        super().__init__()
        if len(channels) != len(blocks):
            raise UserValueError(
                f"expected as many 'blocks' as 'channels', got {blocks} and "
                f'{channels}'
            )
        self.shuffle = shuffle
        squares = shuffle**2
        # Copied, background and prior in colour, trust, body, belief.
        self.target_encoder = _Encoder(
            12 * squares + pose_channels, channels, blocks
        )
        # The person in colour, and where it is.
        self.reference_encoder = _Encoder(
            4 * squares + pose_channels, channels, blocks
        )
        self.texture = TexturePrior(channels[0], channels[-1])
        self.mixes = nn.ModuleList(nn.Conv2d(2 * c, c, 1) for c in channels)
        self.attention = _CrossAttention(channels[-1], heads)
        self.upsamples = nn.ModuleList(
            nn.Conv2d(b, 4 * a, 1)
            for a, b in zip(channels, channels[1:], strict=False)
        )
        self.decoder = nn.ModuleList(map(_blocks, channels, blocks))
        self.head = nn.Conv2d(
            channels[0],
            (_MADE + _COPY + _PERSON) * squares,
            3,
            padding=1,
        )
        nn.init.normal_(self.head.weight, std=1e-4)
        nn.init.zeros_(self.head.bias)

    @property
    def divisor(self) -> int:
        """What height and width have to be multiples of."""
        return self.shuffle * 2 ** len(self.upsamples)

    def forward(
        self,
        copied: Tensor,
        trust: Tensor,
        known: Tensor,
        body: Tensor,
        background: Tensor,
        tgt_pose: Tensor,
        ref_img: Tensor,
        ref_person: Tensor,
        ref_pose: Tensor,
        flow: Tensor,
        surface: Tensor,
    ) -> CompletedPicture:
        """Complete a batch of pictures. Images are RGB in [-1, 1].

        Args:
            copied (Tensor): The reference, warped, filled in where
                nothing was found, (N, 3, H, W).
            trust (Tensor): How near to the very point it was copied from, in
                [0, 1], (N, 1, H, W).
            known (Tensor): 1 where something was copied, else 0,
                (N, 1, H, W).
            body (Tensor): 1 on the target's body, else 0, (N, 1, H, W).
            background (Tensor): The reference without its person,
                (N, 3, H, W).
            tgt_pose, ref_pose (Tensor): Pose maps, (N, C, H, W).
            ref_img (Tensor): (N, 3, H, W).
            ref_person (Tensor): Share of the person, (N, 1, H, W).
            flow (Tensor): That of ``copied``, (N, 2, H, W) in pixels.
            surface (Tensor): Of the target, see :class:`TexturePrior`.

        Returns:
            CompletedPicture: Of the same size.
        """
        self._check(copied)
        reference = self.reference_encoder(
            self._squares(ref_img * ref_person, ref_person, pose=ref_pose)
        )
        flows = flow_pyramid(
            F.avg_pool2d(flow, self.shuffle) / self.shuffle, len(reference)
        )
        gates = F.avg_pool2d(known, self.shuffle)

        def enrich(x: Tensor, level: int) -> Tensor:
            gate = F.avg_pool2d(gates, 2**level)
            warped = flow_warp(reference[level], flows[level], gate)
            return self.mixes[level](torch.cat([x, warped.to(x.dtype)], 1))

        prior, belief = self.texture(reference, ref_img, ref_person, surface)
        skips = self.target_encoder(
            self._squares(
                copied, background, trust, body, prior, belief, pose=tgt_pose
            ),
            enrich,
        )
        x = self.attention(skips.pop(), reference[-1])
        x = self.decoder[-1](x)
        for level in reversed(range(len(skips))):
            x = F.pixel_shuffle(self.upsamples[level](x), 2) + skips[level]
            x = self.decoder[level](x)
        y = at_least_float32(F.pixel_shuffle(self.head(x), self.shuffle))
        change, copying, person = y.split([_MADE, _COPY, _PERSON], 1)
        start = torch.lerp(
            self._blurred(copied), prior, belief * _elsewhere(trust)
        )
        return CompletedPicture(start + change, copying, person, prior)

    def _blurred(self, img: Tensor) -> Tensor:
        """Mean colours of squares, between whose centres it is smooth."""
        return F.interpolate(
            F.avg_pool2d(img, self.shuffle),
            scale_factor=self.shuffle,
            mode='bilinear',
            align_corners=False,
        )

    def _squares(self, *maps: Tensor, pose: Tensor) -> Tensor:
        """Maps with their squares as channels, and a pooled pose map."""
        full = F.pixel_unshuffle(torch.cat(maps, 1), self.shuffle)
        x = torch.cat([full, F.avg_pool2d(pose, self.shuffle)], 1)
        return x.contiguous(memory_format=torch.channels_last)

    def _check(self, x: Tensor) -> None:
        if x.shape[-2] % self.divisor or x.shape[-1] % self.divisor:
            raise UserValueError(
                f'expected height and width in multiples of {self.divisor}, '
                f'got {tuple(x.shape[-2:])}: set pad_size_divisor='
                f'{self.divisor} in the data_preprocessor'
            )
