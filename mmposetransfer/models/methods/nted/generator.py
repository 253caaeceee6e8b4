"""NTED's generator: encoders of both, and a decoder that asks for textures."""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ...backbones import doubled_channels
from ...padding import check_size
from .layers import BlurDown, EqualConv2d, UpConv2d, activate, upsample
from .textures import TextureDistribution, TextureExtraction

__all__ = ['NTEDGenerator', 'TextureAttention']

# Textures are taken twice a level, for the two convolutions of the decoder.
PER_LEVEL = 2


class TextureAttention(NamedTuple):
    """Where one set of textures comes from, and where it goes.

    Attributes:
        extraction (Tensor): Weights of the reference's places for each
            texture, (N, K, h w).
        distribution (Tensor): Scores of the textures at each place of the
            target, before their softmax, (N, K, h, w).
    """

    extraction: Tensor
    distribution: Tensor


class _Encoder(nn.ModuleList):
    """A 1x1 convolution, then half the size at each level."""

    def __init__(self, in_channels, channels):
        super().__init__(
            [
                EqualConv2d(in_channels, channels[0], 1),
                *map(BlurDown, channels[:-1], channels[1:]),
            ]
        )

    def forward(self, x):
        """Features of all levels, finest first."""
        features = []
        for layer in self:
            x = activate(layer(x))
            features.append(x)
        return features


@MODELS.register_module()
class NTEDGenerator(nn.Module):
    """Textures out of the reference, onto the target's pose (NTED, Sec. 3).

    At each level but the finest, attention takes a number of vectors, the
    neural textures, from the reference's features, each a mean over places
    of the same meaning, such as hair or sleeves. The decoder begins with the
    encoded pose; each of its convolutions says of each place which textures
    it shows, and they are added. The picture is a sum over levels, each
    twice as large as that before.

    Args:
        pose_channels (int): Of a pose map.
        base_channels (int): Channels at full size, doubled a level.
        max_channels (int): Upper bound of them.
        num_levels (int): Times that the size is halved.
        num_textures (Sequence[int]): Textures of the levels 1 (half of the
            size), 2, ...; as many as ``num_levels``.
        match_kernels (Sequence[int]): Side of the filters of these levels.
        bias_last (bool): Whether the biases of the decoder are added after
            the textures, as in the authors' code, or before.
        feature_length (float): See :class:`TextureExtraction`.
        pose_scale (float): Factor of the pose maps. Layers of equalised
            learning rates are made for inputs of unit variance; that of a
            map with a few small discs is about 1 / 600, and what the pose has
            to say is lost among textures until the encoder has grown.

    Raises:
        ValueError: If there are not as many of each, or a filter has no
            middle.
    """

    def __init__(
        self,
        pose_channels: int = 18,
        base_channels: int = 128,
        max_channels: int = 512,
        num_levels: int = 4,
        num_textures: Sequence[int] = (64, 64, 32, 16),
        match_kernels: Sequence[int] = (3, 3, 3, 1),
        bias_last: bool = False,
        feature_length: float = 1.0,
        pose_scale: float = 1.0,
    ) -> None:
        super().__init__()
        self.bias_last = bias_last
        self._check(num_levels, num_textures, match_kernels)
        self.pose_scale = pose_scale
        channels = doubled_channels(
            base_channels, max_channels, num_levels + 1
        )
        self.ref_encoder = _Encoder(3, channels)
        self.pose_encoder = _Encoder(pose_channels, channels)
        self.extractions, self.distributions = nn.ModuleList(), nn.ModuleList()
        levels = zip(channels[1:], num_textures, match_kernels, strict=True)
        for sizes in levels:
            self.extractions.append(
                nn.ModuleList(
                    TextureExtraction(*sizes, feature_length)
                    for _ in range(PER_LEVEL)
                )
            )
            self.distributions.append(
                nn.ModuleList(
                    TextureDistribution(*sizes) for _ in range(PER_LEVEL)
                )
            )
        self.convs, self.to_rgb = nn.ModuleList(), nn.ModuleList()
        for level, width in enumerate(channels):
            first = (
                EqualConv2d(width, width, 3)
                if level == num_levels
                else UpConv2d(channels[level + 1], width)
            )
            self.convs.append(
                nn.ModuleList([first, EqualConv2d(width, width, 3)])
            )
            self.to_rgb.append(EqualConv2d(width, 3, 3))

    @staticmethod
    def _check(num_levels, num_textures, match_kernels):
        for name, given in (
            ('num_textures', num_textures),
            ('match_kernels', match_kernels),
        ):
            if len(given) != num_levels:
                raise UserValueError(
                    f'{name} must have a number for each of {num_levels=} '
                    f'levels, got {tuple(given)}'
                )
        if any(size % 2 == 0 for size in match_kernels):
            raise UserValueError(
                f'match_kernels must be odd, got {tuple(match_kernels)}'
            )

    def forward(
        self, ref_img: Tensor, tgt_pose: Tensor
    ) -> tuple[Tensor, list[TextureAttention]]:
        """Make the picture.

        Args:
            ref_img (Tensor): RGB in [-1, 1], (N, 3, H, W); H and W are
                multiples of 2^num_levels.
            tgt_pose (Tensor): (N, pose_channels, H, W).

        Returns:
            tuple[Tensor, list[TextureAttention]]: RGB, (N, 3, H, W), which
            may go beyond [-1, 1]; and of each set of textures where it comes
            from and goes.

        Raises:
            ValueError: If height or width cannot be halved so often.
        """
        check_size(ref_img, len(self.extractions))
        features = self.ref_encoder(ref_img)
        x = self.pose_encoder(self.pose_scale * tgt_pose)[-1]
        img, attentions = None, []
        for level in range(len(self.convs) - 1, -1, -1):
            for index, conv in enumerate(self.convs[level]):
                x = conv.unbiased(x) if self.bias_last else conv(x)
                if level:
                    extraction = self.extractions[level - 1][index]
                    distribution = self.distributions[level - 1][index]
                    textures, weights = extraction(features[level])
                    x, scores = distribution(x, textures)
                    attentions.append(TextureAttention(weights, scores))
                x = activate(conv.add_bias(x) if self.bias_last else x)
            rgb = self.to_rgb[level](x)
            img = rgb if img is None else rgb + upsample(img)
        return img, attentions
