"""Cutting clothes out of the body's surface.

A garment is the body displaced along its normals, smoothed where it is wide,
and trimmed exactly by fields over the canonical T-pose: each field is about
the distance in metres to one edge of the cloth, positive inside.
"""

from dataclasses import replace
from functools import reduce

import numpy as np

from .charts import chart
from .cutting import clip
from .mesh import COLUMNS, all_corners

__all__ = [
    'MARGIN',
    'cloth_distance',
    'edge_fields',
    'make_shell',
    'shell_thickness',
]

FOOTWEAR = ('shoes', 'sneakers', 'boots', 'socks')
LAYER_GAP = 0.006  # metres between one layer of cloth and the next
# Cloth covers a vertex for sure when it reaches this far beyond it.
MARGIN = 0.03


def _sphere(canon, centre, radii):
    """About the distance outside an ellipsoid, metres."""
    # By columns: numpy takes ten times as long to sum up rows of three.
    x, y, z = ((canon[:, k] - centre[k]) / radii[k] for k in range(3))
    return (np.sqrt(x * x + y * y + z * z) - 1) * np.min(radii)


def _neck_centre(surface):
    return surface.joints[12] + np.float32([0, -0.03, 0.015])


def _front(canon, surface):
    """Metres before the plane of the shoulders."""
    return canon[:, 2] - surface.joints[16, 2]


def _neck_field(canon, garment, surface):
    kind = garment.neckline
    x, y = np.abs(canon[:, 0]), canon[:, 1]
    centre = _neck_centre(surface)
    if kind == 'strapless':
        return surface.height(2.66) - y
    if kind in ('turtleneck', 'hood'):
        return centre[1] + 0.06 - y - 0.45 * _front(canon, surface)
    if kind == 'collar':
        return centre[1] + 0.045 - y - 0.15 * _front(canon, surface)
    # Nothing stays around the neck above the neckline.
    ring = centre[1] + 0.02 - y
    if kind == 'boat':
        return np.minimum(
            ring,
            _sphere(
                canon,
                centre + np.float32([0, 0.012, 0]),
                np.float32([0.135, 0.062, 0.12]),
            ),
        )
    if kind == 'scoop':
        return np.minimum(
            ring,
            _sphere(
                canon,
                centre + np.float32([0, -0.025, 0.06]),
                np.float32([0.088, 0.105, 0.13]),
            ),
        )
    crew = _sphere(canon, centre, np.float32([0.078, 0.07, 0.085]))
    crew = np.minimum(crew, ring)
    if kind == 'v':
        deep = centre[1] - 0.16
        v = (deep + 2.1 * x - y) * 0.43
        return np.minimum(crew, np.where(_front(canon, surface) > -0.02, v, 1))
    return crew


def _armhole_field(canon, garment, surface):
    """Edge of sleeveless tops: narrow at the shoulder, out at the armpit."""
    x = np.abs(canon[:, 0])
    if garment.neckline == 'strapless':
        return surface.reach(0) + 0.01 - x
    width = {'tank_top': -0.045, 'scoop': -0.03}.get(garment.category, -0.012)
    below = np.clip(surface.joints[16, 1] + 0.03 - canon[:, 1], 0, 0.12)
    return surface.reach(0) + width + 0.35 * below - x


def _opening_field(canon, garment, surface):
    """Front opening of what is worn open; wider towards the hem."""
    x, y = np.abs(canon[:, 0]), canon[:, 1]
    down = np.clip(surface.height(2.9) - y, 0, 0.8)
    half = 0.035 + 0.10 * down
    return np.maximum(x - half, -_front(canon, surface) - 0.03)


def edge_fields(canon, garment, surface):
    """The edges of a garment's shell.

    Args:
        canon (np.ndarray): (N, 3) canonical points.
        garment (Garment): What to cut.
        surface (BodySurface): The body.

    Returns:
        list[np.ndarray]: (N,) fields, positive where there is cloth.
    """
    y = canon[:, 1]
    # A bodice reaches below the upper edge of its skirt.
    hem = garment.waist - 0.08 if garment.has_skirt else garment.hem
    fields = [y - surface.height(hem)]
    if not garment.is_upper:
        return [*fields, surface.height(garment.top) - y]
    fields.append(_neck_field(canon, garment, surface))
    if garment.sleeve > 0:
        fields.append(surface.reach(garment.sleeve) - np.abs(canon[:, 0]))
    else:
        fields.append(_armhole_field(canon, garment, surface))
    if garment.closure == 'open':
        fields.append(_opening_field(canon, garment, surface))
    return fields


