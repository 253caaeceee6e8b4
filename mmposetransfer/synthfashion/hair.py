"""Hair: a cap over the scalp and, for longer styles, lofts of their own."""

from dataclasses import replace

import numpy as np

from .cutting import clip
from .lofts import chart_grid, directions, loft, outlines, support
from .mesh import COLUMNS as VALUES
from .mesh import Mesh, all_corners

__all__ = ['HAIRSTYLES', 'make_hair']

#: Style: (weight among women, weight among men).
HAIRSTYLES = {
    'long': (12, 0.3),
    'bob': (3, 0.2),
    'bun': (1.6, 0.25),
    'ponytail': (2, 0.2),
    'short': (0.8, 5),
    'crop': (0.3, 4),
    'curly': (1.2, 1.2),
    'bald': (0, 0.8),
}

_THICKNESS = {
    'long': 0.016,
    'bob': 0.018,
    'bun': 0.010,
    'ponytail': 0.010,
    'short': 0.022,
    'crop': 0.007,
    'curly': 0.042,
}
COLUMNS = 64


def _hairline(canon, surface, style, fringe):
    """About metres inside the hairline.

    Args:
        fringe (float): Height of the front hairline, 0 at the eyes and 1 at
            the crown.
    """
    eyes, x = surface.eye_height, np.abs(canon[:, 0])
    unit = surface.head_top - eyes
    z = canon[:, 2] - surface.head_centre[2]
    # The hairline bends down from the middle to the temples.
    front = eyes + fringe * unit - 6.0 * x**2
    back = eyes - (0.75 if style != 'crop' else 0.55) * unit
    t = np.clip((z + 0.02) / 0.075, 0, 1)  # 1 at the face, 0 behind the ear
    inside = canon[:, 1] - back - (front - back) * t * t * (3 - 2 * t)
    # Around the ears.
    x = (x - surface.ear[0] - 0.004).astype(np.float64) / 0.7
    y = (canon[:, 1] - surface.ear[1] + 0.008).astype(np.float64)
    z = (canon[:, 2] - surface.ear[2]).astype(np.float64) / 0.8
    return np.minimum(inside, np.sqrt(x * x + y * y + z * z) - 0.036)


def _bulk(canon, surface, style, inside, rng):
    """Thickness of the cap, (V,) metres."""
    full = np.clip(inside / 0.05, 0, 1)
    least = 0.003 + _THICKNESS[style] * full**0.6
    if style in ('short', 'curly'):  # more on top
        least = least * (
            0.6 + 0.9 * np.clip((canon[:, 1] - surface.eye_height) / 0.1, 0, 1)
        )
    if style == 'curly':
        bumps = np.sin(
            canon @ rng.normal(0, 120, (3, 5)) + rng.uniform(0, 6, 5)
        )
        least = least * (1 + 0.10 * bumps.sum(1) * full)
    return least


def _cap(style, surface, place, normals, fringe, rng):
    scalp = surface.scalp
    canon = scalp.canon
    place, normals = place.take(scalp.rows, 0), normals.take(scalp.rows, 0)
    inside = _hairline(canon, surface, style, fringe)
    least = _bulk(canon, surface, style, inside, rng)
    shell = place + normals * least[:, None]
    chosen = inside > -0.03
    shell = scalp.relax(
        shell,
        place,
        normals,
        least * 0.9,
        chosen,
        1 if style == 'curly' else 3,
    )
    mesh = scalp.cut_out(
        all_corners(chosen, scalp.faces), shell, inside, 1.0, (inside,)
    )
    mesh = clip(mesh, mesh.vertices[:, VALUES])
    mesh = replace(
        mesh, vertices=np.ascontiguousarray(mesh.vertices[:, :VALUES])
    )
    return _strands(mesh, surface, style)


