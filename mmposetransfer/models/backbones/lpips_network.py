"""The networks of LPIPS.

Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual
Metric", CVPR 2018, version 0.1 of its weights. Trunks are called as in
torchvision's files, linear layers as in those of the package lpips.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

from mmposetransfer.errors import UserImportError, UserValueError

from ..precision import at_least_float32, without_autocast
from .published_weights import PublishedFile, freeze_all, load_published

__all__ = ['LPIPS_TRUNKS', 'LPIPSNetwork', 'lpips_linear_weights']

_EPS = 1e-10
_URL = 'https://download.pytorch.org/models/'
_LINEAR_URL = (
    'https://github.com/richzhang/PerceptualSimilarity/raw/master/lpips/'
    'weights/v0.1/'
)


def _alexnet() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, stride=4, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(256, 256, 3, padding=1),
        nn.ReLU(),
    )


def _vgg16() -> nn.Sequential:
    layers, before = [], 3
    for width, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(depth):
            layers += [nn.Conv2d(before, width, 3, padding=1), nn.ReLU()]
            before = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers[:-1])


class _Fire(nn.Module):
    """Squeeze to few channels, expand by kernels of 1x1 and 3x3."""

    def __init__(self, before: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(before, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze(x).relu()
        return torch.cat([self.expand1x1(x), self.expand3x3(x)], 1).relu()


def _squeezenet() -> nn.Sequential:
    """SqueezeNet 1.1."""
    return nn.Sequential(
        nn.Conv2d(3, 64, 3, stride=2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        _Fire(64, 16, 64),
        _Fire(128, 16, 64),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        _Fire(128, 32, 128),
        _Fire(256, 32, 128),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        _Fire(256, 48, 192),
        _Fire(384, 48, 192),
        _Fire(384, 64, 256),
        _Fire(512, 64, 256),
    )


class _Trunk(nn.Module):
    """The convolutions of a classifier, and where LPIPS looks.

    Args:
        layers: Called as torchvision's ``features``.
        taps: Layers whose output is compared.
    """

    def __init__(self, layers: nn.Sequential, taps: Sequence[int]) -> None:
        super().__init__()
        self.features = layers
        self.taps = tuple(taps)

    def forward(self, x: Tensor) -> list[Tensor]:
        found = []
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in self.taps:
                found.append(x)
        return found


# Name -> layers, taps, channels at the taps, published files of both parts.
_TRUNKS = {
    'alex': (
        _alexnet,
        (1, 4, 7, 9, 11),
        (64, 192, 384, 256, 256),
        PublishedFile(
            f'{_URL}alexnet-owt-7be5be79.pth',
            'AlexNet of torchvision, 233 MB',
            '7be5be79',
        ),
        PublishedFile(
            f'{_LINEAR_URL}alex.pth',
            'linear layers of LPIPS 0.1',
            'df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0',
        ),
    ),
    'vgg': (
        _vgg16,
        (3, 8, 15, 22, 29),
        (64, 128, 256, 512, 512),
        PublishedFile(
            f'{_URL}vgg16-397923af.pth',
            'VGG16 of torchvision, 528 MB',
            '397923af',
        ),
        PublishedFile(
            f'{_LINEAR_URL}vgg.pth',
            'linear layers of LPIPS 0.1',
            'a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868',
        ),
    ),
    'squeeze': (
        _squeezenet,
        (1, 4, 7, 9, 10, 11, 12),
        (64, 128, 256, 384, 384, 512, 512),
        PublishedFile(
            f'{_URL}squeezenet1_1-b8a52dc0.pth',
            'SqueezeNet 1.1 of torchvision, 5 MB',
            'b8a52dc0',
        ),
        PublishedFile(
            f'{_LINEAR_URL}squeeze.pth',
            'linear layers of LPIPS 0.1',
            '4a5350f23600cb79923ce65bb07cbf57dca461329894153e05a1346bd531cf76',
        ),
    ),
}
#: Names of the trunks.
LPIPS_TRUNKS = tuple(_TRUNKS)


def lpips_linear_weights(trunk: str) -> Path:
    """The file of linear layers that an installed package brings.

    Torchmetrics and lpips have them; the trunk's weights come with neither.

    Args:
        trunk: One of :data:`LPIPS_TRUNKS`.

    Raises:
        ImportError: If neither package is installed.
    """
    for package, folder in (
        ('torchmetrics', 'functional/image/lpips_models'),
        ('lpips', 'weights/v0.1'),
    ):
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            path = Path(spec.origin).parent / folder / f'{trunk}.pth'
            if path.is_file():
                return path
    published = _TRUNKS[trunk][4]
    raise UserImportError(
        'LPIPS needs its linear layers, which the package torchmetrics '
        'brings: pip install mmposetransfer[metrics]. Or name the file. '
        f'{published.described()}'
    )


class _Linear(nn.Module):
    """One weight for each channel of each tap."""

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.count = len(channels)
        for index, width in enumerate(channels):
            # Dropout stands before the convolution where it is trained.
            layer = nn.Sequential(
                nn.Identity(), nn.Conv2d(width, 1, 1, bias=False)
            )
            self.add_module(f'lin{index}', nn.ModuleDict(dict(model=layer)))

    def forward(self, differences: list[Tensor]) -> Tensor:
        """Weigh squared differences (N, C, H, W); returns (N,)."""
        return torch.stack(
            [
                getattr(self, f'lin{index}')['model'](x).mean((1, 2, 3))
                for index, x in enumerate(differences)
            ]
        ).sum(0)


class LPIPSNetwork(nn.Module):
    """Distance of two pictures by weighed features, frozen.

    Args:
        trunk (str): 'alex' (AlexNet), 'vgg' (VGG16) or 'squeeze'
            (SqueezeNet 1.1).
        weights (str | Path): Path or URL of torchvision's file of the trunk;
            the error says where it is to be had.
        linear (str | Path, optional): Path or URL of the linear layers, of
            the package lpips; None takes them from the installed package
            torchmetrics or lpips.
        sha256 (str, optional): What the digest of ``weights`` begins with.
            None holds a file of the published name to the published digest.

    Raises:
        ValueError: For another trunk, without a file, or with one of another
            network or digest.
        FileNotFoundError: If a file is not there.
        ImportError: If ``linear`` is None and neither package is installed.
    """

    def __init__(
        self,
        trunk: str,
        weights: str | Path | None,
        linear: str | Path | None = None,
        sha256: str | None = None,
    ) -> None:
        super().__init__()
        if trunk not in _TRUNKS:
            raise UserValueError(
                f'expected the trunk of LPIPS to be one of {LPIPS_TRUNKS}, '
                f'got {trunk!r}'
            )
        layers, taps, channels, file, linear_file = _TRUNKS[trunk]
        self.trunk = _Trunk(layers(), taps)
        load_published(self.trunk, weights, file, sha256)
        self.linear = _Linear(channels)
        if linear is None:
            linear = lpips_linear_weights(trunk)
        load_published(self.linear, linear, linear_file)
        # Pixels in [-1, 1] to deviations of ImageNet's.
        shift = torch.tensor([-0.030, -0.088, -0.188]).view(3, 1, 1)
        scale = torch.tensor([0.458, 0.448, 0.450]).view(3, 1, 1)
        self.register_buffer('shift', shift, persistent=False)
        self.register_buffer('scale', scale, persistent=False)
        freeze_all(self)
        self.eval()

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        """Compare RGB images in [-1, 1], (N, 3, H, W); returns (N,)."""
        with without_autocast(pred):
            differences = [
                (_unit(got) - _unit(wanted)).square()
                for got, wanted in zip(
                    self._looked_at(pred), self._looked_at(target), strict=True
                )
            ]
            return self.linear(differences)

    def _looked_at(self, images: Tensor) -> list[Tensor]:
        """Features at the taps."""
        return self.trunk((at_least_float32(images) - self.shift) / self.scale)

    def train(self, mode: bool = True) -> 'LPIPSNetwork':
        """Stay in eval mode: the features are never trained."""
        return super().train(False)


def _unit(features: Tensor) -> Tensor:
    """Length 1 over the channels of each pixel; zeros stay zeros."""
    return features / (features.norm(dim=1, keepdim=True) + _EPS)
