"""Draw the masks that a renderer paints a face with.

The masks lie on a small picture in head units (see ``regions.HeadFrame``)
seen from the front: the renderer interpolates ``face_coords`` over a
triangle and reads the picture there, so a brow stays sharp however coarse
the mesh is.
"""

import cv2
import numpy as np

MASKS = ('lips', 'brows', 'lashes', 'beard', 'moustache', 'cheeks')
BOX = (-1.6, -2.1, 1.6, 1.3)  # left, bottom, right, top, in head units
SIZE = (204, 192)  # height, width of the picture
OVERSAMPLE = 6

BROW = [
    (0.17, 0.17),
    (0.19, 0.30),
    (0.42, 0.38),
    (0.66, 0.39),
    (0.82, 0.31),
    (0.95, 0.18),
    (0.80, 0.26),
    (0.64, 0.30),
    (0.42, 0.27),
]
BEARD = [
    (0.0, -1.44),
    (0.30, -1.42),
    (0.42, -1.30),
    (0.52, -1.10),
    (0.72, -0.98),
    (1.02, -0.70),
    (1.14, -0.30),
    (1.40, -0.30),
    (1.40, -1.4),
    (1.05, -2.1),
    (0.0, -2.1),
]
MOUSTACHE = [
    (0.0, -0.98),
    (0.20, -0.95),
    (0.40, -1.06),
    (0.52, -1.24),
    (0.46, -1.32),
    (0.30, -1.14),
    (0.0, -1.09),
]


def draw_masks(mouth, lids):
    """Draw the pictures.

    Args:
        mouth: (N, 2) rim of the mouth, head units.
        lids: (M, 2) rim of the left eye's lids, head units.

    Returns:
        (6, H, W) uint8 in the order of :data:`MASKS`; row 0 is the top.
    """
    upper = lids[lids[:, 1] > np.median(lids[:, 1])]
    upper = upper[np.argsort(upper[:, 0])]
    blush = [
        (0.80 + 0.34 * np.cos(a), -0.62 + 0.26 * np.sin(a))
        for a in np.linspace(0, 2 * np.pi, 40)
    ]
    return np.stack(
        [
            polygons([lip_outline(mouth)], mirror=False, soft=0.03),
            polygons([smooth(BROW)], soft=0.04),
            polygons(
                [np.vstack([upper + (0, 0.035), upper[::-1] - (0, 0.03)])],
                soft=0.02,
            ),
            polygons([BEARD], soft=0.22),
            polygons([smooth(MOUSTACHE)], soft=0.08),
            polygons([blush], soft=0.3),
        ]
    )


def lip_outline(mouth):
    """The red of both lips around the slit of the mouth."""
    corner = np.abs(mouth[:, 0]).max() + 0.03
    y = mouth[np.argmax(np.abs(mouth[:, 0])), 1]
    upper = [
        (-1, 0.0),
        (-0.98, 0.005),
        (-0.6, 0.09),
        (-0.28, 0.165),
        (-0.12, 0.18),
        (0, 0.155),
    ]
    lower = [
        (1, 0.0),
        (0.98, -0.005),
        (0.7, -0.11),
        (0.4, -0.165),
        (0, -0.185),
    ]
    upper += [(-x, h) for x, h in upper[-2::-1]]
    lower += [(-x, h) for x, h in lower[-2::-1]]
    outline = np.array(upper[:-1] + lower[:-1])
    return smooth(outline * (corner, 1) + (0, y))


def smooth(outline, steps=3):
    """Round a closed polygon by Chaikin's corner cutting."""
    points = np.asarray(outline, dtype=float)
    for _ in range(steps):
        following = np.roll(points, -1, axis=0)
        points = np.stack(
            [
                0.75 * points + 0.25 * following,
                0.25 * points + 0.75 * following,
            ],
            1,
        )
        points = points.reshape(-1, 2)
    return points


def polygons(outlines, mirror=True, soft=0.0):
    """Fill outlines in head units on the picture, with soft edges."""
    height, width = (side * OVERSAMPLE for side in SIZE)
    left, bottom, right, top = BOX
    scale = np.array([width / (right - left), -height / (top - bottom)])
    canvas = np.zeros((height, width), dtype=np.uint8)
    for outline in outlines:
        for flip in (1, -1) if mirror else (1,):
            points = np.asarray(outline, dtype=float) * (flip, 1)
            pixels = (points - (left, top)) * scale - 0.5
            cv2.fillPoly(canvas, [np.round(pixels).astype(np.int32)], 255)
    if soft:
        canvas = cv2.GaussianBlur(canvas, (0, 0), soft * scale[0] / 2)
    return cv2.resize(canvas, SIZE[::-1], interpolation=cv2.INTER_AREA)


def sample(masks, points):
    """Masks (M, V) in [0, 1] at points (V, 2) in head units."""
    left, bottom, right, top = BOX
    x = (points[:, 0] - left) / (right - left) * SIZE[1] - 0.5
    y = (top - points[:, 1]) / (top - bottom) * SIZE[0] - 0.5
    maps = x.astype(np.float32)[None], y.astype(np.float32)[None]
    return (
        np.stack(
            [cv2.remap(mask, *maps, cv2.INTER_LINEAR)[0] for mask in masks]
        )
        / 255
    )
