"""Pairs at a part of their size."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import TRANSFORMS
from mmposetransfer.structures import Field, fields_in

__all__ = ['ShrinkPair', 'shrink_pair']


def shrink_pair(results: dict, factor: int) -> dict:
    """Both pictures of a pair at a part of their size, with all else.

    Squares of ``factor`` x ``factor`` pixels become one: of pictures, soft
    maps and flow their mean, of class maps what stands in their middle.

    Args:
        results (dict): A pair of pictures whose height and width are
            multiples of ``factor``.
        factor (int): Side of the squares.

    Returns:
        dict: The pair with new arrays.

    Raises:
        ValueError: If a map cannot be cut into such squares.
    """
    return {
        name: _shrunk(fields.pop(), value, factor)
        if value is not None and (fields := list(fields_in({name})))
        else value
        for name, value in results.items()
    }


def _shrunk(field: Field, value: np.ndarray, factor: int) -> np.ndarray:
    if field.kind == 'vector':
        return value
    if field.kind == 'keypoints':
        value = np.array(value)
        # Pixels' centres are whole numbers.
        value[:, :2] = (value[:, :2] + 0.5) / factor - 0.5
        value[value[:, 2] == 0, :2] = 0
        return value
    size = value.shape[:2] if field.kind == 'image' else value.shape[-2:]
    if size[0] % factor or size[1] % factor:
        raise UserValueError(
            f"ShrinkPair: '{field.name}' of {size[0]}x{size[1]} pixels "
            f'cannot be cut into squares of {factor}x{factor}'
        )
    if field.kind == 'class_map':
        middle = factor // 2
        return np.ascontiguousarray(value[..., middle::factor, middle::factor])
    small = (size[1] // factor, size[0] // factor)
    if field.kind == 'image':
        return cv2.resize(value, small, interpolation=cv2.INTER_AREA)
    rows = [
        cv2.resize(row, small, interpolation=cv2.INTER_AREA)
        for row in value.reshape(-1, *size)
    ]
    value = np.stack(rows).reshape(*value.shape[:-2], *small[::-1])
    return value / np.float32(factor) if field.kind == 'flow' else value


@TRANSFORMS.register_module()
class ShrinkPair(BaseTransform):
    """Bring a pair to a part of its size: what trains fast at first.

    Networks learn the coarse things as well from small pictures, several of
    them in the time of a large one; and pairs that are kept on disk at full
    size serve for both.

    Args:
        factor (int): Both pictures become so many times smaller.

    Raises:
        ValueError: If it is no whole number above 0.
    """

    def __init__(self, factor: int = 2) -> None:
        if not isinstance(factor, int) or factor < 1:
            raise UserValueError(
                f'factor: expected a whole number above 0, got {factor!r}'
            )
        self.factor = factor

    def transform(self, results: dict) -> dict:
        """See :func:`shrink_pair`."""
        return shrink_pair(results, self.factor)
