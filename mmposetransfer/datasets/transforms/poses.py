"""Transforms of a pair's poses and of what depends on them."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmposetransfer.registry import TRANSFORMS
from mmposetransfer.structures.visibility import BACKGROUND

__all__ = ['RandomAffineTarget', 'UseFittedKeypoints', 'move_target']


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
                    f'the pair {results.get("ref_id")} -> '
                    f'{results.get("tgt_id")}: give the dataset the file of '
                    'fitted keypoints, or leave this transform out.'
                )
            results[f'{side}_keypoints'] = fitted
        return results


def _sources(length, scale, offset):
    """Which pixel of a row moves to each place, and whether there is one."""
    centre = (length - 1) / 2
    places = np.arange(length)
    source = np.rint((places - offset - centre) / scale + centre).astype(int)
    inside = (source >= 0) & (source < length)
    return source.clip(0, length - 1), inside


def move_target(results, offset, scale=1.0):
    """Scale the target of a pair about its centre, then move it.

    Image: bilinear, its edges repeated. Flow, visibility and body parts: the
    nearest pixel, background where there is none. The same point of the body
    is now found elsewhere on the target grid, so its flow (reference minus
    target position) is less by the way that its pixel went.

    Args:
        results (dict): A pair; ``tgt_img``, ``tgt_keypoints``,
            ``tgt_fitted_keypoints``, ``tgt_parts``, ``flow`` and
            ``visibility`` are moved where they are there.
        offset (tuple[int]): (dx, dy) in pixels.
        scale (float): Above 1 enlarges.

    Returns:
        dict: The pair with new arrays in place of the moved ones. Joints
        outside of the picture are missing.
    """
    results = dict(results)
    height, width = target_size(results)
    matrix = np.float32(
        [
            [scale, 0, (width - 1) / 2 * (1 - scale) + offset[0]],
            [0, scale, (height - 1) / 2 * (1 - scale) + offset[1]],
        ]
    )
    if results.get('tgt_img') is not None:
        results['tgt_img'] = cv2.warpAffine(
            results['tgt_img'],
            matrix,
            (width, height),
            borderMode=cv2.BORDER_REPLICATE,
        )
    _move_maps(results, offset, scale)
    for key in ('tgt_keypoints', 'tgt_fitted_keypoints'):
        if results.get(key) is not None:
            keypoints = results[key].copy()
            keypoints[:, :2] = keypoints[:, :2] * scale + matrix[:, 2]
            x, y = keypoints[:, 0], keypoints[:, 1]
            outside = (x < 0) | (y < 0) | (x > width - 1) | (y > height - 1)
            keypoints[outside, 2] = 0
            results[key] = keypoints
    return results


def _move_maps(results, offset, scale):
    """Move body parts, visibility and flow by their nearest pixels."""
    height, width = target_size(results)
    xs, in_row = _sources(width, scale, offset[0])
    ys, in_column = _sources(height, scale, offset[1])
    index = np.ix_(ys, xs)
    inside = np.logical_and.outer(in_column, in_row)
    if results.get('tgt_parts') is not None:
        results['tgt_parts'] = np.where(
            inside, results['tgt_parts'][index], np.uint8(0)
        )
    if results.get('flow') is not None:
        visibility = np.where(
            inside, results['visibility'][0][index], np.uint8(BACKGROUND)
        )
        way = np.stack(
            np.broadcast_arrays(
                xs - np.arange(width), (ys - np.arange(height))[:, None]
            )
        )
        flow = results['flow'][:, index[0], index[1]] + way
        flow[:, visibility == BACKGROUND] = 0
        results.update(
            flow=flow.astype(np.float32), visibility=visibility[None]
        )


def target_size(results):
    """(height, width) of a pair's target, whatever of it is there."""
    for key in ('tgt_img', 'tgt_parts'):
        if results.get(key) is not None:
            return results[key].shape[:2]
    return results['visibility'].shape[-2:]


@TRANSFORMS.register_module()
class RandomAffineTarget(BaseTransform):
    """Move and scale the target's image, pose, flow, visibility and parts.

    Args:
        max_shift (tuple[float]): Largest ``|dx|`` and ``|dy|`` as fractions of
            width and height. Defaults to 20 and 10 pixels of 256.
        max_scale (float): The scale is drawn from ``max_scale ** [-1, 1]``.
            Defaults to 1: none.

    Raises:
        ValueError: For a scale below 1.
    """

    def __init__(self, max_shift=(20 / 256, 10 / 256), max_scale=1.0):
        if max_scale < 1:
            raise ValueError(f'max_scale must be at least 1, got {max_scale}.')
        self.max_shift = tuple(max_shift)
        self.max_scale = max_scale

    def transform(self, results):
        """See :func:`move_target`."""
        height, width = target_size(results)
        limits = np.round(np.multiply(self.max_shift, (width, height))).astype(
            int
        )
        offset = [np.random.randint(-limit, limit + 1) for limit in limits]
        scale = (
            self.max_scale ** np.random.uniform(-1, 1)
            if self.max_scale > 1
            else 1.0
        )
        return move_target(results, tuple(map(int, offset)), scale)