def _strands(mesh, surface, style):
    """Chart coordinates along the strands: from the crown outwards."""
    crown = surface.head_centre + np.float32([0, 0.10, -0.03])
    corners = mesh.canon[mesh.faces] - crown
    # Left and right alike, so that the chart has no seam.
    angle = np.arctan2(np.abs(corners[..., 0]), corners[..., 2])
    if style in ('bun', 'ponytail'):  # combed back
        angle = np.arctan2(np.abs(corners[..., 0]), corners[..., 1] + 0.10)
        along = corners[..., 2]
    else:
        along = np.linalg.norm(corners, axis=-1)
    uv = np.stack([angle * 0.09, along], -1).astype(np.float32)
    return Mesh(mesh.vertices, mesh.faces, uv, mesh.material, mesh.part)


def _curtain(surface, place, joints, length, rng):
    """Falling hair around head and neck, open before the face.

    Args:
        length (float): Metres below the eyes.
    """
    eyes = place[surface.body.landmarks['leye'], 1]
    rows = int(np.ceil((length + 0.06) / 0.025)) + 2
    heights = np.linspace(eyes + 0.06, eyes - length, rows)
    near = (np.abs(place[:, 0]) < 0.115) & (place[:, 1] > eyes - length - 0.1)
    near &= surface.led_by((3, 6, 9, 12, 13, 14, 15))
    angle, ways = directions(COLUMNS)
    margin = np.float32(0.02)
    tops = heights.astype(np.float32)
    radii, middles = outlines(
        support(place[near], tops + margin, tops - margin, ways), ways
    )
    # Below the head it falls straight and lies on neck and back.
    head = heights > eyes - 0.10
    fallen = radii[head].max(0)
    radii = np.where(
        head[:, None],
        radii,
        np.maximum(
            radii + 0.026,
            fallen * np.where(heights < eyes - 0.2, 0.9, 0.97)[:, None],
        ),
    )
    middles[~head] = middles[~head] * 0.6 + middles[head][-1] * 0.4
    down = np.linspace(0, 1, rows)[:, None]
    radii[1:-1] = (radii[:-2] + 2 * radii[1:-1] + radii[2:]) / 4
    radii = radii + _waves(angle, down, rng)
    tips = 0.012 * np.cos(7 * angle + rng.uniform(0, 6)) + 0.008 * np.cos(
        17 * angle + rng.uniform(0, 6)
    )
    y = heights[:, None] + tips[None] * down**2
    rings = np.stack(
        [
            middles[:, :1] + radii * ways[:, 0],
            y,
            middles[:, 1:] + radii * ways[:, 1],
        ],
        -1,
    )
    keep = _parting(angle, eyes - heights[:-1], rng)
    weights = np.zeros((rows, COLUMNS, 24))
    share = np.clip((y - joints[12, 1] + 0.02) / 0.12, 0, 1)
    weights[..., 15], weights[..., 9] = share, 1 - share
    uv = chart_grid(np.append(angle, np.pi) * 0.09, eyes - heights)
    canon = rings + (surface.head_centre - [0, eyes, 0])
    return loft(
        rings, canon, weights, uv, np.zeros(rings.shape[:2]), 1.0, 1, keep=keep
    )


def _waves(angle, down, rng):
    """How far falling hair stands off, (R, C) metres: straight to full.

    Args:
        angle (np.ndarray): (C,) around the head.
        down (np.ndarray): (R, 1), 0 at the upper end, 1 at the tips.
    """
    body = rng.uniform(0, 0.03)
    curl = rng.uniform(0.5, 2.5)
    phase = rng.uniform(0, 6, 3)
    # Round the head, and in locks that wind on their way down.
    wave = np.cos(9 * angle + phase[0] + 3 * curl * down)
    wave = wave + 0.6 * np.cos(14 * angle + phase[1] - 4 * curl * down)
    swell = np.sin(np.pi * np.clip(down * 1.2, 0, 1)) * body
    swell = swell * (1 + 0.25 * np.sin(6 * curl * down + phase[2]))
    return 0.014 * np.clip(down * 5, 0, 1) + swell + 0.004 * curl * wave * down


