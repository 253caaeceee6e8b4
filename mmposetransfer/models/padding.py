"""Images of sizes that a network cannot halve often enough."""

import torch.nn.functional as F

__all__ = ['crop_batch', 'crop_inputs', 'pad_inputs', 'picture_size']

# What an empty border holds: white, body parts and visibility of background.
_FILL = dict(
    ref_img=1.0, tgt_img=1.0, flow=0, visibility=2, ref_parts=0, tgt_parts=0
)
_KEYPOINTS = ('ref_keypoints', 'tgt_keypoints')


def _margins(size, divisor):
    """Left, right, top and bottom border, as `torch.nn.functional.pad`."""
    margins = []
    for side in reversed(size):
        border = -side % divisor
        margins += [border // 2, border - border // 2]
    return margins


def picture_size(inputs):
    """Height and width of a batch: of images or, without, of other maps.

    Args:
        inputs (dict[str, Tensor]): At least one of images, flow, visibility
            and body parts.
    """
    key = next(key for key in _FILL if key in inputs)
    return inputs[key].shape[-2:]


def pad_inputs(inputs, divisor):
    """Centre all of a batch on a canvas with sides that can be divided.

    Flow is relative and stays as it is; keypoints move along.

    Args:
        inputs (dict[str, Tensor]): Images in [-1, 1], keypoints, flow,
            visibility and body parts, as the preprocessor has them.
        divisor (int): Of the height and width.

    Returns:
        tuple: The inputs, padded with white and background; and the box
        (left, top, width, height) of the images on the canvas, or None where
        nothing had to be padded.
    """
    height, width = picture_size(inputs)
    margins = _margins((height, width), divisor)
    if not any(margins):
        return inputs, None
    left, _, top, _ = margins
    padded = {
        key: F.pad(value, margins, value=_FILL[key]) if key in _FILL else value
        for key, value in inputs.items()
    }
    offset = inputs['ref_keypoints'].new_tensor([left, top, 0])
    for key in _KEYPOINTS:
        padded[key] = inputs[key] + offset
    return padded, (left, top, width, height)


def crop_batch(maps, box):
    """Cut a box (left, top, width, height) out of (..., H, W)."""
    left, top, width, height = box
    return maps[..., top : top + height, left : left + width]


def crop_inputs(inputs, box):
    """Undo `pad_inputs`."""
    cropped = {
        key: crop_batch(value, box) if key in _FILL else value
        for key, value in inputs.items()
    }
    offset = inputs['ref_keypoints'].new_tensor([*box[:2], 0])
    for key in _KEYPOINTS:
        cropped[key] = inputs[key] - offset
    return cropped
