"""Maps as pictures: flow, visibility, body parts, weights.

All functions take tensors or arrays with the channel first and return uint8
RGB pictures (H, W, 3).
"""

import cv2
import numpy as np
import torch
from mmcv.visualization import flow2rgb

__all__ = [
    'PART_COLORS',
    'VISIBILITY_COLORS',
    'class_colors',
    'flow_colors',
    'image_from_bgr',
    'image_to_rgb',
    'part_colors',
    'visibility_colors',
    'weight_map_colors',
]

#: Visible green, invisible red, background blue, as in the paper's figures.
VISIBILITY_COLORS = np.array(
    [(52, 168, 83), (219, 68, 55), (66, 103, 178)], np.uint8
)
#: Background, head, torso, left arm, right arm, left leg, right leg.
PART_COLORS = np.array(
    [
        (30, 30, 30),
        (240, 200, 90),
        (200, 70, 60),
        (80, 180, 240),
        (40, 100, 200),
        (120, 210, 110),
        (40, 140, 70),
    ],
    np.uint8,
)

# Far less than a step, far more than float32 is off by: truncation must not
# lower the values of a picture that had 8 bits.
_STEP_SLACK = 1e-3


def _array(values, channels, name):
    """Check and move to numpy: (channels, H, W)."""
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu()
        if values.is_floating_point():
            values = values.float()  # numpy knows no bfloat16
        values = values.numpy()
    values = np.asarray(values)
    if values.ndim == 2 and channels == 1:
        values = values[None]
    if values.ndim != 3 or len(values) != channels:
        raise ValueError(
            f'{name} must have the shape ({channels}, H, W), got '
            f'{values.shape}'
        )
    return values


def image_steps(image, truncate=False):
    """A model's image in the 256 steps that a picture of 8 bits has.

    Args:
        image (Tensor | ndarray): Of any shape, float in [-1, 1].
        truncate (bool): See :func:`image_to_rgb`.

    Returns:
        Tensor | ndarray: Whole numbers from 0 to 255, of the same type.
    """
    steps = (image + 1) * 127.5
    if truncate:
        return (steps + _STEP_SLACK).clip(0, 255) // 1
    return steps.round().clip(0, 255)


def image_to_rgb(image, truncate=False):
    """A model's image as a picture.

    Args:
        image (Tensor | ndarray): (3, H, W), RGB in [-1, 1].
        truncate (bool): Go down to the next of 256 steps, as a bare cast to
            integers does, in place of to the nearest.

    Returns:
        ndarray: (H, W, 3) uint8 RGB.
    """
    image = _array(image, 3, 'an image').transpose(1, 2, 0)
    image = np.nan_to_num(image, nan=-1.0)
    return image_steps(image, truncate).astype(np.uint8)


def image_from_bgr(picture):
    """A picture as a model's image, the inverse of `image_to_rgb`.

    Args:
        picture (ndarray): (H, W, 3) uint8 BGR.

    Returns:
        Tensor: (3, H, W) float, RGB in [-1, 1].
    """
    rgb = np.ascontiguousarray(picture[..., ::-1].transpose(2, 0, 1))
    return torch.from_numpy(rgb).float() / 127.5 - 1


def flow_colors(flow, max_norm=None):
    """Flow as the colours of Middlebury's wheel.

    Hue tells the direction, saturation the length; no flow is white.

    Args:
        flow (Tensor | ndarray): (2, H, W) in pixels, (dx, dy).
        max_norm (float, optional): Length with full saturation; longer flow
            is drawn as that. Defaults to the longest in the picture. Give
            one number to pictures that shall be compared.

    Returns:
        ndarray: (H, W, 3) uint8 RGB; black where the flow is not finite.
    """
    flow = _array(flow, 2, 'flow').transpose(1, 2, 0).astype(np.float64)
    norm = np.linalg.norm(flow, axis=2, keepdims=True)
    if max_norm is None:
        max_norm = norm[np.isfinite(norm)].max(initial=0.0)
    max_norm = max(float(max_norm), 1e-6)
    with np.errstate(invalid='ignore'):
        flow = flow * np.minimum(1, max_norm / np.maximum(norm, 1e-12))
    # flow2rgb scales by the longest vector: one more row sets the scale.
    ruler = np.zeros_like(flow[:1])
    ruler[..., 0] = max_norm
    rgb = flow2rgb(np.concatenate([flow, ruler]))[:-1]
    return (rgb * 255).round().astype(np.uint8)


def _label_colors(labels, colors, name):
    labels = _array(labels, 1, name)[0]
    if labels.min() < 0 or labels.max() >= len(colors):
        raise ValueError(
            f'{name} must lie in [0, {len(colors) - 1}], got '
            f'{labels.min()} to {labels.max()}'
        )
    return colors[labels.astype(np.int64)]


def visibility_colors(visibility):
    """Visibility as colours: visible green, invisible red, background blue.

    Args:
        visibility (Tensor | ndarray): (1, H, W) or (H, W), 0 visible,
            1 invisible, 2 background.

    Returns:
        ndarray: (H, W, 3) uint8 RGB.
    """
    return _label_colors(visibility, VISIBILITY_COLORS, 'visibility')


def part_colors(parts):
    """Body parts as colours.

    Args:
        parts (Tensor | ndarray): (1, H, W) or (H, W), 0 background, 1 head,
            2 torso, 3 left arm, 4 right arm, 5 left leg, 6 right leg.

    Returns:
        ndarray: (H, W, 3) uint8 RGB.
    """
    return _label_colors(parts, PART_COLORS, 'body parts')


def class_colors(labels):
    """Any classes as colours: 0 dark, the others around the hue circle.

    Args:
        labels (Tensor | ndarray): (1, H, W) or (H, W) of 0 to 255.

    Returns:
        ndarray: (H, W, 3) uint8 RGB.
    """
    # Steps of the golden ratio keep neighbouring classes apart.
    hues = (np.arange(256) * 0.618034 % 1 * 180).astype(np.uint8)
    hsv = np.stack([hues, np.full(256, 160), np.full(256, 230)], -1)
    colors = cv2.cvtColor(hsv[None].astype(np.uint8), cv2.COLOR_HSV2RGB)[0]
    colors[0] = PART_COLORS[0]
    return _label_colors(labels, colors, 'classes')


def weight_map_colors(weights):
    """Weights as colours, from dark blue (0) to yellow (1).

    Args:
        weights (Tensor | ndarray): (1, H, W) or (H, W) in [0, 1].

    Returns:
        ndarray: (H, W, 3) uint8 RGB.
    """
    weights = _array(weights, 1, 'a weight map')[0]
    levels = np.nan_to_num(weights * 255.0).round().clip(0, 255)
    colors = cv2.applyColorMap(levels.astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    return np.ascontiguousarray(colors[..., ::-1])
