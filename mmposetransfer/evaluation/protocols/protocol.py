"""What a protocol says: how pictures are brought together and compared."""

import re
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from mmposetransfer.errors import UserValueError

from ..functional import (
    centre_crop,
    resize_images,
    ssim,
    through_jpeg,
    to_unit_range,
)

__all__ = ['Protocol', 'SSIMVariant']


@dataclass(frozen=True)
class SSIMVariant:
    """One way to compute SSIM; a function of generated and true images.

    Attributes:
        window: 'gaussian' or 'uniform'.
        window_size: Side of the window in pixels, odd; None: 11 for the
            gaussian of sigma 1.5, as in scikit-image.
        data_range: A number for images in [0, 1], or 'generated': maximum
            minus minimum of the generated image.
        sample_covariance: Whether variances are divided by n - 1.
        border: 'valid' or 'reflect'; see `ssim`.
        white_border: Pixels of white that both images get on the left and on
            the right before.

    Examples:
        >>> import torch
        >>> images = torch.rand(2, 3, 16, 16)
        >>> float(SSIMVariant('uniform', 7)(images, images).mean())
        1.0
    """

    window: str
    window_size: int | None = None
    data_range: float | str = 1.0
    sample_covariance: bool = False
    border: str = 'valid'
    white_border: int = 0

    def __call__(self, pred: Tensor, target: Tensor) -> Tensor:
        """Mean structural similarity of each image of a batch.

        Args:
            pred: Generated images, (N, C, H, W), in [0, 1].
            target: True images, same shape and range.

        Returns:
            Tensor: (N,) double; 1 means identical.
        """
        margin = (self.white_border, self.white_border)
        return ssim(
            F.pad(pred, margin, value=1.0),
            F.pad(target, margin, value=1.0),
            window=self.window,
            window_size=self.window_size,
            data_range=self.data_range,
            sample_covariance=self.sample_covariance,
            border=self.border,
        )


@dataclass(frozen=True)
class Protocol:
    """How generated pictures are compared with true ones, under a name.

    The name is part of the name of every number that a protocol yields, such
    as ``SSIM_dsc``. What is done to the pictures, in this order: 8 bits, the
    file format, size, crop; then the metrics look at them.

    Attributes:
        name: Letters, digits and underscores.
        source: Who uses it.
        ssim: How SSIM is computed.
        rounding: How images become 8-bit pictures: 'nearest', or 'down', as
            a bare cast to integers does.
        jpeg_quality: Quality of the JPEG files (by OpenCV) that generated
            pictures are stored in before they are compared; None: in a
            format that loses nothing, such as PNG.
        size: (height, width) that both pictures are resized to; None: they
            are compared as large as they are.
        resize_filter: 'bicubic' or 'bilinear', without aliasing and rounded
            to 8 bits: to a step what Pillow does.
        crop: (height, width) of the middle that is compared; None: all.
        real_set: The pictures that a distance between sets, such as FID,
            compares with: 'train' all pictures of the training set, 'test'
            the true pictures of the test pairs; None: not said.

    Raises:
        ValueError: For a name, a rounding, a filter, a quality or a set that
            there is not.

    Examples:
        >>> from dataclasses import replace
        >>> from mmposetransfer.evaluation import get_protocol
        >>> dsc = get_protocol('dsc')
        >>> replace(dsc, name='dsc_q75', jpeg_quality=75).numbered('SSIM')
        'SSIM_dsc_q75'
    """

    name: str
    source: str
    ssim: SSIMVariant
    rounding: str = 'nearest'
    jpeg_quality: int | None = None
    size: tuple[int, int] | None = None
    resize_filter: str = 'bicubic'
    crop: tuple[int, int] | None = None
    real_set: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no metric could compute."""
        if not re.fullmatch(r'\w+', self.name):
            raise UserValueError(
                'expected a protocol name of letters, digits and '
                f'underscores, got {self.name!r}'
            )
        for field, known in (
            ('rounding', ('nearest', 'down')),
            ('resize_filter', ('bicubic', 'bilinear')),
            ('real_set', (None, 'train', 'test')),
        ):
            value = getattr(self, field)
            if value not in known:
                raise UserValueError(
                    f"expected {field} of the protocol '{self.name}' to be "
                    f'one of {known}, got {value!r}'
                )
        if self.jpeg_quality not in (None, *range(101)):
            raise UserValueError(
                f"expected jpeg_quality of the protocol '{self.name}' to be "
                f'None or from 0 to 100, got {self.jpeg_quality!r}'
            )

    def numbered(self, name: str) -> str:
        """The name of a number by this protocol: 'SSIM' -> 'SSIM_dsc'."""
        return f'{name}_{self.name}'

    def prepare(self, pred: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Generated and true pictures as the metrics compare them.

        Args:
            pred: Generated images, (N, 3, H, W), float in [-1, 1].
            target: True images, same shape and range.

        Returns:
            Both, (N, 3, H', W'), float in [0, 1].

        Raises:
            ValueError: If they are smaller than what is cropped.
        """
        down = self.rounding == 'down'
        pred, target = to_unit_range(pred, down), to_unit_range(target, down)
        if self.jpeg_quality is not None:
            pred = through_jpeg(pred, self.jpeg_quality)
        return self._framed(pred), self._framed(target)

    def _framed(self, images: Tensor) -> Tensor:
        """Pictures in the size, and cut to the crop, of the protocol."""
        if self.size is not None:
            images = resize_images(images, self.size, self.resize_filter)
        if self.crop is not None:
            try:
                images = centre_crop(images, self.crop)
            except ValueError as error:
                raise UserValueError(
                    f"the protocol '{self.name}' cannot be used: {error}. "
                    "Choose one that crops nothing, such as 'dsc'."
                ) from error
        return images
