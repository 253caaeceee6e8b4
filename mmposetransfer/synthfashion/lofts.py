"""Lofted surfaces: rings stacked to tubes, for skirts, shoes and hair.

Rings are convex outlines of the body: the support function of the points
near a height says how far they reach in each direction, and the outline it
encloses is what a cloth drawn around them touches.
"""

from functools import lru_cache

import numpy as np
from numba import njit

from .mesh import CANON, COLUMNS, EDGE, FOLD, PLACE, WEIGHTS, Mesh

__all__ = ['chart_grid', 'directions', 'loft', 'outlines', 'support']


@lru_cache(maxsize=8)
def directions(columns):
    """Angles and directions of the columns of a ring.

    Args:
        columns (int): How many.

    Returns:
        tuple: (C,) angles from the front, growing to the body's left, from
        -pi; (C, 2) float32 their x and z.
    """
    angle = np.linspace(-np.pi, np.pi, columns, endpoint=False)
    return angle, np.stack([np.sin(angle), np.cos(angle)], 1).astype(
        np.float32
    )


@njit(cache=True, nogil=True, fastmath=True)
def support(points, highs, lows, ways):
    """How far points reach in each direction, by slices of height.

    Args:
        points (np.ndarray): (N, 3) float32.
        highs (np.ndarray): (R,) float32 upper ends of the slices.
        lows (np.ndarray): (R,) float32 lower ends.
        ways (np.ndarray): (C, 2) float32 unit directions (x, z).

    Returns:
        np.ndarray: (R, C) float32; slices without points repeat the one
        before them.
    """
    out = np.full((len(highs), len(ways)), np.float32(-1e9))
    for v in range(len(points)):
        x, y, z = points[v, 0], points[v, 1], points[v, 2]
        for r in range(len(highs)):
            if (y <= highs[r]) & (y >= lows[r]):
                for d in range(len(ways)):
                    reach = x * ways[d, 0] + z * ways[d, 1]
                    out[r, d] = max(out[r, d], reach)
    for r in range(len(highs)):
        if out[r, 0] == np.float32(-1e9):
            for d in range(len(ways)):
                out[r, d] = out[r - 1, d] if r > 0 else 0.01
    return out


@njit(cache=True, nogil=True, fastmath=True)
def outlines(reach, ways):
    """Outlines of the supports, seen from the middle of each.

    Args:
        reach (np.ndarray): (R, C) float32 support, C even.
        ways (np.ndarray): (C, 2) float32 directions, evenly spread.

    Returns:
        tuple: (R, C) float32 radii, (R, 2) float32 middles (x, z).
    """
    rings, count = reach.shape
    half, quarter = count // 2, count // 4
    radii = np.empty((rings, count), np.float32)
    middles = np.empty((rings, 2), np.float32)
    centred = np.empty(count, np.float32)
    span = count // 5
    for r in range(rings):
        # Columns run from -pi: the middle one looks to the front.
        middles[r, 0] = (reach[r, half + quarter] - reach[r, quarter]) / 2
        middles[r, 1] = (reach[r, half] - reach[r, 0]) / 2
        for i in range(count):
            centred[i] = (
                reach[r, i]
                - middles[r, 0] * ways[i, 0]
                - middles[r, 1] * ways[i, 1]
            )
        for i in range(count):
            best = np.float32(1e9)
            for step in range(-span, span + 1):
                j = (i + step) % count
                cosine = ways[i, 0] * ways[j, 0] + ways[i, 1] * ways[j, 1]
                best = min(best, centred[j] / cosine)
            radii[r, i] = best
    return radii, middles


def chart_grid(across, along):
    """Chart coordinates of a loft whose rows and columns are straight.

    Args:
        across (np.ndarray): (C + 1,) of the columns, metres.
        along (np.ndarray): (R,) of the rows, metres.

    Returns:
        np.ndarray: (R, C + 1, 2) float32.
    """
    uv = np.empty((len(along), len(across), 2), np.float32)
    uv[..., 0] = across
    uv[..., 1] = along[:, None]
    return uv


@lru_cache(maxsize=64)
def _triangles(rows, columns, cells):
    """Two triangles for each cell of a grid of rings.

    Kept, since the same few grids come again with every person; nobody may
    write to them.

    Returns:
        tuple: (N, 2, 3) int32 vertices, and (N, 2, 3) places in the chart
        coordinates, which have one more column.
    """
    row, col = (index.ravel() for index in np.mgrid[: rows - 1, :cells])
    # The column may be one too many.
    r = np.stack([row, row + 1, row, row, row + 1, row + 1], 1)
    c = np.stack([col, col, col + 1, col + 1, col, col + 1], 1)
    corners = (r * columns + c % columns).astype(np.int32)
    places = r * (columns + 1) + c
    return corners.reshape(-1, 2, 3), places.reshape(-1, 2, 3)


def loft(rings, canon, weights, uv, edge, fold, part, closed=True, keep=None):
    """A surface through rings of points.

    Args:
        rings (np.ndarray): (R, C, 3) rest positions.
        canon (np.ndarray): (R, C, 3) canonical positions.
        weights (np.ndarray): (R, C, 24) skinning weights.
        uv (np.ndarray): (R, C + 1, 2) chart coordinates, with one more
            column for where a closed ring ends.
        edge (np.ndarray): (R, C) metres to the next edge of the cloth.
        fold (float): Depth of wrinkles.
        part (np.ndarray | int): Body part of each cell or of all.
        closed (bool): Whether the last column joins the first.
        keep (np.ndarray, optional): (R - 1, C) bool, the cells that exist.

    Returns:
        Mesh: Material 0.
    """
    rows, columns = rings.shape[:2]
    vertices = np.empty((rows, columns, COLUMNS), np.float32)
    vertices[..., PLACE] = rings
    vertices[..., CANON] = canon
    vertices[..., EDGE] = edge
    vertices[..., FOLD] = fold
    vertices[..., WEIGHTS] = weights
    cells = columns if closed else columns - 1
    corners, places = _triangles(rows, columns, cells)
    part = np.broadcast_to(part, (rows - 1, cells)).ravel()
    if keep is not None:
        chosen = keep[:, :cells].ravel()
        corners, places, part = corners[chosen], places[chosen], part[chosen]
    faces = corners.reshape(-1, 3)
    return Mesh(
        vertices.reshape(-1, COLUMNS),
        faces,
        uv.astype(np.float32, copy=False)
        .reshape(-1, 2)
        .take(places.reshape(-1, 3), 0),
        np.zeros(len(faces), np.int32),
        np.repeat(part, 2).astype(np.uint8),
    )
