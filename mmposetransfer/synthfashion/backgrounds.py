# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""What stands behind the person: mostly a studio wall, at times the world.

A background is painted at a fixed height of its own and then resized, so
one seed shows one scene at every size of the same aspect ratio.
"""

import cv2
import numpy as np

from . import background_scenes as scenes
from . import background_walls as walls
from .palette import sample_colors
from .patterns.fields import norm

__all__ = ['BACKGROUNDS', 'sample_background']


def studio_white(rng, rows, columns):
    """White paper, a little uneven in its light."""
    return _studio(
        rng, rows, columns, rng.uniform(0.93, 1.02), 0.07, np.ones(3)
    )


def studio_grey(rng, rows, columns):
    """Light to middle grey paper."""
    tint = 1 + rng.uniform(-0.02, 0.02) * np.array([1, 0, -1])
    return _studio(rng, rows, columns, rng.uniform(0.62, 0.94), 0.16, tint)


def studio_coloured(rng, rows, columns):
    """Paper of a pale, at times of a strong colour."""
    color = sample_colors(rng, 1, 'background')[0]
    if color.max() - color.min() < 0.03:
        color = color * rng.uniform(0.85, 1.0, 3)
    return _studio(rng, rows, columns, 1.0, 0.2, color)


# name: (painter, rows it is painted with, weight)
_PAINTERS = {
    'studio_white': (studio_white, 128, 36),
    'studio_grey': (studio_grey, 128, 24),
    'studio_coloured': (studio_coloured, 128, 12),
    'plaster': (walls.plaster, 192, 5),
    'concrete': (walls.concrete, 192, 3),
    'brick': (walls.brick, 192, 3),
    'wood': (walls.wood, 192, 2.5),
    'panels': (walls.panels, 192, 2),
    'curtain': (walls.curtain, 192, 1.5),
    'bokeh': (scenes.bokeh, 96, 2),
    'foliage': (scenes.foliage, 96, 2),
    'street': (scenes.street, 96, 3),
    'room': (scenes.room, 96, 3),
    'park': (scenes.park, 96, 1.5),
    'beach': (scenes.beach, 96, 1),
}
BACKGROUNDS = tuple(_PAINTERS)
_CUMULATIVE = np.cumsum([weight for _, _, weight in _PAINTERS.values()])


def sample_background(rng, size=(256, 256), kind=None):
    """Paint a background.

    Args:
        rng (np.random.Generator): Source of randomness; the same state
            gives the same scene at every size of one aspect ratio.
        size (tuple[int, int]): Height and width in pixels.
        kind (str, optional): One of ``BACKGROUNDS``. None draws one; seven
            of ten are studio paper, as in shop photographs.

    Returns:
        np.ndarray: (H, W, 3) uint8 RGB.

    Raises:
        ValueError: If ``kind`` is unknown or ``size`` is not positive.
    """
    height, width = size
    if height < 1 or width < 1:
        raise ValueError(
            f'size must be a positive (height, width), got {size}'
        )
    if kind is None:
        place = rng.random() * _CUMULATIVE[-1]
        kind = BACKGROUNDS[int(np.searchsorted(_CUMULATIVE, place, 'right'))]
    if kind not in _PAINTERS:
        raise ValueError(
            f'unknown background {kind!r}; expected one of {BACKGROUNDS}'
        )
    painter, rows, _ = _PAINTERS[kind]
    image = painter(rng, rows, max(2, round(rows * width / height)))
    smaller = height < rows
    image = cv2.resize(
        image,
        (width, height),
        interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC,
    )
    return cv2.convertScaleAbs(image.clip(0, 1, out=image), alpha=255)


def _studio(rng, rows, columns, level, depth, color):
    """Paper under soft light: slope, pool of light, corners, floor line.

    Args:
        rng (np.random.Generator): Source of randomness.
        rows (int): Height.
        columns (int): Width.
        level (float): Brightness where the light is full.
        depth (float): How much darker the darkest places are.
        color (np.ndarray): (3,) factor on the brightness.

    Returns:
        np.ndarray: (rows, columns, 3) float32, may exceed [0, 1].
    """
    v = ((np.arange(rows, dtype=np.float32) + 0.5) / rows)[:, None]
    u = ((np.arange(columns, dtype=np.float32) + 0.5 - columns / 2) / rows)[
        None
    ]
    slope = rng.normal(0, (0.35, 0.3)) * depth
    light = slope[0] * u + slope[1] * (v - 0.5)
    centre = rng.normal(0, 0.2), rng.normal(0.4, 0.12)
    spread = rng.uniform(0.45, 0.9)
    distance = ((u - centre[0]) ** 2 + (v - centre[1]) ** 2) / spread**2
    light = light - depth * rng.uniform(0, 0.9) * (1 - np.exp(-distance))
    light = (
        light
        - depth
        * rng.uniform(0, 0.4)
        * (np.clip(norm(u, v - 0.5) - 0.45, 0, 1) * 3) ** 2
    )
    if rng.random() < 0.45:
        light = light + _floor(rng, v, depth)
    image = (level * (1 + light)).astype(np.float32)
    # By channels: numpy takes ten times as long for pixels of three.
    return cv2.merge([image * c for c in np.asarray(color, np.float32)])


def _floor(rng, v, depth):
    """Light on the floor, below a sharp edge or a paper's soft curve."""
    line = rng.uniform(0.78, 0.93)
    softness = rng.choice([0.006, 0.03, 0.08])
    t = 1 / (1 + np.exp(-np.clip((v - line) / softness, -30, 30)))
    edge = -0.3 * np.exp(-(((v - line) / (0.01 + softness)) ** 2))
    return depth * (rng.uniform(-0.9, 0.6) * t + rng.uniform(0, 1) * edge)
