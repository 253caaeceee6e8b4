"""Transforms of a pair's poses and of what depends on them."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmposetransfer.registry import TRANSFORMS

__all__ = ['RandomShiftTarget', 'UseFittedKeypoints', 'shift_target']

BACKGROUND = 2  # visibility class


@TRANSFORMS.register_module()
class UseFittedKeypoints(BaseTransform):
    """Take the poses rendered from the fitted bodies as the poses.

    The flow regressor is trained on them, because they agree with the flow
    even where the fit does not agree with the photograph (Sec. 3.3).
    Requires ``ref_fitted_keypoints`` and ``tgt_fitted_keypoints``.
    """

    def transform(self, results):
        """Replace ``ref_keypoints`` and ``tgt_keypoints``."""
        for side in ('ref', 'tgt'):
            fitted = results.get(f'{side}_fitted_keypoints')
            if fitted is None:
                raise KeyError(
                    f"UseFittedKeypoints needs '{side}_fitted_keypoints' of "
                    f"the pair {results.get('ref_id')} -> "
                    f"{results.get('tgt_id')}: give the dataset the file of "
                    'fitted keypoints, or leave this transform out.')
            results[f'{side}_keypoints'] = fitted
        return results


def _shift(image, offset, fill):
    """Translate (H, W) or (H, W, C) by whole pixels; None repeats edges."""
    matrix = np.float32([[1, 0, offset[0]], [0, 1, offset[1]]])
    mode = cv2.BORDER_REPLICATE if fill is None else cv2.BORDER_CONSTANT
    return cv2.warpAffine(
        image, matrix, image.shape[1::-1], flags=cv2.INTER_NEAREST,
        borderMode=mode, borderValue=fill or 0)


def shift_target(results, offset):
    """Move the target of a pair by whole pixels.

    The same point of the body is now found ``offset`` further on the target
    grid, so its flow (reference minus target position) is less by it.

    Args:
        results (dict): A pair; ``tgt_img``, ``tgt_keypoints``,
            ``tgt_fitted_keypoints``, ``tgt_parts``, ``flow`` and
            ``visibility`` are moved where they are there.
        offset (tuple[int]): (dx, dy).

    Returns:
        dict: The pair with new arrays in place of the moved ones.
    """
    results = dict(results)
    dx, dy = offset
    if results.get('tgt_img') is not None:
        results['tgt_img'] = _shift(results['tgt_img'], offset, None)
    if results.get('tgt_parts') is not None:
        results['tgt_parts'] = _shift(results['tgt_parts'], offset, 0)
    if results.get('flow') is not None:
        visibility = _shift(results['visibility'][0], offset, BACKGROUND)
        flow = np.stack([_shift(f, offset, 0) for f in results['flow']])
        flow -= np.float32([dx, dy])[:, None, None]
        flow[:, visibility == BACKGROUND] = 0
        results.update(flow=flow, visibility=visibility[None])
    height, width = results['ref_img'].shape[:2]
    for key in ('tgt_keypoints', 'tgt_fitted_keypoints'):
        if results.get(key) is not None:
            keypoints = results[key] + np.float32([dx, dy, 0])
            x, y = keypoints[:, 0], keypoints[:, 1]
            outside = (x < 0) | (y < 0) | (x > width - 1) | (y > height - 1)
            keypoints[outside, 2] = 0
            results[key] = keypoints
    return results


@TRANSFORMS.register_module()
class RandomShiftTarget(BaseTransform):
    """Move the target image, pose, flow and visibility by a random offset.

    Args:
        max_shift (tuple[float]): Largest ``|dx|`` and ``|dy|`` as fractions of
            width and height. Defaults to 20 and 10 pixels of 256.
    """

    def __init__(self, max_shift=(20 / 256, 10 / 256)):
        self.max_shift = tuple(max_shift)

    def transform(self, results):
        """See :func:`shift_target`."""
        height, width = results['ref_img'].shape[:2]
        limits = np.round(
            np.multiply(self.max_shift, (width, height))).astype(int)
        offset = [np.random.randint(-limit, limit + 1) for limit in limits]
        return shift_target(results, tuple(map(int, offset)))
