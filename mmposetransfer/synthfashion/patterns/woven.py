# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""Stripes, checks and other patterns that a loom or needles make.

Each painter maps (rng, size, colors) to a seamless (size, size, 3) uint8
RGB tile; ``colors`` is (n, 3) in [0, 1], the first one is the ground.
"""

import cv2
import numpy as np

from .fields import (
    canvas,
    coordinates,
    coverage,
    noise,
    over,
    ramp,
    shade,
    triangle,
)


def _profile(size, repeats, stripes):
    """Average a repeated list of (width, value) stripes over pixels.

    Returns:
        np.ndarray: (size,) + value shape, float32.
    """
    fine = 8
    widths = np.array([width for width, _ in stripes], np.float64)
    edges = np.cumsum(widths) / widths.sum()
    phase = (np.arange(size * fine) + 0.5) / (size * fine) * repeats % 1
    values = np.array([value for _, value in stripes], np.float32)
    line = values[np.searchsorted(edges, phase)]
    return line.reshape((size, fine) + values.shape[1:]).mean(1)


def _cross(warp, weft):
    """Cloth of coloured threads seen from afar: half warp, half weft."""
    image = np.sqrt(0.5 * (warp[None] ** 2 + weft[:, None] ** 2))
    return cv2.convertScaleAbs(image, alpha=255)


def _bands(line, size):
    """Turn a (size, 3) profile into horizontal stripes."""
    line = np.rint(line * 255).astype(np.uint8)
    return np.repeat(line[:, None], size, axis=1)


def plain(rng, size, colors):
    """One colour, with the faint unevenness of real cloth."""
    return shade(canvas(size, colors[0]), noise(rng, size, 6, 3, 0.7), 0.018)


def melange(rng, size, colors):
    """Heather jersey: fibres of two shades, a little streaky."""
    fibres = noise(rng, size, (100, 36)) + 0.4 * noise(rng, size, (24, 12))
    return ramp(0.45 + 0.2 * fibres, colors[:2])


def horizontal_stripes(rng, size, colors):
    """Even horizontal stripes of two or three colours."""
    repeats = int(rng.choice([4, 5, 6, 8, 10, 12, 16]))
    share = rng.choice([0.5, 0.5, rng.uniform(0.25, 0.7)])
    stripes = [(1 - share, colors[0]), (share, colors[1])]
    if rng.random() < 0.25:
        stripes += [(1 - share, colors[0]), (share, colors[2])]
        repeats = max(2, repeats // 2)
    return _bands(_profile(size, repeats, stripes), size)


def vertical_stripes(rng, size, colors):
    """Shirt stripes: two colours, half and half or a candy stripe."""
    repeats = int(rng.choice([8, 10, 12, 16, 20]))
    share = rng.uniform(0.3, 0.55)
    line = _profile(
        size, repeats, [(1 - share, colors[0]), (share, colors[1])]
    )
    return _bands(line, size).transpose(1, 0, 2).copy()


def pinstripe(rng, size, colors):
    """Thin vertical lines on a dark or light suiting cloth."""
    repeats = int(rng.choice([8, 10, 12, 14]))
    line = _profile(size, repeats, [(0.88, colors[0]), (0.12, colors[1])])
    return _bands(line, size).transpose(1, 0, 2).copy()


def breton(rng, size, colors):
    """Narrow, widely spaced horizontal stripes, as on a sailor's shirt."""
    repeats = int(rng.choice([7, 8, 9, 10, 12]))
    share = rng.uniform(0.22, 0.36)
    line = _profile(
        size, repeats, [(1 - share, colors[0]), (share, colors[1])]
    )
    return _bands(line, size)


def gingham(rng, size, colors):
    """Small even checks: white, the colour, and their mixture."""
    repeats = int(rng.choice([6, 8, 10, 12, 16]))
    line = _profile(size, repeats, [(1, colors[0]), (1, colors[1])])
    return _cross(line, line)


def windowpane(rng, size, colors):
    """Thin lines crossing to large squares."""
    repeats = int(rng.choice([4, 5, 6, 8]))
    width = rng.uniform(0.05, 0.09)
    line = _profile(size, repeats, [(1 - width, 0.0), (width, 1.0)])
    return ramp(np.maximum(line[None], line[:, None]), colors[:2])


def tartan(rng, size, colors):
    """A sett of four colours, the same along warp and weft."""
    repeats = int(rng.choice([2, 3, 3, 4]))
    ground, broad, thin, line = colors[:4]
    half = [
        (rng.uniform(2, 4), ground),
        (rng.uniform(0.3, 0.6), thin),
        (rng.uniform(0.6, 1.2), ground),
        (rng.uniform(2.5, 4), broad),
        (rng.uniform(0.25, 0.4), line),
        (rng.uniform(0.5, 1), broad),
    ]
    sett = _profile(size, repeats, half + half[::-1])
    return _cross(sett, sett)


def houndstooth(rng, size, colors):
    """Broken checks: 4 and 4 threads in a 2/2 twill."""
    repeats = int(rng.choice([6, 8, 8, 10, 12]))
    u, v = coordinates(size)
    dark = _profile(size, repeats, [(1, 1.0), (1, 0.0)])
    # Warp lies on top for two threads of four along the diagonal.
    twill = coverage(
        (0.25 - triangle(2 * repeats * (u + v) - 0.25)) / (2.8 * repeats), size
    )
    return ramp(twill * dark[None] + (1 - twill) * dark[:, None], colors[:2])


