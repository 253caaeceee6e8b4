"""Mirrored pairs."""

import numpy as np
from mmcv.transforms import BaseTransform

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import TRANSFORMS
from mmposetransfer.structures import Field, fields_in

from .poses import target_size

__all__ = ['RandomFlipPair', 'mirror_pair']


def mirror_pair(results: dict) -> dict:
    """Both pictures of a pair in a mirror, with all that belongs to them.

    Left and right change places: joints, and the labels or channels that the
    table of fields says. Flow points the other way in x.

    Args:
        results (dict): A pair of pictures of one size.

    Returns:
        dict: The pair with new arrays.

    Raises:
        ValueError: If the pair holds what no mirror image is known of.
    """
    results = dict(results)
    width = target_size(results)[1]
    for field in fields_in(results):
        value = results[field.name]
        if value is None or field.kind == 'vector':
            continue
        if not field.mirrors:
            raise UserValueError(
                f"'{field.name}' of a pair cannot be mirrored: put "
                'RandomFlipPair before the transform that makes it, or leave '
                'it out'
            )
        results[field.name] = _mirrored(field, value, width)
    return results


def _mirrored(field: Field, value: np.ndarray, width: int) -> np.ndarray:
    if field.kind == 'image':
        return np.ascontiguousarray(value[:, ::-1])
    if field.kind == 'keypoints':
        value = _exchange(value, field.swap)
        value[:, 0] = width - 1 - value[:, 0]
        return value
    value = np.ascontiguousarray(value[..., ::-1])
    if field.kind == 'flow':
        value[0] *= -1
    elif field.kind == 'soft_map' and field.swap:
        value = _exchange(value, field.swap)
    elif field.kind == 'class_map':
        known = np.arange(1 + max(value.max(), *map(max, field.swap), 0))
        value = _exchange(known, field.swap).astype(value.dtype)[value]
    return value


def _exchange(rows, pairs):
    """A copy with rows that have changed places."""
    rows = np.array(rows)
    for left, right in pairs:
        rows[[left, right]] = rows[[right, left]]
    return rows


@TRANSFORMS.register_module()
class RandomFlipPair(BaseTransform):
    """Mirror both pictures of a pair, with all that belongs to them.

    Args:
        prob (float): Of a pair to be mirrored.

    Raises:
        ValueError: If it is no probability.
    """

    def __init__(self, prob: float = 0.5) -> None:
        if not 0 <= prob <= 1:
            raise UserValueError(f'prob must be in [0, 1], got {prob}.')
        self.prob = prob

    def transform(self, results: dict) -> dict:
        """See :func:`mirror_pair`."""
        if np.random.uniform() < self.prob:
            return mirror_pair(results)
        return results
