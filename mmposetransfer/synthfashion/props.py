"""What belongs to a person's place but not to the person: stool and shadow.

Both are painted onto the background, behind the person.
"""

import cv2
import numpy as np

__all__ = ['paint_ground_shadow', 'paint_stool']

_SEATED = 0.75  # metres: a standing person's hips are higher


def _ring(camera, centre, radius, height, count=32):
    """A horizontal circle in the picture, (count, 2) pixels."""
    t = np.linspace(0, 2 * np.pi, count, endpoint=False)
    points = np.stack(
        [
            centre[0] + radius * np.cos(t),
            np.full(count, height),
            centre[2] + radius * np.sin(t),
        ],
        1,
    )
    return camera.project(points)[:, :2]


def _fill(picture, polygon, color):
    fixed = np.round(np.clip(polygon, -4000, 4000) * 16).astype(np.int32)
    cv2.fillConvexPoly(picture, cv2.convexHull(fixed), color, cv2.LINE_AA, 4)


def paint_stool(background, camera, points, joints, rng):
    """Put a drum stool under somebody who sits.

    Args:
        background (np.ndarray): (H, W, 3) uint8 RGB, changed.
        camera (PerspectiveCamera): The camera.
        points (np.ndarray): (V, 3) posed vertices, world metres.
        joints (np.ndarray): (24, 3) posed joints.
        rng (np.random.Generator): For its colour.

    Returns:
        bool: Whether somebody sits.
    """
    ground = points[:, 1].min()
    hips, knees = joints[[1, 2]].mean(0), joints[[4, 5]]
    if hips[1] - ground > _SEATED or hips[1] - knees[:, 1].min() > 0.2:
        return False
    centre = joints[0] + 0.25 * (knees.mean(0) - joints[0])
    seat, radius = hips[1] - 0.105, 0.21
    base = np.float64(
        ((235, 233, 230), (196, 170, 138), (120, 118, 116), (60, 58, 58))[
            int(rng.integers(4))
        ]
    )
    top = _ring(camera, centre, radius, seat)
    bottom = _ring(camera, centre, radius, ground)
    _fill(background, np.concatenate([top, bottom]), tuple(base * 0.74))
    left = np.concatenate([top, bottom])
    narrow = left.copy()
    middle = left[:, 0].mean()
    narrow[:, 0] = middle + (narrow[:, 0] - middle) * 0.55
    _fill(background, narrow, tuple(base * 0.80))
    _fill(background, top, tuple(base * 0.97))
    return True


def paint_ground_shadow(background, camera, points, strength):
    """Darken the floor under the feet.

    Args:
        background (np.ndarray): (H, W, 3) uint8 RGB, changed.
        camera (PerspectiveCamera): The camera.
        points (np.ndarray): (V, 3) posed vertices, world metres.
        strength (float): How dark it is right under the feet, in [0, 1].
    """
    height, width = background.shape[:2]
    ground = points[:, 1].min()
    low = points[np.flatnonzero(points[:, 1] < ground + 0.05)[::3]]
    low[:, 1] = ground
    seen = camera.project(low)[:, :2]
    if seen[:, 1].min() > height + 2:
        return
    scale = max(height, width) / 64
    mask = np.zeros(
        (int(height / scale) + 1, int(width / scale) + 1), np.float32
    )
    col, row = (seen / scale + 0.5).astype(int).T
    inside = (
        (col >= 0) & (row >= 0) & (col < mask.shape[1]) & (row < mask.shape[0])
    )
    mask[row[inside], col[inside]] = 1
    mask = cv2.GaussianBlur(
        cv2.dilate(mask, np.ones((1, 3), np.uint8)), (0, 0), 1.6, sigmaY=0.8
    )
    mask = cv2.resize(mask, (width, height))
    rows = slice(max(int(seen[:, 1].min() - 4 * scale), 0), height)
    shade = 1 - strength * np.clip(mask[rows], 0, 1)
    background[rows] = (background[rows] * shade[..., None]).astype(np.uint8)
