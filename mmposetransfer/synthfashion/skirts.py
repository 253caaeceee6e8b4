"""Skirts and the skirts of dresses and coats: tubes of their own.

Each ring of the tube is the convex outline of the body at its height, as
cloth spans the gap between the legs, never narrower than the ring above
(it hangs), widened by the flare and waved by pleats.
"""

import numpy as np
from numba import njit

from .mesh import Mesh

__all__ = ['make_skirt', 'skirt_weights']

COLUMNS = 96
ROW = 0.035  # metres


@njit(cache=True, nogil=True)
def _support(points, centre, low, step, rings, directions):
    """How far the body reaches in each direction at each ring's height."""
    count = len(directions)
    out = np.full((rings, count), -1e9, np.float32)
    for v in range(len(points)):
        at = (low - points[v, 1]) / step
        first, last = int(np.floor(at - 1)), int(np.ceil(at + 1))
        x, z = points[v, 0] - centre[0], points[v, 2] - centre[2]
        for r in range(max(first, 0), min(last, rings - 1) + 1):
            for d in range(count):
                s = x * directions[d, 0] + z * directions[d, 1]
                out[r, d] = max(out[r, d], s)
    return out


@njit(cache=True, nogil=True)
def _outline(support, directions):
    """Radii of the convex outlines that the supports enclose."""
    rings, count = support.shape
    out = np.full((rings, count), 1e9, np.float32)
    for r in range(rings):
        for i in range(count):
            for j in range(count):
                cosine = (directions[i, 0] * directions[j, 0] +
                          directions[i, 1] * directions[j, 1])
                if cosine > 0.2:
                    out[r, i] = min(out[r, i], support[r, j] / cosine)
    return out


def skirt_weights(canon, surface):
    """Skinning weights that let a tube follow both legs.

    Args:
        canon (np.ndarray): (N, 3) canonical points.
        surface (BodySurface): The body.

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
    left = np.clip(0.5 + x / 0.20, 0, 1)
    left = left * left * (3 - 2 * left)
    shin = 0.75 * np.clip((surface.height(1.05) - y) / 0.15, 0, 1)
    out[:, 3] = spine
    out[:, 0] = (1 - spine) * (1 - thigh)
    for joint, share in ((1, left), (2, 1 - left)):
        out[:, joint] = thigh * share * (1 - shin)
        out[:, joint + 3] = thigh * share * shin
    return out


def _rings(garment, surface):
    """Angles, heights and radii (R, C) of the tube on this person."""
    top = surface.height(garment.waist)
    length = (top - surface.height(garment.hem))
    rings = max(int(np.ceil(length / ROW)) + 1, 4)
    angle = np.linspace(-np.pi, np.pi, COLUMNS, endpoint=False)
    directions = np.stack([np.sin(angle), np.cos(angle)], 1).astype(np.float32)
    step = length / (rings - 1)
    heights = top - step * np.arange(rings)
    return angle, directions, heights, step


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
    angle, directions, heights, step = _rings(garment, surface)
    rings = len(heights)
    body = surface.is_trunk
    # The rest place, but at canonical heights, so that rings meet levels.
    levelled = place[body].copy()
    levelled[:, 1] = surface.canon[body, 1]
    centre = surface.joints[0].astype(np.float32)
    outline = _outline(
        _support(levelled, centre, np.float32(heights[0]), np.float32(step),
                 rings, directions), directions)
    radius = np.maximum.accumulate(outline, axis=0)
    tight = np.clip(1 - garment.flare / 0.06, 0, 1)
    radius = tight * np.maximum(outline, 0.97 * radius) + (1 - tight) * radius
    down = np.linspace(0, 1, rings)[:, None]
    radius = radius + 0.006 * garment.layer + 0.006 + garment.ease * np.clip(
        down * 4, 0.1, 1) + garment.flare * down**0.9
    phase = rng.uniform(0, 2 * np.pi, 3)
    waves = max(garment.pleats, 3)
    wave = (np.cos(waves * angle + phase[0]) + 0.5 * np.cos(
        (waves + 3) * angle + phase[1]) + 0.4 * np.cos(
            (2 * waves - 1) * angle + phase[2]))
    depth = (0.004 + 0.10 * garment.flare) * np.clip(down * 1.3, 0, 1)
    radius = radius + depth * (wave[None] - 0.4)
    return _tube(garment, surface, joints, angle, heights, radius, centre)


def _tube(garment, surface, joints, angle, heights, radius, centre):
    rings, columns = radius.shape
    canon = np.stack([
        centre[0] + radius * np.sin(angle),
        np.repeat(heights[:, None], columns, 1),
        centre[2] + radius * np.cos(angle)], -1).reshape(-1, 3)
    points = canon.copy()
    points[:, 1] = surface.person_heights(canon[:, 1], joints)
    edge = np.repeat((heights - heights[-1])[:, None], columns, 1)
    fold = np.full((len(canon), 1), 0.25)
    vertices = np.concatenate(
        [points, canon, edge.reshape(-1, 1), fold,
         skirt_weights(canon, surface)], axis=1).astype(np.float32)
    row, col = np.meshgrid(np.arange(rings - 1), np.arange(columns),
                           indexing='ij')
    if garment.closure == 'open':
        half = 0.05 / 0.15 + 0.25 * row / rings
        keep = np.abs(angle[col] + np.pi / columns) > half
        row, col = row[keep], col[keep]
    a = (row * columns + col).ravel()
    b = (row * columns + (col + 1) % columns).ravel()
    faces = np.concatenate([np.stack([a, a + columns, b], 1),
                            np.stack([b, a + columns, b + columns], 1)])
    corner = angle[faces % columns]
    corner = corner - 2 * np.pi * np.round(
        (corner - corner[:, :1]) / (2 * np.pi))
    v = surface.joints[0, 1] - heights[faces // columns]
    uv = np.stack([corner * 0.15, v], -1).astype(np.float32)
    weights = vertices[:, 8:][faces].sum(1)
    part = np.where(weights[:, [0, 3]].sum(1) > 1.5, 2, np.where(
        canon[faces, 0].mean(1) > 0, 5, 6)).astype(np.uint8)
    return Mesh(vertices, faces.astype(np.int32), uv,
                np.zeros(len(faces), np.int32), part)
