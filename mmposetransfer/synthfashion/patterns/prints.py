# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""All-over prints: dots, flowers, animal skins, camouflage, tie-dye.

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
    to_bytes,
    triangle,
)

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
    columns, rows = ([k for k in (-1, 0, 1) if -reach < c + k < 1 + reach]
                     for c in centre)
    for dx in columns:
        for dy in rows:
            origin = centre + [dx, dy]
            for shape, color in zip(shapes, colors, strict=True):
                points = (shape + origin) * size - 0.5
                cv2.fillPoly(
                    image, [np.rint(points * 2**_SHIFT).astype(np.int32)],
                    to_bytes(color), cv2.LINE_AA, _SHIFT)


def blob(radius, lobes, depth, turn, squeeze=1.0, points=28):
    """A flower-like outline: a circle whose radius waves ``lobes`` times."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    r = radius * (1 - depth + depth * np.abs(np.cos(angle * lobes / 2)))
    x, y = r * np.cos(angle), r * np.sin(angle) * squeeze
    c, s = np.cos(turn), np.sin(turn)
    return np.stack([c * x - s * y, s * x + c * y], 1)


def leaf(length, width, turn, points=7):
    """A pointed leaf from the origin along the direction ``turn``."""
    t = np.linspace(0, 1, points)
    side = width * np.sin(np.pi * t**0.8)
    x = np.concatenate([t, t[-2:0:-1]]) * length
    y = np.concatenate([side, -side[-2:0:-1]])
    c, s = np.cos(turn), np.sin(turn)
    return np.stack([c * x - s * y, s * x + c * y], 1)


def dots(rng, size, colors):
    """Polka dots, from pin dots to large ones, every other row shifted."""
    u, v = coordinates(size)
    count = int(rng.choice([6, 8, 10, 12, 16]))
    radius = rng.uniform(0.16, 0.3)
    a, b = u * count, v * count
    straight = np.hypot(triangle(a), triangle(b))
    between = np.hypot(triangle(a + 0.5), triangle(b + 0.5))
    distance = radius - np.minimum(straight, between)
    return ramp(coverage(distance / count, size), colors[:2])


def floral(rng, size, colors):
    """Scattered flowers with centres and leaves."""
    image = canvas(size, colors[0])
    count = int(rng.choice([4, 5, 6, 7]))
    lobes = int(rng.choice([4, 5, 5, 6, 8]))
    green = colors[3] * [0.6, 0.9, 0.6] + [0, 0.06, 0]
    for centre in scatter(rng, count):
        radius = rng.uniform(0.22, 0.46) / count
        turn = rng.uniform(0, 2 * np.pi)
        petal = colors[1 + int(rng.random() < 0.35)]
        inner = 0.55 * petal + 0.45 * colors[3]
        leaves = [leaf(radius * 1.9, radius * 0.3, turn + t)
                  for t in (0.5, 2.4 + rng.uniform(0, 1))]
        shapes = leaves + [blob(radius, lobes, 0.45, turn),
                           blob(radius * 0.62, lobes, 0.45, turn + 0.3),
                           blob(radius * 0.25, 1, 0, 0, points=10)]
        draw_polygons(image, shapes, centre, radius * 2,
                      [green, green, petal, inner, colors[3]])
    return image


def ditsy(rng, size, colors):
    """Small sprigs close together on a dark or pale ground."""
    image = canvas(size, colors[0])
    count = int(rng.choice([9, 10, 11]))
    for centre in scatter(rng, count, 0.35):
        radius = rng.uniform(0.2, 0.34) / count
        turn = rng.uniform(0, 2 * np.pi)
        ink = colors[1 + int(rng.integers(3))]
        shapes = [leaf(radius * 1.7, radius * 0.25, turn),
                  blob(radius, 5, 0.4, turn, points=15)]
        draw_polygons(image, shapes, centre, radius * 2, [colors[3], ink])
    return image


def leaves(rng, size, colors):
    """Large tropical leaves, fronds of blades along a stem."""
    image = canvas(size, colors[0])
    for k, centre in enumerate(scatter(rng, 4, 0.25)):
        length = rng.uniform(0.16, 0.22)
        turn = rng.uniform(0, 2 * np.pi)
        shapes = []
        for t in np.linspace(-0.5, 0.5, 7):
            stem = t * length * np.array([np.cos(turn), np.sin(turn)])
            for side in (1, -1):
                blade = leaf(length * (0.65 - 0.5 * abs(t)), length * 0.06,
                             turn + side * (0.85 - 0.25 * t))
                shapes.append(blade + stem)
        ink = colors[1 + k % 2]
        draw_polygons(image, shapes, centre, length * 1.2,
                      [ink] * len(shapes))
    return image


def paisley(rng, size, colors):
    """Curled drops with a rim and a core."""
    image = canvas(size, colors[0])
    count = int(rng.choice([4, 5, 6]))
    t = np.linspace(0, 1, 25)
    width = 0.55 * np.sin(np.pi * t**0.6)
    bend = 0.9 * t**2.2
    side = np.concatenate([width, -width[-2:0:-1]])
    along = np.concatenate([t, t[-2:0:-1]])
    curl = np.concatenate([bend, bend[-2:0:-1]])
    drop = np.stack([along - 0.4, side * 0.8 + curl - 0.2], 1)
    for centre in scatter(rng, count, 0.15):
        scale = rng.uniform(0.5, 0.68) / count
        turn = rng.choice([0.6, 0.6 + np.pi]) + rng.normal(0, 0.25)
        c, s = np.cos(turn), np.sin(turn)
        shape = drop @ np.array([[c, s], [-s, c]])
        base = shape[6] * 0.2 + shape[-6] * 0.2 - shape[0] * 0.1
        shapes = [scale * (base + k * (shape - base))
                  for k in (1, 0.78, 0.5, 0.26)]
        draw_polygons(image, shapes, centre, scale * 1.2,
                      [colors[1], colors[2], colors[3], colors[1]])
    return image


def camouflage(rng, size, colors):
    """Four blotchy colours over each other."""
    image = canvas(size, colors[0])
    for color, level, cells in zip(colors[1:4], (0.1, 0.45, 0.95), (5, 6, 7),
                                   strict=True):
        field = noise(rng, size, (cells, cells - 2), 3, 0.45)
        over(image, np.clip((field - level) * size / 24 + 0.5, 0, 1), color)
    return image


def leopard(rng, size, colors):
    """Broken dark rosettes with a tan heart on a sandy ground."""
    count = int(rng.choice([8, 9, 10]))
    points = scatter(rng, count, 0.24).astype(np.float32)
    image = canvas(size, colors[0])
    shade_field = noise(rng, size, 3, 2)
    image = shade(image, shade_field, 0.05)
    for centre in points:
        radius = rng.uniform(0.3, 0.42) / count
        turn, gap = rng.uniform(0, 2 * np.pi, 2)
        squeeze = rng.uniform(0.65, 0.95)
        heart = blob(radius * 0.85, 1, 0, turn, squeeze, 14)
        arcs = [_arc(radius, gap + start, span, squeeze, turn, rng)
                for start, span in ((0, 1.7), (2.2, 1.3), (4.1, 1.5))]
        draw_polygons(image, [heart, *arcs], centre, radius * 1.6,
                      [colors[1]] + [colors[2]] * 3)
    return image


def _arc(radius, start, span, squeeze, turn, rng):
    """A thick, uneven piece of a ring."""
    angle = start + np.linspace(0, span * rng.uniform(0.7, 1.1), 7)
    half = np.sin(np.linspace(0.35, np.pi - 0.35, 7)) * 0.27
    half = half * rng.uniform(0.7, 1.15, 7)
    r = np.concatenate([1 + half, (1 - half)[::-1]]) * radius
    angle = np.concatenate([angle, angle[::-1]])
    x, y = r * np.cos(angle), r * np.sin(angle) * squeeze
    c, s = np.cos(turn), np.sin(turn)
    return np.stack([c * x - s * y, s * x + c * y], 1)


def zebra(rng, size, colors):
    """Wavy stripes that fork."""
    u, v = coordinates(size)
    count = int(rng.choice([5, 6, 7]))
    warp = 0.42 * noise(rng, size, (5, 4), 2, 0.4)
    phase = v * count + warp + 0.35 * np.sin(2 * np.pi * (u - v))
    width = 0.22 + 0.05 * noise(rng, size, 8)
    return ramp(coverage((width - triangle(phase)) / count, size, 1.5),
                colors[:2])


def tie_dye(rng, size, colors):
    """Rings of running dye, crumpled."""
    u, v = coordinates(size)
    centre = rng.random(2)
    distance = np.hypot(triangle(u - centre[0]), triangle(v - centre[1]))
    crumple = noise(rng, size, 5, 4, 0.6)
    phase = 3.2 * distance + 0.16 * crumple + rng.random()
    band = 2 * triangle(phase) + 0.1 * noise(rng, size, 24, 2)
    return ramp(band * 0.9 + 0.05, colors[:4])


def watercolor(rng, size, colors):
    """Soft clouds of colour running into each other."""
    image = ramp(0.5 + 0.35 * noise(rng, size, 4, 3, 0.5), colors[:2])
    for color in colors[2:4]:
        field = noise(rng, size, 4, 3, 0.5)
        over(image, np.clip(0.9 * field - 0.35, 0, 0.85), color)
    return image


def abstract(rng, size, colors):
    """Brush marks in three colours."""
    image = canvas(size, colors[0])
    for centre in scatter(rng, int(rng.choice([5, 6, 7])), 0.35):
        length = rng.uniform(0.05, 0.09)
        turn = rng.normal(0.7, 0.35)
        mark = blob(length, 1, 0, turn, rng.uniform(0.2, 0.4), 14)
        mark = mark + rng.normal(0, 0.003, mark.shape)
        draw_polygons(image, [mark], centre, length * 1.2,
                      [colors[1 + int(rng.integers(3))]])
    return image
