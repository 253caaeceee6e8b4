"""Colours and wrinkles of surfaces, looked up in textures, compiled."""

import numpy as np
from numba import njit

from .materials import (
    BACK,
    BLUE,
    DECAL_BACK,
    DECAL_FRONT,
    FOLD_PERIOD,
    FOLD_SIZE,
    FRONT,
    GREEN,
    PERIOD,
    RED,
    TEXTURE,
    fold_map,
    srgb_to_linear,
)

__all__ = [
    'FAST',
    'FOLDS',
    'INDEX',
    'TO_LINEAR',
    'TO_SRGB',
    'albedo',
    'slopes',
]

FOLDS = fold_map()
TO_LINEAR = srgb_to_linear(np.arange(256) / 255)
_STEPS = 4096
_ramp = np.arange(_STEPS) / (_STEPS - 1)
TO_SRGB = (
    255
    * np.where(
        _ramp <= 0.0031308,
        12.92 * _ramp,
        1.055 * np.maximum(_ramp, 1e-9) ** (1 / 2.4) - 0.055,
    )
).astype(np.float32)
# Unsigned indices spare the check for negative ones.
FAST = dict(cache=True, nogil=True, fastmath=True, error_model='numpy')
INDEX = np.uint64


@njit(**FAST, inline='always')
def _corners(u, v, size):
    """Texels around a place and the shares of the later ones.

    ``u`` and ``v`` count tiles, ``size`` is a power of two.
    """
    # An integer would make it, and all that follows from it, float64.
    scale, half = np.float32(size), np.float32(0.5)
    x, y = u * scale - half, v * scale - half
    x0, y0 = np.int64(np.floor(x)), np.int64(np.floor(y))
    mask = np.int64(size - 1)
    return (
        INDEX(x0 & mask),
        INDEX((x0 + 1) & mask),
        INDEX(y0 & mask),
        INDEX((y0 + 1) & mask),
        x - np.float32(x0),
        y - np.float32(y0),
    )


@njit(**FAST, inline='always')
def _read(texels, offset, size, channels, u, v):
    """Bilinear sample of the first three and the last channel."""
    c0, c1, r0, r1, dx, dy = _corners(u, v, size)
    wb = dx * (np.float32(1) - dy)
    wc, wd = (np.float32(1) - dx) * dy, dx * dy
    wa = np.float32(1) - wb - wc - wd
    offset, size, channels = INDEX(offset), INDEX(size), INDEX(channels)
    a = offset + (r0 * size + c0) * channels
    b = offset + (r0 * size + c1) * channels
    c = offset + (r1 * size + c0) * channels
    d = offset + (r1 * size + c1) * channels
    one, two = INDEX(1), INDEX(2)
    red = wa * texels[a] + wb * texels[b] + wc * texels[c] + wd * texels[d]
    green = (
        wa * texels[a + one]
        + wb * texels[b + one]
        + wc * texels[c + one]
        + wd * texels[d + one]
    )
    blue = (
        wa * texels[a + two]
        + wb * texels[b + two]
        + wc * texels[c + two]
        + wd * texels[d + two]
    )
    k = channels - one
    last = (
        wa * texels[a + k]
        + wb * texels[b + k]
        + wc * texels[c + k]
        + wd * texels[d + k]
    )
    return red, green, blue, last


@njit(**FAST, inline='always')
def albedo(rows, m, side, u, v, x, y, texels, levels, rects, to_linear):
    """Linear colour of a point of the surface."""
    red, green, blue = rows[m, RED], rows[m, GREEN], rows[m, BLUE]
    half = np.float32(0.5)
    texture = np.int64(rows[m, TEXTURE])
    if texture >= 0:
        scale = np.float32(1) / rows[m, PERIOD]
        r, g, b, _ = _read(
            texels,
            levels[texture, 0],
            levels[texture, 1],
            levels[texture, 2],
            u * scale,
            v * scale,
        )
        red *= to_linear[INDEX(r + half)]
        green *= to_linear[INDEX(g + half)]
        blue *= to_linear[INDEX(b + half)]
    decal = np.int64(-1)
    if side == FRONT:
        decal = np.int64(rows[m, DECAL_FRONT])
    elif side == BACK:
        decal = np.int64(rows[m, DECAL_BACK])
    if decal >= 0:
        s = (x - rects[decal, 0]) / rects[decal, 2]
        t = (rects[decal, 1] - y) / rects[decal, 3]
        if (s > 0) & (s < 1) & (t > 0) & (t < 1):
            r, g, b, alpha = _read(
                texels,
                levels[decal, 0],
                levels[decal, 1],
                levels[decal, 2],
                s,
                t,
            )
            if alpha > 1:
                full = np.float32(255)
                scale = full / alpha
                alpha *= np.float32(1 / 255)
                left = np.float32(1) - alpha
                red = (
                    red * left
                    + alpha * to_linear[INDEX(min(r * scale, full) + half)]
                )
                green = (
                    green * left
                    + alpha * to_linear[INDEX(min(g * scale, full) + half)]
                )
                blue = (
                    blue * left
                    + alpha * to_linear[INDEX(min(b * scale, full) + half)]
                )
    return red, green, blue


@njit(**FAST, inline='always')
def slopes(u, v, folds):
    """The slopes of wrinkled cloth along u and v."""
    c0, c1, r0, r1, ds, dt = _corners(
        u * np.float32(1 / FOLD_PERIOD),
        v * np.float32(1 / FOLD_PERIOD),
        FOLD_SIZE,
    )
    one = np.float32(1)
    wa, wb = (one - ds) * (one - dt), ds * (one - dt)
    wc, wd = (one - ds) * dt, ds * dt
    along = (
        wa * folds[r0, c0, 0]
        + wb * folds[r0, c1, 0]
        + wc * folds[r1, c0, 0]
        + wd * folds[r1, c1, 0]
    )
    across = (
        wa * folds[r0, c0, 1]
        + wb * folds[r0, c1, 1]
        + wc * folds[r1, c0, 1]
        + wd * folds[r1, c1, 1]
    )
    return along, across
