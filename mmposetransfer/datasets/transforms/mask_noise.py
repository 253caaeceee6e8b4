"""Masks of the person as a network for segmentation finds them."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.registry import TRANSFORMS

__all__ = ['MaskNoise']

# Height that pixels are meant at, places of the uncertainty down and across,
# least and most of the threshold, and of the steepness of the edge.
_HEIGHT, _PLACES = 256, (12, 8)
_THRESHOLD, _STEEPNESS = (0.02, 0.35), (1.5, 4.0)


@TRANSFORMS.register_module()
class MaskNoise(BaseTransform):
    """Give the reference's mask the faults of one that was found.

    Such masks are soft and smooth, stand a few pixels off the outline,
    mostly outside, and are unsure here and there. Drawn anew at each call,
    from NumPy's generator.

    Args:
        blur (tuple[float, float]): Least and largest standard deviation of
            the blur, in pixels of a picture that is 256 high.
        doubt (float): Standard deviation of the uncertainty.
        prob (float): Of a mask to be changed.

    Raises:
        ValueError: On an argument out of range.
    """

    def __init__(
        self,
        blur: tuple[float, float] = (0.7, 2.5),
        doubt: float = 0.1,
        prob: float = 0.9,
    ) -> None:
        if not 0 < blur[0] <= blur[1]:
            raise UserValueError(
                f'blur: expected a least and a largest sigma above 0, got '
                f'{blur}'
            )
        if not doubt >= 0:
            raise UserValueError(f'doubt must be at least 0, got {doubt}')
        if not 0 <= prob <= 1:
            raise UserValueError(f'prob must be in [0, 1], got {prob}')
        self.blur, self.doubt, self.prob = tuple(blur), doubt, prob

    def transform(self, results: dict) -> dict:
        """The pair with another ``ref_person``."""
        mask = results.get('ref_person')
        if mask is None:
            raise UserKeyError(
                "MaskNoise needs 'ref_person' of the pair "
                f'{results.get("ref_id")} -> {results.get("tgt_id")}'
            )
        if np.random.uniform() >= self.prob:
            return results
        noisy = self._found(
            np.asarray(mask, np.float32).reshape(mask.shape[-2:])
        )
        return dict(results, ref_person=noisy.reshape(mask.shape))

    def _found(self, mask):
        height, width = mask.shape
        sigma = np.random.uniform(*self.blur) * height / _HEIGHT
        doubt = np.random.normal(0, self.doubt, _PLACES).astype(np.float32)
        soft = cv2.GaussianBlur(mask, (0, 0), sigma)
        # There is no doubt far from the outline.
        unsure = cv2.GaussianBlur(mask, (0, 0), 3 * sigma)
        unsure = 4 * unsure * (1 - unsure)
        soft += unsure * cv2.resize(doubt, (width, height))
        soft -= np.random.uniform(*_THRESHOLD)
        return (soft * np.random.uniform(*_STEEPNESS)).clip(0, 1)
