"""Images of sizes that a network cannot halve often enough."""

import torch.nn.functional as F
from torch import Tensor

from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.structures import FIELDS, MAPS, fields_in

__all__ = [
    'check_size',
    'crop_batch',
    'crop_inputs',
    'crop_predictions',
    'pad_inputs',
    'picture_size',
]

Box = tuple[int, int, int, int]


def _margins(size, divisor):
    """Left, right, top and bottom border, as `torch.nn.functional.pad`."""
    margins = []
    for side in reversed(size):
        border = -side % divisor
        margins += [border // 2, border - border // 2]
    return margins


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


def picture_size(inputs: dict[str, Tensor]) -> tuple[int, int]:
    """Height and width of a batch: of images or, without, of other maps.

    Args:
        inputs (dict[str, Tensor]): At least one field that is a map.

    Raises:
        ValueError: If there is none.
    """
    for field in fields_in(inputs, *MAPS):
        height, width = inputs[field.name].shape[-2:]
        return height, width
    raise UserValueError(
        f'the size of the pictures is unknown: of {sorted(inputs)} none is '
        'an image or a map'
    )


def pad_inputs(
    inputs: dict[str, Tensor], divisor: int
) -> tuple[dict[str, Tensor], Box | None]:
    """Centre all of a batch on a canvas with sides that can be divided.

    Flow is relative and stays as it is; keypoints move along.

    Args:
        inputs (dict[str, Tensor]): Fields, as the preprocessor has them.
        divisor (int): Of the height and width.

    Returns:
        tuple: The inputs, padded with what the table of fields says, white
        and background; and the box (left, top, width, height) of the images
        on the canvas, or None where nothing had to be padded.
    """
    height, width = picture_size(inputs)
    margins = _margins((height, width), divisor)
    if not any(margins):
        return inputs, None
    left, _, top, _ = margins
    padded = dict(inputs)
    for field in fields_in(inputs, *MAPS):
        padded[field.name] = F.pad(
            inputs[field.name], margins, value=field.fill
        )
    return _moved(padded, left, top), (left, top, width, height)


def _moved(inputs, left, top):
    """Move keypoints; all else stays."""
    for field in fields_in(inputs, 'keypoints'):
        keypoints = inputs[field.name]
        inputs[field.name] = keypoints + keypoints.new_tensor([left, top, 0])
    return inputs


def crop_batch(maps: Tensor, box: Box) -> Tensor:
    """Cut a box (left, top, width, height) out of (..., H, W)."""
    left, top, width, height = box
    return maps[..., top : top + height, left : left + width]


def crop_inputs(inputs: dict[str, Tensor], box: Box) -> dict[str, Tensor]:
    """Undo `pad_inputs`."""
    cropped = dict(inputs)
    for field in fields_in(inputs, *MAPS):
        cropped[field.name] = crop_batch(inputs[field.name], box)
    left, top = box[:2]
    return _moved(cropped, -left, -top)


def crop_predictions(
    predictions: dict[str, Tensor], box: Box
) -> dict[str, Tensor]:
    """Cut the box out of predicted maps, and move predicted keypoints.

    Args:
        predictions (dict[str, Tensor]): By the names of data samples.
        box (tuple[int]): Of `pad_inputs`.

    Raises:
        KeyError: If a prediction is none of the fields, so that its kind is
            unknown.
    """
    rows = {field.sample_name: field for field in FIELDS.values()}
    unknown = sorted(set(predictions) - set(rows))
    if unknown:
        raise UserKeyError(
            f'the method predicts {unknown}, of which no field is known: add '
            "it with mmposetransfer.structures.register_field(NAME, 'image', "
            "'tgt', given=False), or another kind"
        )
    cropped = {}
    for name, value in predictions.items():
        if rows[name].is_map:
            value = crop_batch(value, box)
        elif rows[name].kind == 'keypoints':
            value = value - value.new_tensor([*box[:2], 0])
        cropped[name] = value
    return cropped
