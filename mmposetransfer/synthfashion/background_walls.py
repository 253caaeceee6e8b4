# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""Walls behind a person: plaster, concrete, brick, wood, panels, curtain.

Each painter maps (rng, rows, columns) to (rows, columns, 3) float32 RGB,
about 0 to 1. Lengths are in heights of the picture, about two metres.
"""

import numpy as np

from .palette import hex_to_rgb, sample_colors
from .patterns.fields import norm, upsample

_BRICKS = (
    '8f4a38',
    'a35d47',
    '7a3d30',
    'b98a70',
    'e6e3de',
    'f0efec',
    '9a9692',
)
_WOODS = ('8a6544', 'a98259', '5f432d', 'c3a078', 'd9d3c8', '4a3a30')


def grid(rows, columns):
    """Lengths u (1, columns) and v (rows, 1) from the upper left corner."""
    v = ((np.arange(rows, dtype=np.float32) + 0.5) / rows)[:, None]
    u = ((np.arange(columns, dtype=np.float32) + 0.5) / rows)[None]
    return u, v


def smooth_noise(rng, rows, columns, cells, octaves=1, gain=0.5):
    """Noise of standard deviation near 1 that need not be seamless.

    Args:
        rng (np.random.Generator): Source of randomness.
        rows (int): Height.
        columns (int): Width.
        cells (tuple[float, float]): Blobs along one height, (v, u).
        octaves (int): Layers, each twice as fine as the one before.
        gain (float): Amplitude of a layer over that of the one before.

    Returns:
        np.ndarray: (rows, columns) float32.
    """
    total = np.zeros((rows, columns), np.float32)
    amplitude, power = 1.0, 0.0
    for k in range(octaves):
        ny = max(2, round(cells[0] * 2**k))
        nx = max(2, round(cells[1] * 2**k * columns / rows))
        values = rng.standard_normal((ny, nx), dtype=np.float32)
        total += np.float32(2.1 * amplitude) * upsample(
            values, rows, columns, periodic=False
        )
        power += amplitude**2
        amplitude *= gain
    return total / np.float32(np.sqrt(power))


def lit(rng, image):
    """Let the light fall off to one side and downwards."""
    rows, columns = image.shape[:2]
    u, v = grid(rows, columns)
    slope = rng.normal(0, 0.12, 2)
    light = 1 + slope[0] * (u - 0.5 * columns / rows) + slope[1] * (v - 0.5)
    return image * light[..., None].astype(np.float32)


def _tinted(field, color):
    return field[..., None] * np.asarray(color, np.float32)


def plaster(rng, rows, columns):
    """A painted wall, trowelled by hand."""
    color = sample_colors(rng, 1, 'background')[0]
    field = smooth_noise(rng, rows, columns, (4, 4), 5, 0.62)
    amount = rng.uniform(0.015, 0.05)
    return lit(rng, _tinted(0.97 + amount * field, color))


def concrete(rng, rows, columns):
    """Cast grey panels with joints and anchor holes."""
    u, v = grid(rows, columns)
    field = 1 + 0.05 * smooth_noise(rng, rows, columns, (3, 3), 6, 0.65)
    width, height = rng.uniform(0.5, 0.8), rng.uniform(0.35, 0.6)
    du, dv = rng.random(2)
    a, b = (u + du) / width, (v + dv) / height
    to_joint = np.minimum(
        np.abs(a - np.round(a)) * width, np.abs(b - np.round(b)) * height
    )
    field *= 1 - 0.22 * np.exp(-((to_joint / 0.004) ** 2))
    ha, hb = (a % 1 - 0.5) * width, (b % 1 - 0.5) * height
    hole = norm(np.abs(ha) - width * 0.3, np.abs(hb) - height * 0.25)
    field *= 1 - 0.35 * np.exp(-((hole / 0.008) ** 4))
    tint = np.array([1.01, 1, 0.98]) * rng.uniform(0.5, 0.8)
    return lit(rng, _tinted(field, tint))


def brick(rng, rows, columns):
    """Running bond, bare or painted over."""
    u, v = grid(rows, columns)
    color = hex_to_rgb(_BRICKS[rng.integers(len(_BRICKS))])
    painted = color.min() > 0.8
    height = rng.uniform(0.034, 0.045)
    width = height * rng.uniform(2.8, 3.4)
    row = np.floor(v / height)
    a, b = u / width + 0.5 * (row % 2), v / height
    tone = rng.normal(1, 0.02 if painted else 0.11, (40, 40))
    tone = tone[row.astype(int) % 40, np.floor(a).astype(int) % 40]
    to_joint = np.minimum(
        np.abs(a - np.round(a)) * width, np.abs(b - np.round(b)) * height
    )
    mortar = np.clip(1.5 - to_joint / 0.0028, 0, 1)[..., None]
    rough = 1 + 0.035 * smooth_noise(rng, rows, columns, (12, 12), 3, 0.7)
    joint = color * 0.86 if painted else hex_to_rgb('b3aaa0')
    image = _tinted(tone * rough, color) * (1 - mortar)
    return lit(rng, (image + mortar * joint).astype(np.float32))


def wood(rng, rows, columns):
    """Upright planks with grain."""
    u, v = grid(rows, columns)
    color = hex_to_rgb(_WOODS[rng.integers(len(_WOODS))])
    width = rng.uniform(0.07, 0.14)
    plank = u / width + rng.random()
    number = np.floor(plank).astype(int)
    tone = rng.uniform(0.86, 1.06, 64)[number % 64]
    grain = 0.06 * smooth_noise(
        rng, rows, columns, (3, 60), 2, 0.8
    ) + 0.03 * smooth_noise(rng, rows, columns, (2, 9))
    gap = np.abs(plank - np.round(plank)) * width
    field = tone * (1 + grain) * (1 - 0.6 * np.exp(-((gap / 0.0025) ** 2)))
    return lit(rng, _tinted(field + 0 * v, color))


def panels(rng, rows, columns):
    """A painted wall with mouldings and a skirting board."""
    u, v = grid(rows, columns)
    color = sample_colors(rng, 1, 'background')[0]
    width = rng.uniform(0.35, 0.55)
    a = np.abs((u + rng.random()) / width % 1 - 0.5) * width
    foot = rng.uniform(0.8, 0.9)
    top = rng.uniform(-0.3, 0.15)
    b = np.abs(v - (top + foot) / 2 + 0.03)
    inside = np.minimum(width * 0.4 - a, (foot - top) / 2 - 0.06 - b)
    field = 1 + _moulding(inside, 0.006) * 0.16
    field = field * (1 + 0.12 * _moulding(foot - v, 0.006))
    field = np.where(v > foot, field * 1.02, field)
    floor = rng.uniform(0.93, 0.97)
    image = _tinted(field.astype(np.float32), color)
    wooden = hex_to_rgb(_WOODS[rng.integers(len(_WOODS))])
    image = np.where((v > floor)[..., None], wooden, image)
    return lit(rng, image.astype(np.float32))


def _moulding(distance, width):
    """Bright on one side of an edge, dark on the other."""
    t = distance / width
    return (np.exp(-((t - 1) ** 2)) - np.exp(-((t + 1) ** 2))).astype(
        np.float32
    )


def curtain(rng, rows, columns):
    """Cloth hanging in folds."""
    u, v = grid(rows, columns)
    color = sample_colors(rng, 1, 'background')[0]
    wave = 0.12 * smooth_noise(rng, rows, columns, (2, 3))
    phase = 2 * np.pi * (u * rng.uniform(7, 13) + wave + 0.1 * v)
    field = (
        1
        + 0.10 * np.sin(phase)
        + 0.05 * np.sin(2.3 * phase)
        + 0.02 * smooth_noise(rng, rows, columns, (2, 20))
    )
    return lit(rng, _tinted(0.9 * field, color))