def argyle(rng, size, colors):
    """Rows of diamonds in two colours under a lattice of thin lines."""
    u, v = coordinates(size)
    columns = int(rng.choice([3, 4, 5]))
    rows = max(2, round(columns / rng.uniform(1.3, 1.6)))
    a, b = u * columns, v * rows
    # Diamonds of the first colour stand on the cell, of the second between.
    diamond = 0.5 - triangle(a - 0.5) - triangle(b - 0.5)
    first = coverage(diamond / columns, size)
    odd = np.round(a - 0.5).astype(int) % 2 == 0
    image = canvas(size, colors[0])
    over(image, first * odd if columns % 2 == 0 else first, colors[1])
    if columns % 2 == 0:
        over(image, first * ~odd, colors[2])
    lattice = np.minimum(triangle(a + b), triangle(a - b))
    return over(
        image, 0.9 * coverage((0.022 - lattice) / columns, size), colors[3]
    )


def chevron(rng, size, colors):
    """Zigzag stripes."""
    u, v = coordinates(size)
    rows = int(rng.choice([6, 8, 10]))
    columns = int(rng.choice([6, 8, 10]))
    height = rng.uniform(0.5, 1.0)
    phase = v * rows + height * 2 * triangle(u * columns)
    share = rng.choice([0.25, 0.25, 0.15])
    mask = coverage((share - triangle(phase)) / rows, size)
    return ramp(mask, colors[:2])


def fair_isle(rng, size, colors):
    """Knitted bands of small motifs in four colours."""
    stitches = int(rng.choice([48, 64]))
    bands = [
        (_random_band(rng, rng.choice([4, 5, 7])), rng.integers(1, 4))
        for _ in range(12)
    ]
    grid, rows = [], 0
    for motif, ink in bands:
        height = len(motif) + 1
        if rows + height > stitches:
            break
        tiled = np.tile(motif * ink, (1, stitches // motif.shape[1]))
        grid += [np.zeros((1, stitches), int), tiled]
        rows += height
    grid.append(np.zeros((stitches - rows, stitches), int))
    table = np.rint(colors[:4] * 255).astype(np.uint8)
    return cv2.resize(
        table[np.concatenate(grid)], (size, size), interpolation=cv2.INTER_AREA
    )


def _random_band(rng, height):
    """A mirror-symmetric 0/1 motif, (height, 8)."""
    quarter = rng.random(((height + 1) // 2, 4)) < 0.5
    quarter[np.arange(len(quarter)), np.arange(len(quarter)) % 4] = True
    half = np.concatenate([quarter, quarter[: height // 2][::-1]])
    return np.concatenate([half, half[:, ::-1]], axis=1).astype(int)


def denim(rng, size, colors):
    """Twill of blue warp and pale weft, with wear in soft patches."""
    u, v = coordinates(size)
    twill = triangle(64 * (u + v)) * 4 - 1
    slub = noise(rng, size, (14, 110))
    wear = noise(rng, size, 5, 2)
    field = 0.26 + 0.07 * twill + 0.055 * slub + 0.06 * wear
    return ramp(field, colors[:2])


def cable_knit(rng, size, colors):
    """Ribs and plaited cables, drawn by their light and shade."""
    u, v = coordinates(size)
    columns = int(rng.choice([4, 5, 6]))
    turns = int(rng.choice([4, 5, 6]))
    a = (u * columns) % 1 - 0.5
    swing = 0.17 * np.sin(2 * np.pi * turns * v)
    strand = np.maximum(0.14 - np.abs(a - swing), 0.14 - np.abs(a + swing))
    cable = np.sqrt(np.clip(strand, 0, None) / 0.14)
    # The crossing: a strand in front hides the other one's edge.
    split = np.minimum(np.abs(np.abs(a) - 0.40), 0.06) / 0.06
    stitch = 0.5 + 0.5 * np.cos(2 * np.pi * (48 * v + 5 * np.abs(a)))
    ground = 0.35 + 0.15 * (triangle(u * columns * 8) * 2)
    height = np.maximum(cable, ground * split) * (0.88 + 0.12 * stitch)
    return shade(canvas(size, colors[0]), height - 0.72, 0.42)


def rib_knit(rng, size, colors):
    """Vertical ribs."""
    u, v = coordinates(size)
    columns = int(rng.choice([20, 24, 32]))
    ribs = np.sqrt(2 * triangle(u * columns)) + 0.0 * v
    return shade(
        canvas(size, colors[0]),
        ribs - 0.75 + 0.06 * noise(rng, size, 8, 2),
        0.3,
    )


def herringbone(rng, size, colors):
    """Twill that turns back at every column."""
    u, v = coordinates(size)
    columns = int(rng.choice([8, 10, 12]))
    twill = triangle(40 * v + 3.5 * 2 * triangle(u * columns)) * 2
    return ramp(0.15 + 0.7 * twill + 0.05 * noise(rng, size, 40), colors[:2])
