# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""Building blocks of textile patterns: seamless fields and colouring.

Coordinates u (to the right) and v (down) run from 0 to 1 over one tile, at
pixel centres; a field is a float32 (size, size) array.
"""

from functools import lru_cache

import cv2
import numpy as np
from numba import njit


@lru_cache(maxsize=8)
def coordinates(size):
    """Pixel-centre coordinates of a tile.

    Returns:
        tuple: u (1, size) and v (size, 1), float32, in (0, 1).
    """
    line = (np.arange(size, dtype=np.float32) + 0.5) / size
    return line[None], line[:, None]


@lru_cache(maxsize=256)
def _spline_taps(size, cells, periodic):
    """Cubic B-spline from ``cells`` values along a line to ``size`` pixels.

    It is averaged over each pixel's footprint, so that a field drawn small
    is the field drawn large, seen from farther away.

    Returns:
        tuple: index and weight, (size, K), of the values behind each pixel.
    """
    sub = max(1, int(np.ceil(2 * cells / size)))
    place = (np.arange(size * sub) + 0.5) / (size * sub) * cells - 0.5
    base = np.floor(place).astype(np.int32)
    t = place - base
    kernel = np.stack(
        [
            (1 - t) ** 3,
            3 * t**3 - 6 * t**2 + 4,
            -3 * t**3 + 3 * t**2 + 3 * t + 1,
            t**3,
        ],
        1,
    )
    index = base[:, None] + np.arange(-1, 3, dtype=np.int32)
    index = index % cells if periodic else index.clip(0, cells - 1)
    weight = (kernel / (6 * sub)).astype(np.float32)
    return index.reshape(size, -1), weight.reshape(size, -1)


def upsample(values, rows, columns, periodic=True):
    """Interpolate a coarse grid smoothly.

    Own code in place of two matrix products: BLAS starts threads, which
    costs loader workers more than the arithmetic.

    Args:
        values (np.ndarray): (h, w) float32.
        rows (int): Height wanted.
        columns (int): Width wanted.
        periodic (bool): Whether opposite edges meet.

    Returns:
        np.ndarray: (rows, columns) float32.
    """
    h, w = values.shape
    return _resample(
        values,
        *_spline_taps(rows, h, periodic),
        *_spline_taps(columns, w, periodic),
    )


@njit(cache=True, nogil=True, fastmath=True)
def _resample(values, row_index, row_weight, column_index, column_weight):
    rows, columns = len(row_index), len(column_index)
    wide = np.zeros((values.shape[0], columns), np.float32)
    for y in range(values.shape[0]):
        for x in range(columns):
            for k in range(column_index.shape[1]):
                wide[y, x] += (
                    column_weight[x, k] * values[y, column_index[x, k]]
                )
    out = np.zeros((rows, columns), np.float32)
    for y in range(rows):
        for k in range(row_index.shape[1]):
            weight, source = row_weight[y, k], row_index[y, k]
            for x in range(columns):
                out[y, x] += weight * wide[source, x]
    return out


def noise(rng, size, cells, octaves=1, gain=0.5):
    """Seamless smooth noise with mean 0 and standard deviation near 1.

    Args:
        rng (np.random.Generator): Source of randomness.
        size (int): Side of the tile in pixels.
        cells (int | tuple[int, int]): Blobs along (v, u) over the tile.
        octaves (int): Layers, each twice as fine as the one before.
        gain (float): Amplitude of a layer over that of the one before.

    Returns:
        np.ndarray: (size, size) float32.
    """
    rows, columns = (cells, cells) if np.isscalar(cells) else cells
    total = np.zeros((size, size), np.float32)
    amplitude, power = 1.0, 0.0
    for _ in range(octaves):
        grid = rng.standard_normal((rows, columns), dtype=np.float32)
        grid -= grid.mean()
        total += np.float32(2.1 * amplitude) * upsample(grid, size, size)
        power += amplitude**2
        amplitude *= gain
        rows, columns = 2 * rows, 2 * columns
    return total / np.float32(np.sqrt(power))


def coverage(distance, size, softness=1.0):
    """Share of each pixel inside a shape, from a signed distance.

    Args:
        distance (np.ndarray): Signed distance in tiles, positive inside.
        size (int): Side of the tile in pixels.
        softness (float): Width of the edge in pixels.

    Returns:
        np.ndarray: Same shape, float32 in [0, 1].
    """
    return np.clip(distance * np.float32(size / softness) + 0.5, 0, 1)


def triangle(phase):
    """Triangle wave of period 1: 0 at integers, 0.5 half-way between."""
    return np.abs(phase - np.round(phase))


def norm(u, v):
    """Distance from the origin (np.hypot is far slower)."""
    return np.sqrt(u * u + v * v)


def ramp(field, colors):
    """Colour a field: 0 becomes the first colour, 1 the last one.

    Args:
        field (np.ndarray): (size, size), clipped to [0, 1].
        colors (np.ndarray): (n, 3) RGB in [0, 1], evenly spaced.

    Returns:
        np.ndarray: (size, size, 3) uint8 RGB.
    """
    colors = np.asarray(colors, np.float32)
    steps = np.linspace(0, 1, 256)
    knots = np.linspace(0, 1, len(colors))
    table = np.stack(
        [np.interp(steps, knots, colors[:, c]) for c in range(3)], 1
    )
    index = cv2.convertScaleAbs(np.clip(field, 0, 1), alpha=255)
    table = np.rint(table * 255).astype(np.uint8)[:, None]
    return cv2.applyColorMap(index, np.ascontiguousarray(table))


def canvas(size, color):
    """A plain (size, size, 3) uint8 tile."""
    image = np.empty((size, size, 3), np.uint8)
    return cv2.rectangle(image, (0, 0), (size, size), to_bytes(color), -1)


def to_bytes(color):
    """RGB in [0, 1] to a tuple of three ints, as OpenCV wants it."""
    return tuple(int(round(255 * float(c))) for c in color)


def over(image, mask, color):
    """Lay one colour over an image where the mask says so, in place.

    Args:
        image (np.ndarray): (size, size, 3) uint8.
        mask (np.ndarray): (size, size) float32 in [0, 1].
        color (np.ndarray): (3,) RGB in [0, 1].

    Returns:
        np.ndarray: ``image``.
    """
    mask = np.broadcast_to(mask, image.shape[:2])
    _blend(image, mask, np.asarray(color, np.float32) * 255)
    return image


@njit(cache=True, nogil=True)
def _blend(image, mask, color):
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            m = mask[y, x]
            if m > 0.0:
                for c in range(3):
                    image[y, x, c] = np.uint8(
                        image[y, x, c] * (1 - m) + color[c] * m + 0.5
                    )


def shade(image, field, amount):
    """Multiply an image by 1 + amount * field, as light on cloth does."""
    factor = cv2.merge([1 + np.float32(amount) * field] * 3)
    return cv2.multiply(image, factor, dtype=cv2.CV_8U)
