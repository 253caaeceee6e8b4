"""Images of sizes that a network cannot halve often enough."""

import torch.nn.functional as F
from torch import Tensor

from mmposetransfer.errors import UserValueError
from mmposetransfer.structures import Field

__all__ = ['Box', 'check_size', 'crop_field', 'pad_field', 'padded']

#: Left, top, width and height.
Box = tuple[int, int, int, int]


def check_size(x: Tensor, num_levels: int) -> None:
    """Refuse maps that cannot be halved so often.

    Args:
        x (Tensor): (..., H, W).
        num_levels (int): Times that it is to be halved.

    Raises:
        ValueError: If height or width is no multiple of 2^num_levels.
    """
    height, width = x.shape[-2:]
    divisor = 2**num_levels
    if height % divisor or width % divisor:
        raise UserValueError(
            f'{num_levels} levels need height and width as multiples of '
            f'{divisor}, got {height}x{width}: set pad_size_divisor={divisor} '
            'in the data_preprocessor'
        )


def padded(size: tuple[int, int], divisor: int) -> tuple[Box, tuple[int, int]]:
    """Centre pictures on a canvas with sides that can be divided.

    Args:
        size (tuple[int, int]): (height, width) of the pictures.
        divisor (int): Of the canvas's height and width.

    Returns:
        tuple: The box of the pictures on the canvas, and (height, width) of
        the canvas.
    """
    height, width = (side + -side % divisor for side in size)
    top, left = (height - size[0]) // 2, (width - size[1]) // 2
    return (left, top, size[1], size[0]), (height, width)


def pad_field(
    field: Field, value: Tensor, box: Box, size: tuple[int, int]
) -> Tensor:
    """Put a field of pictures into a box on a canvas.

    Flow is relative and stays as it is within the box; keypoints move along.

    Args:
        field (Field): Its row of the table, which says what the border holds.
        value (Tensor): (..., H, W) of a map, (..., 3) of keypoints.
        box (Box): Where the pictures lie on the canvas.
        size (tuple[int, int]): (height, width) of the canvas.
    """
    left, top, width, height = box
    if field.is_map:
        right, bottom = size[1] - left - width, size[0] - top - height
        return F.pad(value, (left, right, top, bottom), value=field.fill)
    return _moved(field, value, left, top)


def crop_field(field: Field, value: Tensor, box: Box) -> Tensor:
    """Undo `pad_field`."""
    left, top, width, height = box
    if field.is_map:
        return value[..., top : top + height, left : left + width]
    return _moved(field, value, -left, -top)


def _moved(field, value, x, y):
    if field.kind != 'keypoints':
        return value
    return value + value.new_tensor([x, y, 0])
