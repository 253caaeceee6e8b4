# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""Places out of focus: street, room, park, beach, lights, leaves.

Each painter maps (rng, rows, columns) to (rows, columns, 3) float32 RGB,
about 0 to 1. Lengths are in heights of the picture.
"""

import cv2
import numpy as np

from .background_walls import grid, lit, smooth_noise
from .palette import hex_to_rgb, sample_colors

_SKIES = ('dfe9f2', 'b9d3ea', '8fb8de', 'eef0f1', 'f3e0cf')
_FACADES = (
    'b9a48c',
    '9a8474',
    'c9bfb2',
    '8d8f94',
    '7a5c4d',
    'a87e62',
    'd8d2c6',
    '5f666e',
)
_GREENS = ('2f4a26', '49652f', '6c8a3f', '94ad5b', '385838', 'b7c47a')


def _pick(rng, codes):
    return hex_to_rgb(codes[rng.integers(len(codes))])


def blurred(image, radius):
    """Gaussian blur; ``radius`` in heights of the picture."""
    return cv2.GaussianBlur(
        np.ascontiguousarray(image, np.float32),
        (0, 0),
        radius * image.shape[0],
        borderType=cv2.BORDER_REPLICATE,
    )


def fill(image, box, color):
    """Fill a rectangle (u0, v0, u1, v1), in heights, in place."""
    rows = image.shape[0]
    u0, v0, u1, v1 = (int(round(rows * x)) for x in box)
    image[max(v0, 0) : max(v1, 0), max(u0, 0) : max(u1, 0)] = color


def _ramp(rows, columns, top, bottom):
    """A vertical gradient."""
    _, v = grid(rows, columns)
    image = (1 - v)[..., None] * top + v[..., None] * bottom
    return np.repeat(image, columns, axis=1).astype(np.float32)


def _lights(rng, image, count, radius, colors, gain):
    """Add bright discs of defocused lamps, in place."""
    rows, columns = image.shape[:2]
    u, v = grid(rows, columns)
    for _ in range(count):
        centre = rng.random() * columns / rows, rng.random()
        r = radius * rng.uniform(0.5, 1.3)
        distance = np.sqrt((u - centre[0]) ** 2 + (v - centre[1]) ** 2)
        layer = np.clip((r - distance) * rows + 0.5, 0, 1)
        color = colors[rng.integers(len(colors))]
        image += layer[..., None] * (gain * rng.uniform(0.3, 1) * color)


def bokeh(rng, rows, columns):
    """Lamps far out of focus before the evening or a bright day."""
    dark = rng.random() < 0.5
    base = sample_colors(rng, 1, 'background')[0] * (0.25 if dark else 0.75)
    field = 1 + 0.22 * smooth_noise(rng, rows, columns, (3, 3), 2)
    image = (field[..., None] * base).astype(np.float32)
    lamps = np.stack(
        [
            hex_to_rgb(c)
            for c in ('ffd9a0', 'fff2dc', 'ffb070', 'bcd7ff', 'ff9a8a')
        ]
    )
    _lights(rng, image, 14, 0.06, lamps, 0.5 if dark else 0.22)
    return blurred(image, 0.006)


def foliage(rng, rows, columns):
    """Leaves in sun and shade."""
    greens = np.stack([hex_to_rgb(c) for c in _GREENS])
    image = np.empty((rows, columns, 3), np.float32)
    image[:] = greens[0] * 0.8
    for k, green in enumerate(rng.permutation(greens[1:])):
        cells = (5 + 4 * k, 5 + 4 * k)
        field = smooth_noise(rng, rows, columns, cells, 2, 0.8)
        mask = np.clip(0.8 * field - 0.25, 0, 0.9)[..., None]
        image += mask * (green - image)
    sun = 1 + 0.25 * smooth_noise(rng, rows, columns, (2, 2))
    image *= sun[..., None]
    _lights(rng, image, 10, 0.03, greens[3:], 0.3)
    return blurred(image, rng.uniform(0.008, 0.02))


def street(rng, rows, columns):
    """House fronts on both sides, a bright end, a pavement."""
    width = columns / rows
    horizon = rng.uniform(0.55, 0.68)
    vanish = width * rng.uniform(0.35, 0.65)
    sky = _pick(rng, _SKIES)
    image = _ramp(rows, columns, sky, np.minimum(sky * 1.1, 1))
    for side in (-1, 1):
        _houses(rng, image, side, vanish, horizon, width)
    u, v = grid(rows, columns)
    paving = hex_to_rgb('9b9791') * rng.uniform(0.7, 1.1)
    depth = np.clip((v - horizon) / (1 - horizon), 0, 1)
    ground = (0.8 + 0.25 * depth)[..., None] * paving
    ground = (
        ground
        * (1 + 0.05 * np.sign(np.sin(9 * (u - vanish) / (depth + 0.12))))[
            ..., None
        ]
    )
    image = np.where((v > horizon)[..., None], ground, image)
    return lit(rng, blurred(image, rng.uniform(0.012, 0.025)))


def _houses(rng, image, side, vanish, horizon, width):
    """Fronts that get smaller towards the vanishing point."""
    edge = 0.0 if side < 0 else width
    near = 1.0
    while near > 0.18:
        far = near * rng.uniform(0.55, 0.75)
        color = _pick(rng, _FACADES) * (0.8 + 0.35 * (1 - near))
        u0, u1 = (vanish + (edge - vanish) * t for t in (near, far))
        top = horizon - rng.uniform(0.6, 1.1) * near
        low, high = min(u0, u1), max(u0, u1)
        fill(image, (low, top, high, horizon + 0.04 * near), color)
        glass = color * rng.uniform(0.45, 0.7)
        step = (high - low) / 3
        for a in range(3):
            for b in np.arange(top + 0.05, horizon - 0.12 * near, 0.16 * near):
                fill(
                    image,
                    (
                        low + step * (a + 0.25),
                        b,
                        low + step * (a + 0.7),
                        b + 0.09 * near,
                    ),
                    glass,
                )
        fill(
            image,
            (low, horizon - 0.12 * near, high, horizon),
            _pick(rng, _FACADES) * 0.55,
        )
        near = far


def room(rng, rows, columns):
    """A wall with a window or a picture, furniture, a floor."""
    width = columns / rows
    wall = sample_colors(rng, 1, 'background')[0] * rng.uniform(0.8, 1)
    image = _ramp(rows, columns, wall, wall * 0.92)
    floor = rng.uniform(0.76, 0.86)
    fill(image, (0, floor - 0.02, width, floor), np.minimum(wall * 1.1, 1))
    fill(
        image,
        (0, floor, width, 1),
        hex_to_rgb('a9825c') * rng.uniform(0.5, 1.2),
    )
    left = rng.uniform(-0.1, width - 0.25)
    if rng.random() < 0.6:
        _window(rng, image, left)
    else:
        fill(image, (left, 0.15, left + 0.3, 0.5), wall * 0.35)
        fill(
            image,
            (left + 0.02, 0.17, left + 0.28, 0.48),
            sample_colors(rng, 1)[0],
        )
    seat = rng.uniform(0, width)
    cloth = sample_colors(rng, 1)[0]
    high = rng.uniform(0.5, 0.68)
    fill(image, (seat, high, seat + 0.5, floor + 0.06), cloth * 0.9)
    fill(image, (seat - 0.04, high + 0.1, seat + 0.54, floor + 0.04), cloth)
    _plant(rng, image, rng.uniform(0, width), floor)
    return lit(rng, blurred(image, rng.uniform(0.008, 0.02)))


def _window(rng, image, left):
    """A bright window with bars."""
    fill(image, (left, 0.05, left + 0.42, 0.58), (0.93, 0.93, 0.91))
    light = _pick(rng, _SKIES)
    for a in (0, 1):
        for b in (0, 1):
            u, v = left + 0.02 + 0.2 * a, 0.07 + 0.255 * b
            fill(
                image, (u, v, u + 0.18, v + 0.235), np.minimum(light * 1.1, 1)
            )


def _plant(rng, image, u, floor):
    """A pot with leaves."""
    rows = image.shape[0]
    for _ in range(14):
        du, dv = rng.normal(0, (0.05, 0.07))
        centre = int(rows * (u + du)), int(rows * (floor - 0.2 + dv))
        axes = int(rows * 0.05), int(rows * 0.018)
        cv2.ellipse(
            image,
            centre,
            axes,
            rng.uniform(0, 180),
            0,
            360,
            tuple(float(c) for c in _pick(rng, _GREENS)),
            -1,
        )
    fill(
        image,
        (u - 0.05, floor - 0.1, u + 0.05, floor + 0.02),
        _pick(rng, _FACADES),
    )


def park(rng, rows, columns):
    """Sky, trees, a lawn and a path."""
    horizon = rng.uniform(0.55, 0.66)
    _, v = grid(rows, columns)
    sky = _pick(rng, _SKIES)
    image = _ramp(rows, columns, sky, np.minimum(sky * 1.08, 1))
    edge = 0.3 + 0.12 * smooth_noise(rng, rows, columns, (1, 5), 2)
    leaves = foliage(rng, rows, columns)
    mask = np.clip((v - edge) * 12, 0, 1)[..., None]
    image = image * (1 - mask) + leaves * mask
    lawn = hex_to_rgb('7f9a4c') * rng.uniform(0.7, 1.1)
    patches = 1 + 0.12 * smooth_noise(rng, rows, columns, (14, 5), 2)
    ground = patches[..., None] * lawn
    image = np.where((v > horizon)[..., None], ground, image)
    if rng.random() < 0.5:
        fill(
            image,
            (0, rng.uniform(0.78, 0.86), columns / rows, 1),
            hex_to_rgb('c9bca4') * rng.uniform(0.8, 1),
        )
    return lit(rng, blurred(image, rng.uniform(0.01, 0.02)))


def beach(rng, rows, columns):
    """Sky, sea and sand."""
    horizon, shore = rng.uniform(0.4, 0.52), rng.uniform(0.62, 0.75)
    _, v = grid(rows, columns)
    sky = _pick(rng, _SKIES)
    image = _ramp(rows, columns, sky * 0.92, np.minimum(sky * 1.08, 1))
    waves = 1 + 0.06 * smooth_noise(rng, rows, columns, (50, 6), 2)
    sea = waves[..., None] * hex_to_rgb('5f93a8') * rng.uniform(0.8, 1.15)
    image = np.where((v > horizon)[..., None], sea, image)
    edge = shore + 0.012 * smooth_noise(rng, rows, columns, (1, 4))
    foam = np.exp(-(((v - edge) / 0.012) ** 2))[..., None]
    sand = 1 + 0.04 * smooth_noise(rng, rows, columns, (30, 20), 3)
    image = np.where(
        (v > edge)[..., None], sand[..., None] * hex_to_rgb('dcc7a2'), image
    )
    return lit(rng, blurred(image + 0.35 * foam, rng.uniform(0.004, 0.012)))
