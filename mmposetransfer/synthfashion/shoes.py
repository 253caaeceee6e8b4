"""Shoes and boots: lofted from the sole up, so that toes do not show."""

import numpy as np

from .lofts import chart_grid, directions, loft, outlines, support

__all__ = ['make_shoe']

COLUMNS = 40
SOLE = 0.018  # metres


def _weights(points, joints, side):
    """Shin above the ankle, foot below it, toes in front of the ball."""
    ankle, ball = joints[7 + side], joints[10 + side]
    shin = np.clip((points[..., 1] - ankle[1]) / 0.06 + 0.3, 0, 1)
    toes = np.clip((points[..., 2] - ball[2]) / 0.05 + 0.5, 0, 1)
    toes = toes * np.clip((ankle[1] - points[..., 1]) / 0.03, 0, 1)
    out = np.zeros((*points.shape[:-1], 24))
    out[..., 4 + side] = shin
    out[..., 7 + side] = (1 - shin) * (1 - toes)
    out[..., 10 + side] = (1 - shin) * toes
    return out


def _rings(garment, surface, place, joints, side, ways):
    """Heights, radii and middles of the upper, from the ground up."""
    leg = (4 + side, 7 + side, 10 + side)
    points = place[surface.led_by(leg)]
    ground = points[:, 1].min()
    top = joints[7 + side, 1] + (
        surface.height(garment.top) - surface.height(0)
    )
    foot = np.linspace(ground, min(top, ground + 0.10), 9)
    shaft = np.arange(foot[-1] + 0.03, top, 0.03) if top > foot[-1] else []
    heights = np.concatenate([foot, shaft, [top] * (len(shaft) > 0)])
    lows = heights - 0.012
    # On the foot everything above a ring counts: it closes like a shoe.
    highs = np.where(
        heights <= foot[-1] + 1e-6,
        np.maximum(heights + 0.02, ground + 0.085),
        heights + 0.02,
    )
    reach = support(
        points, highs.astype(np.float32), lows.astype(np.float32), ways
    )
    radii, middles = outlines(reach, ways)
    return heights, radii, middles


def make_shoe(garment, surface, place, joints, side):
    """One shoe.

    Args:
        garment (Garment): Of a category of shoes.
        surface (BodySurface): The body.
        place (np.ndarray): (V, 3) this person's rest vertices.
        joints (np.ndarray): (24, 3) this person's rest joints.
        side (int): 0 the left foot, 1 the right one.

    Returns:
        tuple[Mesh, Mesh]: Upper and sole.
    """
    angle, ways = directions(COLUMNS)
    heights, radii, middles = _rings(
        garment, surface, place, joints, side, ways
    )
    radii = radii + 0.005 + garment.ease
    if garment.category == 'boots':
        radii[9:] += 0.006
    # From the top down, as the outside of a loft wants it.
    upper = _surface(
        heights[::-1],
        radii[::-1],
        middles[::-1],
        (ways, angle, joints, side),
        heights[-1] - heights[::-1],
    )
    bulge = 0.006 if garment.category == 'sneakers' else 0.003
    sole = SOLE * (1.5 if garment.category == 'sneakers' else 0.8)
    low = heights[0]
    levels = np.array([low + 0.012, low + 0.006, low - sole, low - sole])
    rim = np.stack(
        [radii[1] + bulge, radii[1] + bulge, radii[1] + bulge, radii[1] * 0.02]
    )
    return upper, _surface(
        levels,
        rim,
        np.repeat(middles[1:2], 4, 0),
        (ways, angle, joints, side),
        np.ones(4),
    )


def _surface(heights, radii, middles, frame, edge):
    """Loft rings of given heights, radii and middles."""
    ways, angle, joints, side = frame
    rings = np.stack(
        [
            middles[:, :1] + radii * ways[:, 0],
            np.repeat(heights[:, None], COLUMNS, 1),
            middles[:, 1:] + radii * ways[:, 1],
        ],
        -1,
    )
    around = np.append(angle, np.pi) * 0.06
    return loft(
        rings,
        rings,
        _weights(rings, joints, side),
        chart_grid(around, -heights),
        np.repeat(edge[:, None], COLUMNS, 1),
        0.0,
        5 + side,
    )
