"""Skirts and the skirts of dresses and coats: tubes of their own.

Each ring of the tube is the convex outline of the body at its height, as
cloth spans the gap between the legs, never narrower than the ring above
(it hangs), widened by the flare and waved by pleats.
"""

import numpy as np

from .lofts import chart_grid, directions, loft, outlines, support
from .mesh import DEEP

__all__ = ['make_skirt', 'skirt_weights']

COLUMNS = 96
ROW = 0.035  # metres
CHART_RADIUS = 0.15


def skirt_weights(canon, surface, flare=0.0):
    """Skinning weights that let a tube follow both legs.

    Args:
        canon (np.ndarray): (N, 3) canonical points.
        surface (BodySurface): The body.
        flare (float): Of the skirt, metres: the back of a wide one hangs
            from the hips rather than follow the thighs.

    Returns:
        np.ndarray: (N, 24) float32: spine and pelvis above the hips, then
        the thighs, left and right blended across the middle, and in part
        the shins below the knees.
    """
    x, y = canon[:, 0], canon[:, 1]
    out = np.zeros((len(canon), 24), np.float32)
    spine = np.clip((y - surface.height(2.2)) / 0.12, 0, 1)
    thigh = np.clip((surface.height(2.08) - y) / 0.20, 0, 1)
    thigh = thigh * thigh * (3 - 2 * thigh)
    behind = np.clip((surface.joints[1, 2] - canon[:, 2]) / 0.08, 0, 1)
    thigh = thigh * (1 - behind * np.clip(flare / 0.12, 0, 0.6))
    left = np.clip(0.5 + x / 0.20, 0, 1)
    left = left * left * (3 - 2 * left)
    shin = 0.75 * np.clip((surface.height(1.05) - y) / 0.15, 0, 1)
    out[:, 3] = spine
    out[:, 0] = (1 - spine) * (1 - thigh)
    for joint, share in ((1, left), (2, 1 - left)):
        out[:, joint] = thigh * share * (1 - shin)
        out[:, joint + 3] = thigh * share * shin
    return out


def _radii(garment, surface, place, heights, ways):
    """Radii (R, C) of a smooth tube around the body, and its middles."""
    trunk = surface.is_trunk
    # The rest place, but at canonical heights, so that rings meet levels.
    levelled = place[trunk]
    levelled[:, 1] = surface.canon[trunk, 1]
    margin = np.float32(ROW)
    tops = heights.astype(np.float32)
    radii, middles = outlines(
        support(levelled, tops + margin, tops - margin, ways), ways
    )
    hanging = np.maximum.accumulate(radii, axis=0)
    tight = np.clip(1 - garment.flare / 0.06, 0, 1)
    radii = (1 - tight) * hanging + tight * np.maximum(radii, 0.97 * hanging)
    # A smooth line of middles: the hanging cloth does not follow the shins.
    middles = np.stack(
        [
            np.interp(heights, heights[[-1, 0]], middles[[-1, 0], k]) * 0.5
            + 0.5 * middles[:, k]
            for k in range(2)
        ],
        1,
    )
    return radii, middles


def _folds(garment, angle, down, rng):
    """Waves of the hem, (R, C) metres; deeper the wider it is."""
    phase = rng.uniform(0, 2 * np.pi, 3)
    waves = max(garment.pleats, 3)
    wave = (
        np.cos(waves * angle + phase[0])
        + 0.5 * np.cos((waves + 3) * angle + phase[1])
        + 0.4 * np.cos((2 * waves - 1) * angle + phase[2])
    )
    depth = (0.003 + 0.09 * garment.flare) * np.clip(down * 1.3, 0, 1)
    return depth * (wave[None] - 0.4)


def make_skirt(garment, surface, place, joints, rng):
    """The tube of a garment below its waist.

    Args:
        garment (Garment): With ``has_skirt``.
        surface (BodySurface): The body.
        place (np.ndarray): (V, 3) this person's rest vertices.
        joints (np.ndarray): (24, 3) this person's rest joints.
        rng (np.random.Generator): For the fall of the folds.

    Returns:
        Mesh: With chart coordinates, material 0.
    """
    top = surface.height(garment.waist)
    length = top - surface.height(garment.hem)
    rings = max(int(np.ceil(length / ROW)) + 1, 4)
    heights = np.linspace(top, top - length, rings)
    down = np.linspace(0, 1, rings)[:, None]
    angle, ways = directions(COLUMNS)
    radii, middles = _radii(garment, surface, place, heights, ways)
    radii = (
        radii
        + 0.009
        + 0.006 * garment.layer
        + garment.ease * np.clip(down * 4, 0.3, 1)
        + garment.flare * down**0.9
    )
    radii = radii + _folds(garment, angle, down, rng)
    canon = np.stack(
        [
            middles[:, :1] + radii * ways[:, 0],
            np.repeat(heights[:, None], COLUMNS, 1),
            middles[:, 1:] + radii * ways[:, 1],
        ],
        -1,
    )
    points = canon.copy()
    points[..., 1] = surface.person_heights(heights, joints)[:, None]
    weights = skirt_weights(canon.reshape(-1, 3), surface, garment.flare)
    weights = weights.reshape(rings, COLUMNS, 24)
    around = np.append(angle, np.pi) * CHART_RADIUS
    uv = chart_grid(around, surface.joints[0, 1] - heights)
    # Never deep inside: one looks up a skirt as far as its waist.
    edge = np.repeat(
        np.minimum(heights - heights[-1], 0.9 * DEEP)[:, None], COLUMNS, 1
    )
    keep = None
    if garment.closure == 'open':
        half = 0.05 / 0.15 + 0.25 * down[:-1]
        keep = np.abs(angle + np.pi / COLUMNS)[None] > half
    return loft(
        points,
        canon,
        weights,
        uv,
        edge,
        0.25,
        _parts(weights, canon),
        keep=keep,
    )


def _parts(weights, canon):
    """Body parts of the cells: the torso above the hips, then the legs."""
    torso = weights[..., 0] + weights[..., 3] > 0.5
    part = np.where(torso, 2, np.where(canon[..., 0] > 0, 5, 6))
    return part[:-1]
