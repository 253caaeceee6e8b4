"""EfficientNet-Lite: EfficientNet without squeeze-excitation, with ReLU6.

Tan & Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks", ICML 2019; the Lite variants are those of TensorFlow's TPU
repository. Modules are called as in the published PyTorch files, so that a
file's state dict is the network's.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ['LITE_STAGES', 'EfficientNetLite']

_STEM, _HEAD = 32, 1280


class _Stage(NamedTuple):
    """Blocks of one resolution, before width and depth are scaled."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)
#: Number of stages. Their features have 1/2, 1/4, 1/8, 1/16, 1/16, 1/32 and
#: 1/32 of the image's size, rounded up.
LITE_STAGES = len(_STAGES)


class SameConv2d(nn.Conv2d):
    """Convolution with TensorFlow's padding: 1 / stride of the size, up.

    Of an odd number of border pixels the greater part is at the end.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Args: x (N, C, H, W). Returns (N, C', ceil(H / s), ceil(W / s))."""
        tops, ends = zip(
            *(
                _borders(size, kernel, stride)
                for size, kernel, stride in zip(
                    x.shape[-2:], self.kernel_size, self.stride, strict=True
                )
            ),
            strict=True,
        )
        if tops != ends:  # padding that no convolution does by itself
            x = F.pad(x, (tops[1], ends[1], tops[0], ends[0]))
            tops = (0, 0)
        return F.conv2d(
            x, self.weight, self.bias, self.stride, tops, groups=self.groups
        )


def _borders(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """How many pixels of zeros stand before and behind one axis."""
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def _convolution(
    before: int, after: int, kernel: int, stride: int = 1, groups: int = 1
) -> SameConv2d:
    return SameConv2d(before, after, kernel, stride, groups=groups, bias=False)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; add the input where it fits."""

    def __init__(
        self, before: int, after: int, kernel: int, stride: int, expansion: int
    ) -> None:
        super().__init__()
        wide = before * expansion
        self.expands = expansion != 1
        self.adds = stride == 1 and before == after
        if self.expands:
            self._expand_conv = _convolution(before, wide, 1)
            self._bn0 = _norm(wide)
        self._depthwise_conv = _convolution(wide, wide, kernel, stride, wide)
        self._bn1 = _norm(wide)
        self._project_conv = _convolution(wide, after, 1)
        self._bn2 = _norm(after)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x (N, before, H, W). Returns (N, after, ...)."""
        y = x
        if self.expands:
            y = F.relu6(self._bn0(self._expand_conv(y)))
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class EfficientNetLite(nn.Module):
    """EfficientNet-Lite, a small classifier whose features are of use.

    Convention: images are RGB in [-1, 1], as everywhere inside models. The
    network was trained on ``(p - 127) / 128`` for bytes p; that is done here.

    Args:
        width (float): Factor of channels: 1.0 for lite0 and lite1, 1.1 for
            lite2.
        depth (float): Factor of repeated blocks: 1.0 for lite0, 1.1 for
            lite1, 1.2 for lite2.
        num_classes (int): Classes of the classifier.

    Examples:
        >>> import torch
        >>> network = EfficientNetLite().eval()
        >>> features = network(torch.zeros(1, 3, 64, 48))
        >>> [tuple(f.shape[1:]) for f in features][:3]
        [(16, 32, 24), (24, 16, 12), (40, 8, 6)]
        >>> network.logits(torch.zeros(1, 3, 64, 48)).shape
        torch.Size([1, 1000])
    """

    def __init__(
        self, width: float = 1.0, depth: float = 1.0, num_classes: int = 1000
    ) -> None:
        super().__init__()
        self._conv_stem = _convolution(3, _STEM, 3, 2)
        self._bn0 = _norm(_STEM)
        self._blocks = nn.ModuleList()
        self.stage_ends: list[int] = []
        self.stage_channels: list[int] = []
        channels = _STEM
        for index, stage in enumerate(_STAGES):
            after = _scaled_channels(stage.channels, width)
            fixed = index in (0, LITE_STAGES - 1)  # in all Lite variants
            repeats = stage.repeats
            for number in range(
                repeats if fixed else math.ceil(repeats * depth)
            ):
                stride = 1 if number else stage.stride
                self._blocks.append(
                    InvertedResidual(
                        channels, after, stage.kernel, stride, stage.expansion
                    )
                )
                channels = after
            self.stage_ends.append(len(self._blocks))
            self.stage_channels.append(channels)
        self._conv_head = _convolution(channels, _HEAD, 1)
        self._bn1 = _norm(_HEAD)
        self._fc = nn.Linear(_HEAD, num_classes)

    def forward(
        self, img: Tensor, stages: Sequence[int] = range(LITE_STAGES)
    ) -> list[Tensor]:
        """Features at the end of stages; nothing behind the last is computed.

        Args:
            img: RGB in [-1, 1], (N, 3, H, W).
            stages: Which stages, 0 to 6, in increasing order.

        Returns:
            list[Tensor]: One for each stage, (N, C, H', W'), without a
            non-linearity at the end, as the blocks have none.
        """
        # (255 (img + 1) / 2 - 127) / 128
        x = (img * 127.5 + 0.5) / 128
        x = F.relu6(self._bn0(self._conv_stem(x)))
        features, start = [], 0
        for stage in range(max(stages, default=-1) + 1):
            for block in self._blocks[start : self.stage_ends[stage]]:
                x = block(x)
            start = self.stage_ends[stage]
            if stage in stages:
                features.append(x)
        return features

    def pooled(self, img: Tensor) -> Tensor:
        """The image as one vector, (N, 1280); see `forward`."""
        return self.pooled_and_stages(img, ())[0]

    def pooled_and_stages(
        self, img: Tensor, stages: Sequence[int]
    ) -> tuple[Tensor, list[Tensor]]:
        """The image as one vector, and features of stages, in one pass.

        Args:
            img: RGB in [-1, 1], (N, 3, H, W).
            stages: Which stages, 0 to 6, in increasing order.

        Returns:
            tuple[Tensor, list[Tensor]]: (N, 1280); see `forward`.
        """
        last = LITE_STAGES - 1
        *features, x = self(img, sorted({*stages, last}))
        if last in stages:
            features.append(x)
        pooled = F.relu6(self._bn1(self._conv_head(x))).mean((2, 3))
        return pooled, features

    def logits(self, img: Tensor) -> Tensor:
        """Logits of the classes, (N, num_classes); see `forward`."""
        return self._fc(self.pooled(img))


def _scaled_channels(channels: int, width: float) -> int:
    """Channels times a factor, as a multiple of 8, at most 10 % fewer."""
    scaled = channels * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded
