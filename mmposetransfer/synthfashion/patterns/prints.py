# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""All-over prints: dots, flowers, animal skins, camouflage, tie-dye.

Each painter maps (rng, size, colors) to a seamless (size, size, 3) uint8
RGB tile; ``colors`` is (n, 3) in [0, 1], the first one is the ground.
"""

import numpy as np

from .fields import (
    canvas,
    coordinates,
    coverage,
    noise,
    norm,
    over,
    ramp,
    shade,
    triangle,
)
from .motifs import blob, draw_polygons, leaf, points_of, repeated, scatter


def dots(rng, size, colors):
    """Polka dots, from pin dots to large ones, every other row shifted."""
    u, v = coordinates(size)
    count = int(rng.choice([6, 8, 10, 12, 16]))
    size_dot = rng.uniform(0.16, 0.3)
    a, b = u * count, v * count
    straight = norm(triangle(a), triangle(b))
    between = norm(triangle(a + 0.5), triangle(b + 0.5))
    distance = size_dot - np.minimum(straight, between)
    return ramp(coverage(distance / count, size), colors[:2])


@repeated
def floral(rng, size, colors):
    """Scattered flowers with centres and leaves."""
    image = canvas(size, colors[0])
    count = int(rng.choice([2, 3, 4]))
    lobes = int(rng.choice([4, 5, 5, 6, 8]))
    green = colors[3] * [0.6, 0.9, 0.6] + [0, 0.06, 0]
    for centre in scatter(rng, count):
        radius = rng.uniform(0.22, 0.46) / count
        turn = rng.uniform(0, 2 * np.pi)
        petal = colors[1 + int(rng.random() < 0.35)]
        inner = 0.55 * petal + 0.45 * colors[3]
        leaves = [
            leaf(radius * 1.9, radius * 0.3, turn + t)
            for t in (0.5, 2.4 + rng.uniform(0, 1))
        ]
        shapes = leaves + [
            blob(radius, lobes, 0.45, turn),
            blob(radius * 0.62, lobes, 0.45, turn + 0.3),
            blob(radius * 0.25, 1, 0, 0, points=10),
        ]
        draw_polygons(
            image,
            shapes,
            centre,
            radius * 2,
            [green, green, petal, inner, colors[3]],
        )
    return image


@repeated
def ditsy(rng, size, colors):
    """Small sprigs close together on a dark or pale ground."""
    image = canvas(size, colors[0])
    count = int(rng.choice([4, 5, 6]))
    for centre in scatter(rng, count, 0.35):
        radius = rng.uniform(0.2, 0.34) / count
        turn = rng.uniform(0, 2 * np.pi)
        ink = colors[1 + int(rng.integers(3))]
        shapes = [
            leaf(radius * 1.7, radius * 0.25, turn),
            blob(radius, 5, 0.4, turn, points=15),
        ]
        draw_polygons(image, shapes, centre, radius * 2, [colors[3], ink])
    return image


@repeated
def leaves(rng, size, colors):
    """Large tropical leaves, fronds of blades along a stem."""
    image = canvas(size, colors[0])
    for k, centre in enumerate(scatter(rng, 2, 0.12)):
        length = rng.uniform(0.34, 0.44)
        turn = rng.uniform(0, 2 * np.pi)
        shapes = []
        for t in np.linspace(-0.5, 0.5, 6):
            stem = t * length * np.array([np.cos(turn), np.sin(turn)])
            for side in (1, -1):
                blade = leaf(
                    length * (0.65 - 0.5 * abs(t)),
                    length * 0.06,
                    turn + side * (0.85 - 0.25 * t),
                )
                shapes.append(blade + stem)
        ink = colors[1 + k % 2]
        draw_polygons(image, shapes, centre, length, [ink] * len(shapes))
    return image


@repeated
def paisley(rng, size, colors):
    """Curled drops with a rim and a core."""
    image = canvas(size, colors[0])
    count = int(rng.choice([2, 3]))
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
        shapes = [
            scale * (base + k * (shape - base)) for k in (1, 0.78, 0.5, 0.26)
        ]
        draw_polygons(
            image,
            shapes,
            centre,
            scale * 1.2,
            [colors[1], colors[2], colors[3], colors[1]],
        )
    return image


def camouflage(rng, size, colors):
    """Four blotchy colours over each other."""
    image = canvas(size, colors[0])
    for color, level, cells in zip(
        colors[1:4], (0.1, 0.45, 0.95), (5, 6, 7), strict=True
    ):
        field = noise(rng, size, (cells, cells - 2), 3, 0.45)
        over(image, np.clip((field - level) * size / 24 + 0.5, 0, 1), color)
    return image


@repeated
def leopard(rng, size, colors):
    """Broken dark rosettes with a tan heart on a sandy ground."""
    count = int(rng.choice([4, 5]))
    points = scatter(rng, count, 0.24).astype(np.float32)
    image = canvas(size, colors[0])
    shade_field = noise(rng, size, 3, 2)
    image = shade(image, shade_field, 0.05)
    spots = [_rosette(rng) for _ in range(6)]
    for k, centre in enumerate(points):
        size_k = rng.uniform(0.3, 0.42) / count
        draw_polygons(
            image,
            [size_k * shape for shape in spots[k % 6]],
            centre,
            size_k * 1.4,
            [colors[1]] + [colors[2]] * 3,
        )
    return image


def _rosette(rng):
    """A heart and three thick, uneven pieces of a ring around it."""
    turn, gap = rng.uniform(0, 2 * np.pi, 2)
    squeeze = rng.uniform(0.65, 0.95)
    shapes = [blob(0.85, 1, 0, turn, squeeze, 14)]
    for start, span in ((0, 1.7), (2.2, 1.3), (4.1, 1.5)):
        angle = gap + start + np.linspace(0, span * rng.uniform(0.7, 1.1), 7)
        half = np.sin(np.linspace(0.35, np.pi - 0.35, 7)) * 0.27
        half = half * rng.uniform(0.7, 1.15, 7)
        arc = np.concatenate(
            [
                (1 + half) * np.exp(1j * angle),
                ((1 - half) * np.exp(1j * angle))[::-1],
            ]
        )
        arc = arc.real + 1j * squeeze * arc.imag
        shapes.append(points_of(arc * np.exp(1j * turn)))
    return shapes


def zebra(rng, size, colors):
    """Wavy stripes that fork."""
    u, v = coordinates(size)
    count = int(rng.choice([5, 6, 7]))
    warp = 0.42 * noise(rng, size, (5, 4), 2, 0.4)
    phase = v * count + warp + 0.35 * np.sin(2 * np.pi * (u - v))
    width = 0.22 + 0.05 * noise(rng, size, 8)
    return ramp(
        coverage((width - triangle(phase)) / count, size, 1.5), colors[:2]
    )


def tie_dye(rng, size, colors):
    """Rings of running dye, crumpled."""
    u, v = coordinates(size)
    centre = rng.random(2)
    distance = norm(triangle(u - centre[0]), triangle(v - centre[1]))
    crumple = noise(rng, size, 6, 4, 0.7)
    fuzz = noise(rng, size, 40)
    phase = 2.2 * distance + 0.06 * crumple + 0.02 * fuzz + rng.random()
    white = np.full(3, 0.95)
    rings = [white, colors[0], colors[1], white, colors[2], colors[0]]
    return ramp(phase - np.floor(phase), [*rings, white])


def watercolor(rng, size, colors):
    """Soft clouds of colour running into each other."""
    image = ramp(0.5 + 0.35 * noise(rng, size, 4, 3, 0.5), colors[:2])
    for color in colors[2:4]:
        field = noise(rng, size, 4, 3, 0.5)
        over(image, np.clip(0.9 * field - 0.35, 0, 0.85), color)
    return image


@repeated
def abstract(rng, size, colors):
    """Brush marks in three colours."""
    image = canvas(size, colors[0])
    for centre in scatter(rng, int(rng.choice([3, 4])), 0.35):
        length = rng.uniform(0.09, 0.16)
        turn = rng.normal(0.7, 0.35)
        mark = blob(length, 1, 0, turn, rng.uniform(0.2, 0.4), 14)
        mark = mark + rng.normal(0, 0.006, mark.shape)
        draw_polygons(
            image,
            [mark],
            centre,
            length * 1.2,
            [colors[1 + int(rng.integers(3))]],
        )
    return image