def _parting(angle, below, rng):
    """Which cells of falling hair there are, (R, C): none before the face.

    It frames the face and falls before the shoulders or behind them, on each
    side as it likes.

    Args:
        angle (np.ndarray): (C,) around the head, 0 in front.
        below (np.ndarray): (R,) metres below the eyes.
        rng (np.random.Generator): For the way it falls.
    """
    begin = np.radians(rng.uniform(64, 78))
    ends = np.where(
        rng.random(2) < 0.6, rng.uniform(30, 55, 2), rng.uniform(95, 110, 2)
    )
    middles = angle + np.pi / COLUMNS
    ends = np.radians(np.where(middles < 0, *ends))
    share = np.clip((below - 0.10) / 0.08, 0, 1)[:, None]
    return np.abs(middles)[None] > begin + (ends - begin)[None] * share


def _tail(surface, place, points, thickness):
    """A tube through points behind the head, for tails and buns.

    Args:
        points (np.ndarray): (R, 3) offsets from between the ears, metres.
        thickness (np.ndarray): (R,) radii, metres.
    """
    centre = place[
        [surface.body.landmarks['lear'], surface.body.landmarks['rear']]
    ].mean(0)
    line = points + centre
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    side = np.float64([1, 0, 0])
    other = np.cross(along, side)
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    angle = -np.linspace(0, 2 * np.pi, 16, endpoint=False)
    rings = line[:, None] + thickness[:, None, None] * (
        np.cos(angle)[None, :, None] * side
        + np.sin(angle)[None, :, None] * other[:, None]
    )
    weights = np.zeros((*rings.shape[:2], 24))
    weights[..., 15] = 1
    v = np.concatenate(
        [[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    )
    uv = chart_grid(np.append(angle, -2 * np.pi) * 0.04, v)
    return loft(rings, rings, weights, uv, np.ones(rings.shape[:2]), 1.0, 1)


def _bun(surface, place, rng):
    t = np.linspace(0, np.pi, 9)
    radius = rng.uniform(0.038, 0.052)
    high = rng.uniform(0.0, 0.11)
    back = -0.115 + 0.4 * max(high - 0.04, 0)
    points = np.stack(
        [
            0 * t,
            high + 0.3 * radius * -np.cos(t),
            back - 0.9 * radius * -np.cos(t),
        ],
        1,
    )
    return _tail(surface, place, points, radius * np.sin(t) + 1e-3)


def _ponytail(surface, place, rng):
    t = np.linspace(0, 1, 12)
    length = rng.uniform(0.18, 0.34)
    high = rng.uniform(0.0, 0.07)
    # It leaves the head, bends back and falls.
    points = np.stack(
        [
            0 * t,
            high + 0.05 * np.sin(np.pi * t * 1.1) - length * t**1.5,
            -0.072 - 0.080 * np.sin(np.pi * 0.68 * t),
        ],
        1,
    )
    return _tail(
        surface,
        place,
        points,
        0.03 * np.sin(np.pi * (0.12 + 0.85 * t)) + 0.002,
    )


def make_hair(style, surface, place, normals, joints, rng):
    """The hair of a person.

    Args:
        style (str): One of :data:`HAIRSTYLES`.
        surface (BodySurface): The body.
        place (np.ndarray): (V, 3) rest vertices of the person.
        normals (np.ndarray): (V, 3) their normals.
        joints (np.ndarray): (24, 3) rest joints of the person.
        rng (np.random.Generator): For the fall of the hair.

    Returns:
        list[Mesh]: Pieces with chart coordinates; none for the bald.
    """
    if style == 'bald':
        return []
    fringe = rng.uniform(0.46, 0.60)
    if style in ('long', 'bob', 'short') and rng.random() < 0.3:
        fringe = rng.uniform(0.24, 0.36)
    pieces = [_cap(style, surface, place, normals, fringe, rng)]
    if style in ('long', 'bob'):
        length = (
            rng.uniform(0.25, 0.54)
            if style == 'long'
            else rng.uniform(0.10, 0.17)
        )
        pieces.append(_curtain(surface, place, joints, length, rng))
    elif style == 'bun':
        pieces.append(_bun(surface, place, rng))
    elif style == 'ponytail':
        pieces.append(_ponytail(surface, place, rng))
    return pieces
