"""ResNet with bottlenecks, as torchvision publishes it.

He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, with the
stride in a block's 3x3 convolution. Modules are called as in torchvision, so
that a published file's state dict is the network's.
"""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ['ResNet']

_STEM, _EXPANSION = 64, 4


class _Bottleneck(nn.Module):
    """Narrow, filter, widen; add the input, brought to the same size."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        after = width * _EXPANSION
        self.conv1 = nn.Conv2d(before, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, after, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(after)
        self.downsample = (
            nn.Identity()
            if stride == 1 and before == after
            else nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False),
                nn.BatchNorm2d(after),
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """Args: x (N, before, H, W). Returns (N, after, H / s, W / s)."""
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + self.downsample(x))


class ResNet(nn.Module):
    """ResNet-50 and deeper up to the pooled features, and the classifier.

    Args:
        depths (Sequence[int]): Blocks of the four stages; (3, 4, 6, 3) is
            ResNet-50, (3, 4, 23, 3) ResNet-101.
        width (int): Channels of the first stage's 3x3 convolutions; 64 as
            published.
        num_classes (int): Classes of the classifier.

    Examples:
        >>> network = ResNet((1, 1, 1, 1)).eval()
        >>> network.pooled(torch.zeros(1, 3, 64, 48)).shape
        torch.Size([1, 2048])
    """

    def __init__(
        self,
        depths: Sequence[int] = (3, 4, 6, 3),
        width: int = 64,
        num_classes: int = 1000,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, _STEM, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(_STEM)
        before = _STEM
        for number, depth in enumerate(depths):
            narrow = width * 2**number
            blocks = []
            for place in range(depth):
                stride = 2 if number and not place else 1
                blocks.append(_Bottleneck(before, narrow, stride))
                before = narrow * _EXPANSION
            setattr(self, f'layer{number + 1}', nn.Sequential(*blocks))
        self.num_stages = len(depths)
        self.pooled_features = before
        self.fc = nn.Linear(before, num_classes)

    def pooled(self, x: Tensor) -> Tensor:
        """A picture as one vector.

        Args:
            x: RGB as the weights expect it, (N, 3, H, W).

        Returns:
            Tensor: (N, 2048), the mean over the last stage's pixels.
        """
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.max_pool2d(x, 3, 2, 1)
        for number in range(1, self.num_stages + 1):
            x = getattr(self, f'layer{number}')(x)
        return x.mean((2, 3))
