"""Pose maps: a drawing of the skeleton and the distance to each limb."""

import math

import cv2
import numpy as np
import torch
from torch import Tensor

from mmposetransfer.registry import MODELS

from .base import PoseEncoder
from .limbs import BODY_LIMBS, rainbow

__all__ = ['LimbDistancePoses', 'draw_limb_distances']

# Pixels, at every size of picture.
_RADIUS = 4
_STEP = 3
# Of a limb, over what is there already.
_OPACITY = 0.6
_MOST = 255


def draw_limb_distances(
    keypoints: np.ndarray, size: tuple[int, int]
) -> np.ndarray:
    """Draw one person, pixel for pixel as NTED's authors do.

    Joints are discs and limbs ellipses of 4 pixels' radius, whole pixels all.
    Distances are city-block distances to the ellipse, in steps of 3 pixels,
    up to 255; a limb with a missing joint is as far away everywhere.

    Args:
        keypoints (np.ndarray): x, y in pixels and score, (18, 3). Joints of
            score 0 are missing.
        size (tuple[int, int]): (height, width).

    Returns:
        np.ndarray: uint8 (3 + L, height, width): the drawing, in RGB, and the
        distance to each of the L :data:`BODY_LIMBS`.
    """
    colors = [[round(_MOST * part) for part in color] for color in rainbow(18)]
    canvas = np.zeros((*size, 3), np.uint8)
    present = keypoints[:, 2] > 0
    for joint in np.flatnonzero(present):
        center = tuple(int(place) for place in keypoints[joint, :2])
        cv2.circle(canvas, center, _RADIUS, colors[joint], thickness=-1)
    distances = []
    for limb, color in zip(BODY_LIMBS, colors, strict=False):
        apart = np.full(size, _MOST, np.uint8)
        if present[list(limb)].all():
            ellipse = _ellipse(*keypoints[list(limb), :2].astype(float))
            above = cv2.fillConvexPoly(canvas.copy(), ellipse, color)
            canvas = cv2.addWeighted(canvas, 1 - _OPACITY, above, _OPACITY, 0)
            apart = _distance(ellipse, size)
        distances.append(apart)
    # Drawn as if the colours were BGR.
    return np.stack([*np.moveaxis(canvas[..., ::-1], 2, 0), *distances])


def _ellipse(first, second):
    """Outline of a limb, in whole pixels."""
    (dx, dy), middle = first - second, (first + second) / 2
    return cv2.ellipse2Poly(
        (int(middle[0]), int(middle[1])),
        (int(math.hypot(dx, dy) / 2), _RADIUS),
        int(math.degrees(math.atan2(dy, dx))),
        *(0, 360, 1),
    )


def _distance(ellipse, size):
    outside = np.full(size, _MOST, np.uint8)
    cv2.fillConvexPoly(outside, ellipse, 0)
    if outside.all():  # a limb off the picture is no limb
        return outside
    steps = cv2.distanceTransform(outside, cv2.DIST_L1, 3) / _STEP
    return steps.clip(0, _MOST).astype(np.uint8)


@MODELS.register_module()
class LimbDistancePoses(PoseEncoder):
    """A drawing of the skeleton and the distance to each limb, as NTED's.

    20 channels in [0, 1]; see :func:`draw_limb_distances`. They are drawn on
    the CPU, by OpenCV, to be those that the published networks know.
    """

    out_channels = 3 + len(BODY_LIMBS)

    def forward(self, keypoints: Tensor, size: tuple[int, int]) -> Tensor:
        """See :class:`PoseEncoder`."""
        people = keypoints.detach().cpu().numpy()
        maps = np.stack([draw_limb_distances(p, size) for p in people])
        return torch.from_numpy(maps).to(keypoints.device).float() / _MOST
