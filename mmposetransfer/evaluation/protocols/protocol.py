"""What a protocol says: how pictures are brought together and compared."""

import re
from dataclasses import dataclass, replace

import torch.nn.functional as F
from torch import Tensor

from mmposetransfer.errors import UserValueError

from ..functional import centre_crop, ssim, through_jpeg, to_unit_range
from .resizing import RESIZE_FILTERS, resize_pictures

__all__ = ['Protocol', 'SSIMVariant']

# What a field may be.
_CHOICES = {
    'rounding': ('nearest', 'down'),
    'file_format': (None, 'png', 'jpg'),
    'resize_filter': RESIZE_FILTERS,
    'real_set': (None, 'train', 'test'),
    'lpips_network': (None, 'alex', 'vgg', 'squeeze'),
    'fid_network': (None, 'torchvision', 'pytorch_fid'),
}


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
        sigma: Standard deviation of the gaussian, in pixels.

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
    sigma: float = 1.5

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
            sigma=self.sigma,
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
        ssim_256: How the second SSIM is computed, which papers of GFLA's line
            call SSIM-256; None: there is none.
        rounding: How images become 8-bit pictures: 'nearest', or 'down', as
            a bare cast to integers does.
        file_format: 'png' or 'jpg', which results are stored in; None: not
            said.
        jpeg_quality: Quality of the JPEG files (by OpenCV) that pictures are
            stored in before they are compared; None: in a format that loses
            nothing, such as PNG.
        jpeg_of: Which pictures are stored so: 'generated', 'true', or both,
            as on sheets that hold both.
        accepts: The (height, width) that pictures may have, others are
            refused; empty: any.
        size: (height, width) that both pictures are resized to; None: they
            are compared as large as they are.
        resize_filter: 'bicubic', 'bilinear' or 'lanczos', rounded to 8 bits.
        antialias: Whether the filter is widened where a picture is made
            smaller, as Pillow does, and OpenCV does not.
        crop: (height, width) of the middle that is compared; None: all.
        real_set: The pictures that a distance between sets, such as FID,
            compares with: 'train' all pictures of the training set, 'test'
            the true pictures of the test pairs; None: not said.
        lpips_network: 'alex', 'vgg' or 'squeeze'; None: no LPIPS.
        fid_network: Whose Inception-v3 FID looks through: 'torchvision', or
            'pytorch_fid' for that of 2015; None: no FID.
        metrics: Names of the numbers that the source reports.
        unknown: What the source does not say, or does in another way than
            here; '' for nothing that is known of.

    Raises:
        ValueError: For a name, or a value, that there is not.

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
    ssim_256: SSIMVariant | None = None
    rounding: str = 'nearest'
    file_format: str | None = None
    jpeg_quality: int | None = None
    jpeg_of: tuple[str, ...] = ('generated',)
    accepts: tuple[tuple[int, int], ...] = ()
    size: tuple[int, int] | None = None
    resize_filter: str = 'bicubic'
    antialias: bool = True
    crop: tuple[int, int] | None = None
    real_set: str | None = None
    lpips_network: str | None = None
    fid_network: str | None = None
    metrics: tuple[str, ...] = ()
    unknown: str = ''

    def __post_init__(self) -> None:
        """Refuse what no metric could compute."""
        if not re.fullmatch(r'\w+', self.name):
            raise UserValueError(
                'expected a protocol name of letters, digits and '
                f'underscores, got {self.name!r}'
            )
        for field, known in _CHOICES.items():
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
        if not set(self.jpeg_of) <= {'generated', 'true'}:
            raise UserValueError(
                f"expected jpeg_of of the protocol '{self.name}' to be of "
                f"'generated' and 'true', got {self.jpeg_of!r}"
            )
        if self.resize_filter == 'lanczos' and not self.antialias:
            raise UserValueError(
                f"the protocol '{self.name}' cannot resize by Lanczos "
                'with antialias=False: that filter is always widened'
            )

    def numbered(self, name: str) -> str:
        """The name of a number by this protocol: 'SSIM' -> 'SSIM_dsc'."""
        return f'{name}_{self.name}'

    def without_jpeg_of(self, *kinds: str) -> 'Protocol':
        """The same for pictures that have been in JPEG files before.

        They are not put through JPEG a second time.

        Args:
            *kinds: Which pictures: 'generated', 'true'.

        Returns:
            A protocol of the same name.
        """
        left = tuple(kind for kind in self.jpeg_of if kind not in kinds)
        return replace(self, jpeg_of=left)

    def check_size(self, size: tuple[int, int], what: str) -> None:
        """Refuse a picture that this protocol does not compare.

        Args:
            size: Its (height, width).
            what: What the error calls it, such as "the image 'a.png'".

        Raises:
            ValueError: If the protocol takes other sizes alone.
        """
        if self.accepts and tuple(size) not in self.accepts:
            wanted = ' or '.join(f'{h}x{w}' for h, w in self.accepts)
            raise UserValueError(
                f'{what} is of {size[0]}x{size[1]} pixels (height x width), '
                f"and the protocol '{self.name}' compares those of {wanted} "
                "alone. Choose one that takes any size, such as 'dsc'."
            )

    def framed_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """How large a picture is when it is compared.

        Args:
            size: (height, width) that it has.

        Returns:
            (height, width).
        """
        return self.crop or self.size or (size[0], size[1])

    def prepare(self, pred: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Generated and true pictures as the metrics compare them.

        Args:
            pred: Generated images, (N, 3, H, W), float in [-1, 1].
            target: True images, same shape and range.

        Returns:
            Both, (N, 3, H', W'), float in [0, 1].

        Raises:
            ValueError: If they are smaller than what is cropped, or of a
                size that the protocol does not take.
        """
        self.check_size(tuple(pred.shape[-2:]), 'a generated image')
        self.check_size(tuple(target.shape[-2:]), 'a true image')
        down = self.rounding == 'down'
        pred, target = to_unit_range(pred, down), to_unit_range(target, down)
        if self.jpeg_quality is not None:
            if 'generated' in self.jpeg_of:
                pred = through_jpeg(pred, self.jpeg_quality)
            if 'true' in self.jpeg_of:
                target = through_jpeg(target, self.jpeg_quality)
        return self._framed(pred), self._framed(target)

    def _framed(self, images: Tensor) -> Tensor:
        """Pictures in the size, and cut to the crop, of the protocol."""
        if self.size is not None:
            images = resize_pictures(
                images, self.size, self.resize_filter, self.antialias
            )
        if self.crop is not None:
            try:
                images = centre_crop(images, self.crop)
            except ValueError as error:
                raise UserValueError(
                    f"the protocol '{self.name}' cannot be used: {error}. "
                    "Choose one that crops nothing, such as 'dsc'."
                ) from error
        return images
