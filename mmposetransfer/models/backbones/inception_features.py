"""Features of Inception-v3 in the ways in which published numbers have them.

Papers that say "FID" mean several things, whose numbers cannot be compared:
other weights, another pooling, and pictures brought to 299x299 by other
filters. Each way has a name here.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError

from ..precision import at_least_float32, without_autocast
from .inception_v3 import INCEPTION_FEATURES, InceptionV3
from .published_weights import PublishedFile, freeze_all, load_published

__all__ = [
    'INCEPTION_VARIANTS',
    'PUBLISHED_TORCHVISION',
    'InceptionFeatures',
    'resize_tensorflow1',
]

_SIZE = 299

#: Torchvision's file of ImageNet's classes.
PUBLISHED_TORCHVISION = PublishedFile(
    'https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth',
    'torchvision, trained on ImageNet, 104 MB',
    '0cc3c7bd',
)
_FID = PublishedFile(
    'https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/'
    'pt_inception-2015-12-05-6726825d.pth',
    'pytorch-fid, the TensorFlow graph of 2015, 91 MB',
    '6726825d',
)


def _resize_bilinear(images: Tensor) -> Tensor:
    return F.interpolate(
        images, (_SIZE, _SIZE), mode='bilinear', align_corners=False
    )


def _resize_bicubic(images: Tensor) -> Tensor:
    """As Pillow on floats, without rounding to 8 bits."""
    return F.interpolate(
        images,
        (_SIZE, _SIZE),
        mode='bicubic',
        align_corners=False,
        antialias=True,
    ).clamp(0, 1)


def resize_tensorflow1(
    images: Tensor, size: tuple[int, int] = (_SIZE, _SIZE)
) -> Tensor:
    """Resize as the bilinear filter of TensorFlow 1 does.

    Convention: output pixel i lies at i * (old size / new size) of the input,
    with the origin at the centre of the top-left pixel of both: pictures move
    by up to half a pixel beside what other filters do. Positions behind the
    last pixel have its value.

    Args:
        images: (N, C, H, W), of any range.
        size: New (height, width).

    Returns:
        Tensor: (N, C, height, width).
    """
    for axis, wanted in zip((2, 3), size, strict=True):
        length = images.shape[axis]
        place = torch.arange(wanted, device=images.device) * (length / wanted)
        lower = place.floor().long().clamp(max=length - 1)
        upper = (lower + 1).clamp(max=length - 1)
        share = (place - lower).to(images.dtype)
        share = share[:, None] if axis == 2 else share
        images = torch.lerp(
            images.index_select(axis, lower),
            images.index_select(axis, upper),
            share,
        )
    return images


def _imagenet_twice(images: Tensor) -> Tensor:
    """What torchvision's ``transform_input`` makes of [0, 1].

    It takes its input for one of ImageNet's mean and deviation, which [0, 1]
    is not. The numbers of GFLA and its line are made so.
    """
    mean = images.new_tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = images.new_tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    return images * (std / 0.5) + (mean - 0.5) / 0.5


def _symmetric(images: Tensor) -> Tensor:
    """[0, 1] to [-1, 1]."""
    return 2 * images - 1


def _tensorflow(images: Tensor) -> Tensor:
    """As the graph of 2015 has it: (byte - 128) / 128."""
    return (255 * images - 128) / 128


class _Variant(NamedTuple):
    """Whose weights, and what is done to pictures in [0, 1] before."""

    published: PublishedFile
    resize: Callable[[Tensor], Tensor]
    scale: Callable[[Tensor], Tensor]


_VARIANTS = {
    'torchvision': _Variant(
        PUBLISHED_TORCHVISION, _resize_bilinear, _imagenet_twice
    ),
    'pytorch_fid': _Variant(_FID, _resize_bilinear, _symmetric),
    'clean_fid': _Variant(_FID, _resize_bicubic, _tensorflow),
    'tensorflow': _Variant(_FID, resize_tensorflow1, _tensorflow),
}
#: Names of the ways.
INCEPTION_VARIANTS = tuple(_VARIANTS)


class InceptionFeatures(nn.Module):
    """Pooled features and logits of Inception-v3, frozen.

    The ways:

    - 'torchvision': GFLA, DPTN, PIDM, PoCoLD, CFLD. Torchvision's weights,
      bilinear without antialiasing, x * (std / 0.5) + (mean - 0.5) / 0.5.
    - 'pytorch_fid': the graph of 2015, bilinear without antialiasing,
      2 x - 1.
    - 'clean_fid': the same graph, bicubic with antialiasing as Pillow has it
      (Parmar et al., 2022), (byte - 128) / 128.
    - 'tensorflow': the same graph and its own resize: the inception score of
      PG2, DSC, PATN and the DIPT paper, and torch-fidelity.

    Args:
        variant (str): One of ``INCEPTION_VARIANTS``.
        weights (str | Path): Path or URL of the published file; the error
            says where it is to be had.
        sha256 (str, optional): What the digest of the file begins with. None
            holds a file of the published name to the published digest.

    Raises:
        ValueError: For another way, without a file, or with one of another
            network or digest.
        FileNotFoundError: If the file is not there.
    """

    #: Length of the vector of a picture.
    pooled_features = INCEPTION_FEATURES

    def __init__(
        self,
        variant: str,
        weights: str | Path | None,
        sha256: str | None = None,
    ) -> None:
        super().__init__()
        if variant not in _VARIANTS:
            raise UserValueError(
                f'expected the variant of Inception-v3 to be one of '
                f'{INCEPTION_VARIANTS}, got {variant!r}'
            )
        self.variant = variant
        published, self._resize, self._scale = _VARIANTS[variant]
        network = InceptionV3(fid=published is _FID).eval()
        load_published(network, weights, published, sha256)
        network.fold_norms()
        freeze_all(network)
        self.network = network.to(memory_format=torch.channels_last)

    @property
    def label(self) -> str:
        """The name that its features go by in files of statistics."""
        return f'inception_{self.variant}'

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Look at pictures.

        Args:
            images: RGB in [0, 1], (N, 3, H, W).

        Returns:
            ``pooled``, (N, 2048), and ``logits``, (N, 1000 or 1008), without
            the classifier's bias, as the inception score of the graph of
            2015 has them.
        """
        with without_autocast(images):
            x = self._scale(self._resize(at_least_float32(images)))
            x = x.contiguous(memory_format=torch.channels_last)
            pooled = self.network.pooled(x)
            return dict(
                pooled=pooled,
                logits=F.linear(pooled, self.network.fc.weight),
            )

    def train(self, mode: bool = True) -> 'InceptionFeatures':
        """Stay in eval mode: the features are never trained."""
        return super().train(False)