def cloth_distance(canon, garment, surface):
    """How far inside a garment canonical points lie, metres.

    Skirt parts count down to a hand's breadth above their hem: what they
    hide cannot be seen from below.
    """
    distance = reduce(np.minimum, edge_fields(canon, garment, surface))
    if not garment.has_skirt:
        return distance
    y = canon[:, 1]
    skirt = np.minimum(
        y - surface.height(garment.hem) - 0.10,
        surface.height(garment.waist) - y,
    )
    skirt = np.where(np.abs(canon[:, 0]) < surface.reach(0.3), skirt, -1)
    if garment.closure == 'open':
        skirt = np.minimum(skirt, _opening_field(canon, garment, surface))
    return np.maximum(distance, skirt)


def shell_thickness(canon, garment, surface):
    """Distance between skin and cloth, (N,) metres."""
    x, y = np.abs(canon[:, 0]), canon[:, 1]
    base = 0.004 + LAYER_GAP * garment.layer
    if garment.is_upper:
        fall = np.clip((surface.height(2.9) - y) / 0.25, 0, 1)
        along = np.clip((x - surface.reach(0)) / 0.25, 0, 1)
        loose = np.maximum(fall, along)
        if garment.sleeve > 1.6 and garment.category in (
            'sweater',
            'hoodie',
            'jacket',
        ):  # cuffs
            cuff = surface.reach(garment.sleeve) - x
            loose = loose * np.clip(0.35 + cuff / 0.09, 0.35, 1)
        legs = surface.height(1.8) - y
        return (
            base
            + garment.ease * (0.25 + 0.75 * loose)
            + np.where(legs > 0, garment.flare * np.clip(legs / 0.7, 0, 1), 0)
        )
    down = np.clip((surface.height(garment.top) - y) / 0.25, 0, 1)
    legs = np.clip((surface.height(1.2) - y) / 0.45, 0, 1)
    return base + garment.ease * (0.2 + 0.8 * down) + garment.flare * legs


def _fold_depth(canon, garment, surface):
    """Where cloth wrinkles: at elbows, waist, groin and knees."""
    x, y = np.abs(canon[:, 0]), canon[:, 1]
    arm = np.exp(-(((x - surface.reach(1)) / 0.09) ** 2))
    waist = np.exp(-(((y - surface.height(2.3)) / 0.10) ** 2))
    knee = np.exp(-(((y - surface.height(1.0)) / 0.12) ** 2))
    groin = np.exp(-(((y - surface.height(1.85)) / 0.08) ** 2))
    where = np.where(
        x > surface.reach(0), arm, np.maximum(np.maximum(waist, knee), groin)
    )
    return 0.35 + 0.65 * where


def make_shell(garment, surface, place, normals):
    """The part of a garment that follows the body.

    Args:
        garment (Garment): What to make.
        surface (BodySurface): The body.
        place (np.ndarray): (V, 3) float32 this person's rest vertices.
        normals (np.ndarray): (V, 3) their normals.

    Returns:
        Mesh: Trimmed cloth with chart coordinates, material 0.
    """
    cloth = surface.cloth
    canon = cloth.canon
    place, normals = place.take(cloth.rows, 0), normals.take(cloth.rows, 0)
    fields = edge_fields(canon, garment, surface)
    inside = reduce(np.minimum, fields)
    least = shell_thickness(canon, garment, surface).astype(np.float32)
    shell = place + normals * least[:, None]
    on_foot = garment.category in FOOTWEAR
    rounds = 9 if on_foot else int(np.clip(garment.ease * 550, 2, 18))
    shell = cloth.relax(
        shell,
        place,
        normals,
        least * 0.8,
        inside > -0.06,
        rounds,
        free=on_foot,
    )
    mesh = cloth.cut_out(
        all_corners(inside > -0.05, cloth.faces),
        shell,
        inside,
        _fold_depth(canon, garment, surface),
        fields,
    )
    for k in range(len(fields)):
        mesh = clip(mesh, mesh.vertices[:, COLUMNS + k])
    mesh = replace(
        mesh, vertices=np.ascontiguousarray(mesh.vertices[:, :COLUMNS])
    )
    return chart(mesh, garment, surface)
