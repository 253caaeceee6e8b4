# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""Motifs of printed cloth: where they lie, how they are drawn, outlines."""

import functools

import cv2
import numpy as np

from .fields import to_bytes

_SHIFT = 4  # cv2 draws with coordinates in 1/16 pixel


def scatter(rng, count, jitter=0.28):
    """Spread points evenly but not regularly over the unit torus.

    Args:
        rng (np.random.Generator): Source of randomness.
        count (int): Points along a side; every other row is shifted by half.
        jitter (float): Largest shift of a point, in spacings.

    Returns:
        np.ndarray: (count**2, 2) of u, v.
    """
    v, u = np.mgrid[:count, :count].astype(np.float64)
    u += 0.5 * (v % 2)
    points = np.stack([u, v], -1).reshape(-1, 2)
    return (points + rng.uniform(-jitter, jitter, points.shape)) / count % 1


def repeated(painter):
    """Let a painter fill a quarter of the tile and repeat it.

    Printed cloth repeats every 20 to 30 cm, and a quarter costs a quarter.
    The painter counts its motifs for the quarter.
    """

    @functools.wraps(painter)
    def paint(rng, size, colors):
        half = painter(rng, (size + 1) // 2, colors)
        tile = np.tile(half, (2, 2, 1))
        if size % 2:
            tile = cv2.resize(tile, (size, size), interpolation=cv2.INTER_AREA)
        return tile

    return paint


def draw_polygons(image, shapes, centre, reach, colors):
    """Draw a motif, again across the edges where it crosses them.

    Args:
        image (np.ndarray): (size, size, 3) uint8, drawn on in place.
        shapes (list): Polygons (K, 2) around the motif's own origin, in
            tiles, drawn in this order.
        centre (np.ndarray): (2,) position u, v of the motif.
        reach (float): Radius of the motif, in tiles.
        colors (list): One RGB in [0, 1] a polygon.
    """
    size = image.shape[0]
    columns, rows = (
        [k for k in (-1, 0, 1) if -reach < c + k < 1 + reach] for c in centre
    )
    inks = [to_bytes(color) for color in colors]
    scale = 2**_SHIFT
    points = [
        np.rint(((shape + centre) * size - 0.5) * scale).astype(np.int32)
        for shape in shapes
    ]
    for dx in columns:
        for dy in rows:
            move = np.array([dx, dy], np.int32) * (size * scale)
            for polygon, ink in zip(points, inks, strict=True):
                cv2.fillPoly(image, [polygon + move], ink, cv2.LINE_AA, _SHIFT)


@functools.lru_cache(maxsize=64)
def _outline(lobes, depth, points):
    """Unit outline of a blob, complex."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    wave = 1 - depth + depth * np.abs(np.cos(angle * lobes / 2))
    return wave * np.exp(1j * angle)


@functools.lru_cache(maxsize=1)
def _unit_leaf():
    """A leaf of length 1 and half-width 1 along the real axis, complex."""
    t = np.linspace(0, 1, 7)
    side = np.sin(np.pi * t**0.8)
    return np.concatenate([t + 1j * side, (t - 1j * side)[-2:0:-1]])


def points_of(complex_line):
    """Complex numbers to (K, 2) points."""
    return np.stack([complex_line.real, complex_line.imag], 1)


def blob(radius, lobes, depth, turn, squeeze=1.0, points=28):
    """A flower-like outline: a circle whose radius waves ``lobes`` times."""
    line = radius * _outline(lobes, depth, points)
    if squeeze != 1.0:
        line = line.real + 1j * squeeze * line.imag
    return points_of(line * np.exp(1j * turn))


def leaf(length, width, turn):
    """A pointed leaf from the origin along the direction ``turn``."""
    unit = _unit_leaf()
    line = length * unit.real + 1j * width * unit.imag
    return points_of(line * np.exp(1j * turn))
