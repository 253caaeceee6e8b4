"""Skeletons drawn in the colours of OpenPose."""

import cv2
import numpy as np
import torch

from mmposetransfer.geometry.skeletons import SKELETONS

__all__ = ['draw_skeleton']

OPENPOSE18 = SKELETONS['openpose18']
NUM_JOINTS = OPENPOSE18.num_joints
# Sub-pixel bits of OpenCV's coordinates.
SHIFT = 4


def _rainbow(count):
    """OpenPose's colours: equal steps around the hue circle from red."""
    hue = np.linspace(0, 180, count, endpoint=False).astype(np.uint8)
    hsv = np.stack([hue, np.full_like(hue, 255), np.full_like(hue, 255)], -1)
    return cv2.cvtColor(hsv[None], cv2.COLOR_HSV2RGB)[0].tolist()


COLORS = _rainbow(NUM_JOINTS)


def draw_skeleton(image, keypoints, scale=1.0, line_width=None):
    """Draw one person's skeleton.

    Args:
        image (ndarray): (H, W, 3) uint8 RGB; it is not changed.
        keypoints (Tensor | ndarray): (18, 3) x, y and score in OpenPose's
            order; joints with score 0 are missing and not drawn.
        scale (float): Factor by which the image was enlarged since the
            keypoints were taken.
        line_width (int, optional): In pixels. Defaults to a width that suits
            the image's size.

    Returns:
        ndarray: (H, W, 3) uint8 RGB.
    """
    if isinstance(keypoints, torch.Tensor):
        keypoints = keypoints.detach().cpu().numpy()
    keypoints = np.asarray(keypoints, np.float64)
    if keypoints.shape != (NUM_JOINTS, 3):
        raise ValueError(
            f'keypoints must have the shape ({NUM_JOINTS}, 3), got '
            f'{keypoints.shape}; convert other skeletons with '
            'mmposetransfer.geometry.convert_keypoints'
        )
    canvas = np.ascontiguousarray(image).copy()
    if line_width is None:
        line_width = max(1, round(min(canvas.shape[:2]) / 64))
    there = (keypoints[:, 2] > 0) & np.isfinite(keypoints).all(1)
    # Origin at the pixels' centres, hence the halves. Far points are clipped
    # to what OpenCV's integers hold.
    points = np.nan_to_num((keypoints[:, :2] + 0.5) * scale - 0.5)
    points = (points.clip(-9999, 9999) * 2**SHIFT).round().astype(int)

    for (a, b), color in zip(OPENPOSE18.limbs, COLORS, strict=False):
        if there[a] and there[b]:
            # Limbs are darker, so that the joints stand out.
            dim = [round(0.7 * c) for c in color]
            cv2.line(
                canvas,
                tuple(points[a].tolist()),
                tuple(points[b].tolist()),
                dim,
                line_width,
                cv2.LINE_AA,
                SHIFT,
            )
    radius = round((0.9 * line_width + 0.6) * 2**SHIFT)
    for joint in np.flatnonzero(there):
        centre = tuple(points[joint].tolist())
        cv2.circle(
            canvas, centre, radius, COLORS[joint], -1, cv2.LINE_AA, SHIFT
        )
    return canvas
