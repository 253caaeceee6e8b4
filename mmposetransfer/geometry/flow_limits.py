"""Where flow ends: at the reference's person, and beyond the body's outline.

Conventions: as in ``correspondence``. Flow is (2, H, W) in pixels on the
target grid, reference minus target position; visibility (1, H, W) uint8.
"""

import cv2
import numpy as np

from mmposetransfer.structures.visibility import (
    BACKGROUND,
    INVISIBLE,
    VISIBLE,
)

__all__ = ['extend_flow', 'hide_outside']


def hide_outside(flow, visibility, share, least=0.5):
    """Points that the reference has beside a person or frame are invisible.

    Args:
        flow (np.ndarray): (2, H, W) float32.
        visibility (np.ndarray): (1, H, W) uint8.
        share (np.ndarray): (1, H', W') in [0, 1], of the reference: what
            share of each pixel is the person's, or the photograph's. Beyond
            it there is nothing.
        least (float): Points with a lower share, bilinear, are invisible.

    Returns:
        np.ndarray: (1, H, W) uint8, a new visibility.
    """
    height, width = flow.shape[1:]
    x = flow[0] + np.arange(width, dtype=np.float32)
    y = flow[1] + np.arange(height, dtype=np.float32)[:, None]
    found = cv2.remap(
        np.ascontiguousarray(share[0], np.float32), x, y, cv2.INTER_LINEAR
    )
    hidden = (visibility[0] == VISIBLE) & (found < least)
    return np.where(hidden, np.uint8(INVISIBLE), visibility)


def extend_flow(flow, visibility, margin):
    """Let flow go on beyond the body's outline, as that of its nearest pixel.

    Hair, skirts and loose sleeves move with the surface they hang on.
    Visibility stays: out there it is background, whose flow is not 0.

    Args:
        flow (np.ndarray): (2, H, W) float32.
        visibility (np.ndarray): (1, H, W) uint8.
        margin (float): How far, in pixels; 0 gives the flow as it is.

    Returns:
        np.ndarray: (2, H, W) float32.
    """
    outside = visibility[0] == BACKGROUND
    if margin <= 0 or outside.all():
        return flow
    distance, labels = cv2.distanceTransformWithLabels(
        outside.astype(np.uint8),
        cv2.DIST_L2,
        cv2.DIST_MASK_5,
        labelType=cv2.DIST_LABEL_PIXEL,
    )
    # Each pixel of the body has a label of its own, from 1 on.
    source = np.zeros(labels.max() + 1, np.int64)
    body = np.flatnonzero(~outside)
    source[labels.reshape(-1)[body]] = body
    near = outside & (distance <= margin)
    extended = flow.copy()
    extended[:, near] = flow.reshape(2, -1)[:, source[labels[near]]]
    return extended
