"""Drawn pictures as a camera would have taken them."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.registry import TRANSFORMS
from mmposetransfer.synthfashion.materials import srgb_to_linear

__all__ = ['PhotographDegradation', 'tone_table']

_LINEAR = srgb_to_linear(np.arange(256) / 255)


def _to_srgb(linear):
    """SRGB in [0, 1] of linear light, the inverse of ``srgb_to_linear``."""
    return np.where(
        linear <= 0.0031308,
        12.92 * linear,
        1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055,
    )


def _within(name, value, low, high):
    if not low <= value <= high:
        raise UserValueError(
            f'{name}: expected a number from {low} to {high}, got {value}'
        )


@TRANSFORMS.register_module()
class PhotographDegradation(BaseTransform):
    """Give a pair of drawn pictures what photographs have.

    Both pictures get another exposure, white balance and contrast, nearly the
    same ones, as of one studio: what is left to differ is the ``difference``.
    Blur, grain and JPEG befall the reference alone, each with its
    probability; the target stays clean, for networks learn to make what they
    see there. All is drawn anew at each call, from NumPy's generator.

    Args:
        exposure (float): Largest change of exposure, stops.
        white_balance (float): Standard deviation of the gains of red and
            blue against green, stops.
        contrast (float): Largest change of the tone curve's exponent.
        difference (float): What the two pictures differ by in all three, as
            a share of the change they have in common.
        colour_prob (float): Of such a change.
        blur_prob (float): Of a blurred reference.
        max_blur (float): Largest standard deviation, pixels of a picture
            that is 256 high.
        grain_prob (float): Of a grainy reference.
        max_grain (float): Largest standard deviation, levels of 255.
        jpeg_prob (float): Of a reference that went through JPEG.
        jpeg_quality (tuple[int, int]): Least and best quality of it.

    Raises:
        ValueError: On an argument out of range.
    """

    def __init__(
        self,
        exposure: float = 0.4,
        white_balance: float = 0.08,
        contrast: float = 0.12,
        difference: float = 0.1,
        colour_prob: float = 0.8,
        blur_prob: float = 0.3,
        max_blur: float = 0.8,
        grain_prob: float = 0.5,
        max_grain: float = 4.0,
        jpeg_prob: float = 0.6,
        jpeg_quality: tuple[int, int] = (60, 95),
    ) -> None:
        _within('exposure', exposure, 0, 4)
        _within('white_balance', white_balance, 0, 2)
        _within('contrast', contrast, 0, 0.9)
        _within('difference', difference, 0, 1)
        _within('max_blur', max_blur, 0, 20)
        _within('max_grain', max_grain, 0, 255)
        for name, value in (
            ('colour_prob', colour_prob),
            ('blur_prob', blur_prob),
            ('grain_prob', grain_prob),
            ('jpeg_prob', jpeg_prob),
        ):
            _within(name, value, 0, 1)
        low, high = jpeg_quality
        _within('jpeg_quality', low, 1, high)
        _within('jpeg_quality', high, low, 100)
        self.exposure, self.white_balance = exposure, white_balance
        self.contrast, self.difference = contrast, difference
        self.colour_prob = colour_prob
        self.blur_prob, self.max_blur = blur_prob, max_blur
        self.grain_prob, self.max_grain = grain_prob, max_grain
        self.jpeg_prob, self.jpeg_quality = jpeg_prob, (low, high)

    def transform(self, results: dict) -> dict:
        """The pair with other pictures."""
        for key in ('ref_img', 'tgt_img'):
            if results.get(key) is None:
                raise UserKeyError(
                    f"PhotographDegradation needs '{key}' of the pair "
                    f'{results.get("ref_id")} -> {results.get("tgt_id")}'
                )
        ref, tgt = results['ref_img'], results['tgt_img']
        if self._happens(self.colour_prob):
            ref, tgt = self._recolour(ref, tgt)
        if self._happens(self.blur_prob):
            sigma = np.random.uniform(0, self.max_blur) * len(ref) / 256
            ref = _blur(ref, sigma)
        if self._happens(self.grain_prob):
            ref = _add_grain(ref, np.random.uniform(0, self.max_grain))
        if self._happens(self.jpeg_prob):
            low, high = self.jpeg_quality
            ref = _through_jpeg(ref, np.random.randint(low, high + 1))
        return dict(results, ref_img=ref, tgt_img=tgt)

    @staticmethod
    def _happens(prob):
        return np.random.uniform() < prob

    def _recolour(self, *pictures):
        """Change the tones of both, nearly alike."""
        common = self._draw_tones()
        return [
            cv2.LUT(picture, tone_table(*(common + self.difference * own)))
            for picture, own in zip(
                pictures,
                [self._draw_tones() for _ in pictures],
                strict=True,
            )
        ]

    def _draw_tones(self):
        """Stops of exposure, of blue and of red; change of the exponent."""
        return np.array(
            [
                np.random.uniform(-1, 1) * self.exposure,
                np.random.normal() * self.white_balance,
                np.random.normal() * self.white_balance,
                np.random.uniform(-1, 1) * self.contrast,
            ]
        )


def tone_table(
    exposure: float, blue: float, red: float, contrast: float
) -> np.ndarray:
    """What becomes of each level of each channel.

    Args:
        exposure (float): Stops by which linear light grows.
        blue, red (float): Stops that these channels grow by beside that.
        contrast (float): By how much the exponent of the tone curve is above
            1; it leaves black and white.

    Returns:
        ndarray: (1, 256, 3) uint8, BGR, as ``cv2.LUT`` wants it.
    """
    gains = 2.0 ** (exposure + np.array([blue, 0.0, red]))
    tones = _to_srgb(np.minimum(_LINEAR[:, None] * gains, 1))
    levels = 255 * tones ** (1 + contrast)
    return np.rint(levels).astype(np.uint8)[None]


def _blur(picture, sigma):
    if sigma < 0.1:  # less than a level
        return picture
    return cv2.GaussianBlur(picture, (0, 0), sigma)


def _add_grain(picture, spread):
    """Noise, most of it the same in all channels."""
    # A generator of its own is several times as fast as NumPy's global one.
    rng = np.random.default_rng(np.random.randint(2**31))
    height, width = picture.shape[:2]
    grain = rng.standard_normal((height, width, 4), np.float32) * spread
    noise = 0.8 * grain[..., :1] + 0.6 * grain[..., 1:]
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def _through_jpeg(picture, quality):
    settings = [cv2.IMWRITE_JPEG_QUALITY, int(quality)]
    _, stored = cv2.imencode('.jpg', picture, settings)
    return cv2.imdecode(stored, cv2.IMREAD_COLOR)
