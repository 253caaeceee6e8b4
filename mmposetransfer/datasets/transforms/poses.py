"""Transforms of a pair's poses and of what depends on them."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.registry import TRANSFORMS
from mmposetransfer.structures import MAPS, fields_in
from mmposetransfer.structures.visibility import BACKGROUND

from ..image_sizes import drop_outside

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
                raise UserKeyError(
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


def move_target(
    results: dict, offset: tuple[int, int], scale: float = 1.0
) -> dict:
    """Scale the target of a pair about its centre, then move it.

    Image and soft maps: bilinear; an image's edges are repeated, a map's
    border is empty. Flow and class maps: the nearest pixel, background where
    there is none. The same point of the body is now found elsewhere on the
    target grid, so its flow (reference minus target position) is less by the
    way that its pixel went.

    Args:
        results (dict): A pair; all fields of the table that lie on the
            target's picture are moved where they are there.
        offset (tuple[int]): (dx, dy) in pixels.
        scale (float): Above 1 enlarges.

    Returns:
        dict: The pair with new arrays in place of the moved ones. Joints
        outside of the picture are missing.
    """
    moved = dict(results)
    size = target_size(results)
    height, width = size
    matrix = np.float32(
        [
            [scale, 0, (width - 1) / 2 * (1 - scale) + offset[0]],
            [0, scale, (height - 1) / 2 * (1 - scale) + offset[1]],
        ]
    )
    nearest = _Nearest(size, scale, offset)
    for field in fields_in(results, grid='tgt'):
        value = results[field.name]
        if value is None:
            continue
        if field.kind == 'image':
            value = cv2.warpAffine(
                value, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE
            )
        elif field.kind == 'soft_map':
            value = _warp_soft(value, matrix, field.fill)
        elif field.kind == 'class_map':
            value = nearest(value, field.fill)
        elif field.kind == 'flow':
            value = _move_flow(value, _visibility_of(field, results), nearest)
        else:
            value = _move_joints(value, scale, matrix[:, 2], size)
        moved[field.name] = value
    return moved


class _Nearest:
    """Moves maps (..., H, W) by their nearest pixels.

    Attributes:
        inside (ndarray): (H, W) bool, whether the pixel was in the picture.
        way (ndarray): (2, H, W), from where it is to where it was.
    """

    def __init__(self, size, scale, offset):
        height, width = size
        xs, in_row = _sources(width, scale, offset[0])
        ys, in_column = _sources(height, scale, offset[1])
        self.index = np.ix_(ys, xs)
        self.inside = np.logical_and.outer(in_column, in_row)
        self.way = np.stack(
            np.broadcast_arrays(
                xs - np.arange(width), (ys - np.arange(height))[:, None]
            )
        )

    def __call__(self, values, fill):
        rows, columns = self.index
        moved = values[..., rows, columns]
        return np.where(self.inside, moved, values.dtype.type(fill))


def _warp_soft(value, matrix, fill):
    """Move a soft map (C, H, W) or (H, W), any number of channels."""
    planes = value.reshape(-1, *value.shape[-2:])
    moved = [
        cv2.warpAffine(
            plane.astype(np.float32),
            matrix,
            plane.shape[::-1],
            borderValue=float(fill),
        )
        for plane in planes
    ]
    return np.stack(moved).reshape(value.shape)


def _move_joints(keypoints, scale, offset, size):
    """Move joints (K, 3); those outside are missing."""
    keypoints = keypoints.copy()
    keypoints[:, :2] = keypoints[:, :2] * scale + offset
    drop_outside(keypoints, size)
    return keypoints


def _visibility_of(field, results):
    """Of a flow, by its name: that of ``fit_flow`` is ``fit_visibility``."""
    start, found, end = field.name.rpartition('flow')
    return results.get(f'{start}visibility{end}') if found else None


def _move_flow(flow, visibility, nearest):
    """It is 0 where it was 0 on the background, or where was no picture."""
    known = np.ones(flow.shape[1:], bool)
    if visibility is not None:
        known = (visibility[0] != BACKGROUND) | flow.any(0)
    moved = np.where(nearest(known, 0), nearest(flow, 0) + nearest.way, 0)
    return moved.astype(np.float32)


def target_size(results: dict) -> tuple[int, int]:
    """(height, width) of a pair's target, whatever of it is there."""
    for field in fields_in(results, *MAPS, grid='tgt'):
        value = results[field.name]
        if value is not None:
            return (
                value.shape[:2] if field.kind == 'image' else value.shape[-2:]
            )
    raise UserValueError(
        'the size of the target is unknown: the pair has no picture and no '
        f'map of it, only {sorted(results)}'
    )


@TRANSFORMS.register_module()
class RandomAffineTarget(BaseTransform):
    """Move and scale all that a pair has on its target's picture.

    Args:
        max_shift (tuple[float]): Largest ``|dx|`` and ``|dy|`` as fractions of
            the picture's height, whatever its width: pictures of one height
            show a person at one size. Defaults to 20 and 10 pixels of 256.
        max_scale (float): The scale is drawn from ``max_scale ** [-1, 1]``.
            Defaults to 1: none.

    Raises:
        ValueError: For a scale below 1.
    """

    def __init__(self, max_shift=(20 / 256, 10 / 256), max_scale=1.0):
        if max_scale < 1:
            raise UserValueError(
                f'max_scale must be at least 1, got {max_scale}.'
            )
        self.max_shift = tuple(max_shift)
        self.max_scale = max_scale

    def transform(self, results):
        """See :func:`move_target`."""
        height, _ = target_size(results)
        limits = np.round(np.multiply(self.max_shift, height)).astype(int)
        offset = [np.random.randint(-limit, limit + 1) for limit in limits]
        scale = (
            self.max_scale ** np.random.uniform(-1, 1)
            if self.max_scale > 1
            else 1.0
        )
        return move_target(results, tuple(map(int, offset)), scale)
