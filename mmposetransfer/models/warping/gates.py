"""What happens to warped features, given which of them are visible.

A gate takes warped features (N, C, H, W) and visibility classes
(N, 1, H, W), 0 visible, 1 invisible, 2 background, and returns features of
the same shape. Every gate is built with ``channels``.
"""

import torch
from torch import nn

from mmposetransfer.registry import MODELS
from mmposetransfer.structures.visibility import INVISIBLE, VISIBLE

from ..backbones.blocks import ResidualBlock

__all__ = [
    'HardGate',
    'PlainGate',
    'ResidualGate',
    'ResidualGateNoVis',
    'SoftGate',
    'split_by_visibility',
]


def split_by_visibility(x, visibility):
    """Visible and invisible part of features as separate channels.

    The paper's spatial gating layer (Sec. 3.4): the two parts exclude each
    other and the background is zero in both.

    Args:
        x (Tensor): (N, C, H, W).
        visibility (Tensor): (N, 1, H, W).

    Returns:
        Tensor: (N, 2C, H, W).
    """
    return torch.cat(
        [x * (visibility == VISIBLE), x * (visibility == INVISIBLE)], 1
    )


@MODELS.register_module()
class PlainGate(nn.Module):
    """No gate: warped features as they are.

    Args:
        channels (int): Channels of the features (not used).
    """

    def __init__(self, channels):
        super().__init__()

    def forward(self, x, visibility):
        """Return ``x``."""
        return x


@MODELS.register_module()
class HardGate(nn.Module):
    """Keep what belongs to the body, zero the background.

    Args:
        channels (int): Channels of the features (not used).
    """

    def __init__(self, channels):
        super().__init__()

    def forward(self, x, visibility):
        """Args: x (N, C, H, W), visibility (N, 1, H, W)."""
        return x * (visibility < 2)


@MODELS.register_module()
class SoftGate(nn.Module):
    """A learnt mask in (0, 1), from visible and invisible features.

    Args:
        channels (int): Channels of the features.
    """

    def __init__(self, channels):
        super().__init__()
        self.mask = nn.Sequential(
            nn.ReLU(), nn.Conv2d(2 * channels, channels, 1), nn.Sigmoid()
        )

    def forward(self, x, visibility):
        """Args: x (N, C, H, W), visibility (N, 1, H, W)."""
        return x * self.mask(split_by_visibility(x, visibility))


@MODELS.register_module()
class ResidualGate(nn.Module):
    """Residual block that sees visible and invisible features apart.

    The paper's feature warping module (Fig. 5) and the default.

    Args:
        channels (int): Channels of the features.
    """

    def __init__(self, channels):
        super().__init__()
        self.block = ResidualBlock(channels, 2 * channels)

    def forward(self, x, visibility):
        """Args: x (N, C, H, W), visibility (N, 1, H, W)."""
        return self.block(x, split_by_visibility(x, visibility))


@MODELS.register_module()
class ResidualGateNoVis(nn.Module):
    """Residual block that knows no visibility.

    The paper's ablation "w/o visibility" (Table 3).

    Args:
        channels (int): Channels of the features.
    """

    def __init__(self, channels):
        super().__init__()
        self.block = ResidualBlock(channels)

    def forward(self, x, visibility):
        """Args: x (N, C, H, W); visibility is not used."""
        return self.block(x)
