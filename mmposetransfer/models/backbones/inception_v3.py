"""Inception-v3, in the two versions that distances between sets use.

Szegedy et al., "Rethinking the Inception Architecture for Computer Vision",
CVPR 2016. Modules are called as in torchvision, after which both published
files are made. The version of FID (Heusel et al., 2017) is the TensorFlow
graph of December 2015: its average pooling does not count the border, and its
last block has a maximum where the paper has a mean.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

__all__ = ['INCEPTION_FEATURES', 'InceptionV3']

#: Length of the vector of a picture.
INCEPTION_FEATURES = 2048


class _Convolution(nn.Module):
    """Convolution, normalisation, ReLU."""

    def __init__(
        self,
        before: int,
        after: int,
        kernel: int | tuple[int, int] = 1,
        stride: int = 1,
        padding: int | tuple[int, int] = 0,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            before, after, kernel, stride, padding, bias=False
        )
        self.bn = nn.BatchNorm2d(after, eps=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)))

    def fold(self) -> None:
        """Let the convolution do what the normalisation does."""
        self.conv = fuse_conv_bn_eval(self.conv, self.bn)
        self.bn = nn.Identity()


def _row(before: int, after: int, size: int) -> _Convolution:
    """A kernel of one row, which keeps the size."""
    return _Convolution(before, after, (1, size), padding=(0, size // 2))


def _column(before: int, after: int, size: int) -> _Convolution:
    """A kernel of one column, which keeps the size."""
    return _Convolution(before, after, (size, 1), padding=(size // 2, 0))


def _pooled(x: Tensor, pooling: str) -> Tensor:
    """3x3 pooling that keeps the size: 'mean', 'inner mean' or 'max'."""
    if pooling == 'max':
        return F.max_pool2d(x, 3, stride=1, padding=1)
    return F.avg_pool2d(
        x, 3, stride=1, padding=1, count_include_pad=pooling == 'mean'
    )


class _InceptionA(nn.Module):
    """The blocks of 35x35 pixels."""

    def __init__(self, before: int, pool_features: int, pooling: str) -> None:
        super().__init__()
        self.pooling = pooling
        self.branch1x1 = _Convolution(before, 64)
        self.branch5x5_1 = _Convolution(before, 48)
        self.branch5x5_2 = _Convolution(48, 64, 5, padding=2)
        self.branch3x3dbl_1 = _Convolution(before, 64)
        self.branch3x3dbl_2 = _Convolution(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = _Convolution(96, 96, 3, padding=1)
        self.branch_pool = _Convolution(before, pool_features)

    def forward(self, x: Tensor) -> Tensor:
        double = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        branches = [
            self.branch1x1(x),
            self.branch5x5_2(self.branch5x5_1(x)),
            self.branch3x3dbl_3(double),
            self.branch_pool(_pooled(x, self.pooling)),
        ]
        return torch.cat(branches, 1)


class _InceptionB(nn.Module):
    """From 35x35 to 17x17 pixels."""

    def __init__(self, before: int) -> None:
        super().__init__()
        self.branch3x3 = _Convolution(before, 384, 3, 2)
        self.branch3x3dbl_1 = _Convolution(before, 64)
        self.branch3x3dbl_2 = _Convolution(64, 96, 3, padding=1)
        self.branch3x3dbl_3 = _Convolution(96, 96, 3, 2)

    def forward(self, x: Tensor) -> Tensor:
        double = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        branches = [
            self.branch3x3(x),
            self.branch3x3dbl_3(double),
            F.max_pool2d(x, 3, stride=2),
        ]
        return torch.cat(branches, 1)


class _InceptionC(nn.Module):
    """The blocks of 17x17 pixels."""

    def __init__(self, before: int, middle: int, pooling: str) -> None:
        super().__init__()
        self.pooling = pooling
        self.branch1x1 = _Convolution(before, 192)
        self.branch7x7_1 = _Convolution(before, middle)
        self.branch7x7_2 = _row(middle, middle, 7)
        self.branch7x7_3 = _column(middle, 192, 7)
        self.branch7x7dbl_1 = _Convolution(before, middle)
        self.branch7x7dbl_2 = _column(middle, middle, 7)
        self.branch7x7dbl_3 = _row(middle, middle, 7)
        self.branch7x7dbl_4 = _column(middle, middle, 7)
        self.branch7x7dbl_5 = _row(middle, 192, 7)
        self.branch_pool = _Convolution(before, 192)

    def forward(self, x: Tensor) -> Tensor:
        single = self.branch7x7_2(self.branch7x7_1(x))
        double = self.branch7x7dbl_2(self.branch7x7dbl_1(x))
        double = self.branch7x7dbl_4(self.branch7x7dbl_3(double))
        branches = [
            self.branch1x1(x),
            self.branch7x7_3(single),
            self.branch7x7dbl_5(double),
            self.branch_pool(_pooled(x, self.pooling)),
        ]
        return torch.cat(branches, 1)


class _InceptionD(nn.Module):
    """From 17x17 to 8x8 pixels."""

    def __init__(self, before: int) -> None:
        super().__init__()
        self.branch3x3_1 = _Convolution(before, 192)
        self.branch3x3_2 = _Convolution(192, 320, 3, 2)
        self.branch7x7x3_1 = _Convolution(before, 192)
        self.branch7x7x3_2 = _row(192, 192, 7)
        self.branch7x7x3_3 = _column(192, 192, 7)
        self.branch7x7x3_4 = _Convolution(192, 192, 3, 2)

    def forward(self, x: Tensor) -> Tensor:
        seven = self.branch7x7x3_2(self.branch7x7x3_1(x))
        branches = [
            self.branch3x3_2(self.branch3x3_1(x)),
            self.branch7x7x3_4(self.branch7x7x3_3(seven)),
            F.max_pool2d(x, 3, stride=2),
        ]
        return torch.cat(branches, 1)


class _InceptionE(nn.Module):
    """The blocks of 8x8 pixels."""

    def __init__(self, before: int, pooling: str) -> None:
        super().__init__()
        self.pooling = pooling
        self.branch1x1 = _Convolution(before, 320)
        self.branch3x3_1 = _Convolution(before, 384)
        self.branch3x3_2a = _row(384, 384, 3)
        self.branch3x3_2b = _column(384, 384, 3)
        self.branch3x3dbl_1 = _Convolution(before, 448)
        self.branch3x3dbl_2 = _Convolution(448, 384, 3, padding=1)
        self.branch3x3dbl_3a = _row(384, 384, 3)
        self.branch3x3dbl_3b = _column(384, 384, 3)
        self.branch_pool = _Convolution(before, 192)

    def forward(self, x: Tensor) -> Tensor:
        single = self.branch3x3_1(x)
        double = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        branches = [
            self.branch1x1(x),
            self.branch3x3_2a(single),
            self.branch3x3_2b(single),
            self.branch3x3dbl_3a(double),
            self.branch3x3dbl_3b(double),
            self.branch_pool(_pooled(x, self.pooling)),
        ]
        return torch.cat(branches, 1)


class InceptionV3(nn.Module):
    """Inception-v3 up to its pooled features, and its classifier.

    Args:
        fid (bool): The version of FID, the TensorFlow graph of 2015 with 1008
            classes; else torchvision's, with 1000.

    Examples:
        >>> network = InceptionV3().eval()
        >>> network.pooled(torch.zeros(1, 3, 299, 299)).shape
        torch.Size([1, 2048])
    """

    def __init__(self, fid: bool = False) -> None:
        super().__init__()
        mean = 'inner mean' if fid else 'mean'
        self.Conv2d_1a_3x3 = _Convolution(3, 32, 3, 2)
        self.Conv2d_2a_3x3 = _Convolution(32, 32, 3)
        self.Conv2d_2b_3x3 = _Convolution(32, 64, 3, padding=1)
        self.Conv2d_3b_1x1 = _Convolution(64, 80)
        self.Conv2d_4a_3x3 = _Convolution(80, 192, 3)
        self.Mixed_5b = _InceptionA(192, 32, mean)
        self.Mixed_5c = _InceptionA(256, 64, mean)
        self.Mixed_5d = _InceptionA(288, 64, mean)
        self.Mixed_6a = _InceptionB(288)
        self.Mixed_6b = _InceptionC(768, 128, mean)
        self.Mixed_6c = _InceptionC(768, 160, mean)
        self.Mixed_6d = _InceptionC(768, 160, mean)
        self.Mixed_6e = _InceptionC(768, 192, mean)
        self.Mixed_7a = _InceptionD(768)
        self.Mixed_7b = _InceptionE(1280, mean)
        self.Mixed_7c = _InceptionE(2048, 'max' if fid else mean)
        self.fc = nn.Linear(INCEPTION_FEATURES, 1008 if fid else 1000)

    def pooled(self, x: Tensor) -> Tensor:
        """A picture as one vector.

        Args:
            x: RGB as the weights expect it, (N, 3, H, W), 299x299 where
                published numbers are meant, at least 75x75.

        Returns:
            Tensor: (N, 2048), the mean over the last block's pixels.
        """
        x = self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x))
        x = F.max_pool2d(self.Conv2d_2b_3x3(x), 3, stride=2)
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(x))
        x = F.max_pool2d(x, 3, stride=2)
        for name, block in self.named_children():
            if name.startswith('Mixed'):
                x = block(x)
        return x.mean((2, 3))

    def fold_norms(self) -> None:
        """Have convolutions do what normalisations do, once it is loaded."""
        for module in self.modules():
            if isinstance(module, _Convolution):
                module.fold()
