"""The VUnet: a U-Net from a pose, with latents for what the pose lacks."""

from collections.abc import Sequence
from math import log2
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ...precision import at_least_float32
from .layers import (
    Downsample,
    ResidualBlock,
    Upsample,
    WeightNormConv2d,
    sampled,
)
from .prior import AutoregressivePrior

__all__ = ['VUNetGenerator', 'VUNetOutput']


class VUNetOutput(NamedTuple):
    """What the generator makes.

    Args:
        img (Tensor): RGB, linear and so not bound to [-1, 1], (N, 3, H, W).
        posteriors (list[Tensor]): Means of the latents given the appearance,
            the coarsest first, (N, C, h, w).
        priors (list[Tensor]): Means given the pose alone, of these shapes.
    """

    img: Tensor
    posteriors: list[Tensor]
    priors: list[Tensor]


class Pyramid(nn.Module):
    """Two residual blocks a level, with a strided convolution between two.

    Args:
        in_channels (int): Of the input.
        channels (Sequence[int]): Of the levels, finest first.
        dropout (float): See :class:`ResidualBlock`.
    """

    def __init__(
        self, in_channels: int, channels: Sequence[int], dropout: float
    ) -> None:
        super().__init__()
        self.stem = WeightNormConv2d(in_channels, channels[0], 1)
        self.first, self.second = (
            nn.ModuleList(ResidualBlock(c, dropout=dropout) for c in channels)
            for _ in range(2)
        )
        self.downsamples = nn.ModuleList(
            Downsample(*pair)
            for pair in zip(channels[:-1], channels[1:], strict=True)
        )

    def forward(self, x: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Encode (N, in_channels, H, W).

        Returns:
            list[tuple[Tensor]]: The outputs of both blocks of every level,
            finest first, level l of 1 / 2^l of the size.
        """
        x, features = self.stem(x), []
        for level, (first, second) in enumerate(
            zip(self.first, self.second, strict=True)
        ):
            if level:
                x = self.downsamples[level - 1](x)
            x = first(x)
            features.append((x, second(x)))
            x = features[-1][1]
        return features


class Posterior(nn.Module):
    """From the appearance to the means of the latents, coarsest first.

    Args:
        channels (Sequence[int]): Of the pyramid's levels, finest first.
        num_latents (int): At so many of the coarsest levels.
        dropout (float): See :class:`ResidualBlock`.
    """

    def __init__(
        self, channels: Sequence[int], num_latents: int, dropout: float
    ) -> None:
        super().__init__()
        coarse = channels[::-1][:num_latents]  # coarsest first
        self.stem = WeightNormConv2d(coarse[0], coarse[0], 1)
        self.blocks = nn.ModuleList(
            ResidualBlock(c, c, dropout) for c in coarse
        )
        self.heads = nn.ModuleList(WeightNormConv2d(c, c) for c in coarse)
        # What the next latent depends on.
        self.mixes = nn.ModuleList(
            ResidualBlock(c, 2 * c, dropout) for c in coarse[:-1]
        )
        self.upsamples = nn.ModuleList(
            Upsample(*pair)
            for pair in zip(coarse[:-1], coarse[1:], strict=True)
        )

    def forward(
        self, features: list[tuple[Tensor, Tensor]]
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Means and latents: drawn in training, else the means themselves.

        Args:
            features (list[tuple[Tensor]]): Of a :class:`Pyramid`.
        """
        means, latents = [], []
        h = self.stem(features[-1][1])
        for i, block in enumerate(self.blocks):
            first, second = features[-1 - i]
            h = block(h, second)
            means.append(at_least_float32(self.heads[i](h)))
            latents.append(sampled(means[-1]) if self.training else means[-1])
            if i < len(self.mixes):
                known = torch.cat([first, latents[-1].to(first.dtype)], 1)
                h = self.upsamples[i](self.mixes[i](h, known))
        return means, latents


class Decoder(nn.Module):
    """From the features of a pose and latents to a picture.

    Args:
        channels (Sequence[int]): Of the levels, finest first.
        num_latents (int): At so many of the coarsest levels.
        out_channels (int): Of the picture.
        dropout (float): See :class:`ResidualBlock`.
    """

    def __init__(
        self,
        channels: Sequence[int],
        num_latents: int,
        out_channels: int,
        dropout: float,
    ) -> None:
        super().__init__()
        down = channels[::-1]  # coarsest first
        self.stem = WeightNormConv2d(down[0], down[0], 1)
        self.first, self.second = (
            nn.ModuleList(ResidualBlock(c, c, dropout) for c in down)
            for _ in range(2)
        )
        self.priors = nn.ModuleList(
            AutoregressivePrior(c, dropout) for c in down[:num_latents]
        )
        self.mixes = nn.ModuleList(
            WeightNormConv2d(2 * c, c, 1) for c in down[:num_latents]
        )
        self.upsamples = nn.ModuleList(
            Upsample(*pair) for pair in zip(down[:-1], down[1:], strict=True)
        )
        self.head = WeightNormConv2d(down[-1], out_channels)

    def forward(
        self,
        features: list[tuple[Tensor, Tensor]],
        latents: list[Tensor] | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        """Decode.

        Args:
            features (list[tuple[Tensor]]): Of a :class:`Pyramid`.
            latents (list[Tensor], optional): Coarsest first; by default they
                are drawn from the prior.

        Returns:
            tuple: The picture, (N, out_channels, H, W), and the means of the
            prior, coarsest first.
        """
        means = []
        h = self.stem(features[-1][1])
        for i in range(len(self.first)):
            first, second = features[-1 - i]
            h = self.first[i](h, second)
            if i < len(self.priors):
                given = None if latents is None else latents[i]
                mean, latent = self.priors[i](h, given)
                means.append(mean)
                h = self.mixes[i](torch.cat([h, latent.to(h.dtype)], 1))
            h = self.second[i](h, first)
            if i < len(self.upsamples):
                h = self.upsamples[i](h)
        return at_least_float32(self.head(F.elu(h))), means


@MODELS.register_module()
class VUNetGenerator(nn.Module):
    """Pose and appearance to a picture, by a conditional variational U-Net.

    The pose is encoded by a U-Net whose skips keep places; the appearance,
    body parts cut out of their places, comes in by latents at the coarsest
    levels only. Latents are Gaussians of unit variance around a mean, which
    the appearance gives (posterior) and the pose predicts (prior).

    Args:
        pose_channels (int): Of the picture of the pose.
        crop_channels (int): Of the body parts: three each.
        image_channels (int): Of the result.
        base_channels (int): Of the finest level; they double.
        max_channels (int): Upper bound.
        num_levels (int): 1 + log2(height) - 2 in the paper: 7 at 256.
        num_latents (int): Levels with latents, from the coarsest up.
        crop_factor (int): How many times smaller than the picture the crops
            are, a power of two: their pyramid ends at the same size.
        dropout (float): Share of activations that training drops.

    Raises:
        ValueError: If the crops are too small for the latents.
    """

    def __init__(
        self,
        pose_channels: int = 3,
        crop_channels: int = 24,
        image_channels: int = 3,
        base_channels: int = 32,
        max_channels: int = 128,
        num_levels: int = 7,
        num_latents: int = 2,
        crop_factor: int = 4,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        levels = num_levels - log2(crop_factor)
        if levels != int(levels) or levels < num_latents:
            raise UserValueError(
                f'crop_factor must be a power of two that leaves {num_latents}'
                f' levels (num_latents) of {num_levels} (num_levels), got '
                f'{crop_factor}'
            )
        channels = [
            min(base_channels * 2**level, max_channels)
            for level in range(num_levels)
        ]
        # Both end in latents of the same widths.
        narrow = channels[-int(levels) :]
        self.crop_factor, self.crop_channels = crop_factor, crop_channels
        self.shape = Pyramid(pose_channels, channels, dropout)
        self.appearance = Pyramid(crop_channels, narrow, dropout)
        self.posterior = Posterior(narrow, num_latents, dropout)
        self.decoder = Decoder(channels, num_latents, image_channels, dropout)

    def forward(self, pose: Tensor, crops: Tensor) -> VUNetOutput:
        """Make the picture of an appearance in a pose.

        Latents are drawn from the posterior in training, else its means.

        Args:
            pose (Tensor): Picture of the skeleton, (N, 3, H, W).
            crops (Tensor): Body parts, (N, crop_channels, H / crop_factor,
                W / crop_factor).
        """
        means, latents = self.posterior(self.appearance(crops))
        img, priors = self.decoder(self.shape(pose), latents)
        return VUNetOutput(img, means, priors)

    def sample(self, pose: Tensor) -> Tensor:
        """Make a picture of somebody in a pose, drawn from the prior.

        Args:
            pose (Tensor): Picture of the skeleton, (N, 3, H, W).

        Returns:
            Tensor: Linear RGB, (N, 3, H, W).
        """
        return self.decoder(self.shape(pose))[0]
