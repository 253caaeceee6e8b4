"""For each point of a body the nearest one that a picture shows."""

import numpy as np
from scipy.spatial import cKDTree

from .occlusion import hidden_points

__all__ = ['nearest_shown', 'shown_through', 'shown_vertices']

# Its front and its back have nothing in common.
_HEAD = 1


def shown_vertices(vertices, faces, size, share=None, least=0.9):
    """Which vertices of a projected body its picture shows.

    Args:
        vertices (np.ndarray): (V, 3) x, y in pixels and depth.
        faces (np.ndarray): (F, 3) int.
        size (tuple[int, int]): (height, width) of the picture.
        share (np.ndarray, optional): (1, H, W) in [0, 1], how much of each
            pixel is the person's; points beside the person are not shown.
        least (float): The share from which a pixel counts as the person's
            alone: the colours at an outline are half the wall's.

    Returns:
        np.ndarray: (V,) bool.
    """
    _, _, inside = _pixels(vertices, size, share, least)
    shown = inside.copy()
    shown[inside] = ~hidden_points(vertices[inside], vertices, faces, size)
    return shown


def shown_through(vertices, vertex_parts, part_map, share=None, least=0.9):
    """Vertices in whose place a picture shows the same part of the body.

    Of a shirt seen from the back, the front lies behind it: both look much
    alike, and all of it is moved alike, so that patterns stay whole. The head
    is left out.

    Args:
        vertices (np.ndarray): (V, 3) x, y in pixels and depth.
        vertex_parts (np.ndarray): (V,) body part of each.
        part_map (np.ndarray): (H, W) body part that each pixel shows.
        share (np.ndarray, optional): See :func:`shown_vertices`.
        least (float): See :func:`shown_vertices`.

    Returns:
        np.ndarray: (V,) bool.
    """
    column, row, inside = _pixels(vertices, part_map.shape, share, least)
    same = inside & (vertex_parts != _HEAD)
    same[same] = part_map[row[same], column[same]] == vertex_parts[same]
    return same


def _pixels(vertices, size, share, least):
    """Column and row of vertices, and whether they are on the person."""
    column, row = np.floor(vertices[:, :2].T + np.float32(0.5)).astype(int)
    inside = (column >= 0) & (column < size[1]) & (row >= 0) & (row < size[0])
    if share is not None:
        inside[inside] = share[0, row[inside], column[inside]] >= least
    return column, row, inside


def nearest_shown(rest, shown):
    """For each vertex the nearest one that is shown, or whose twin is.

    Clothes are much alike on both sides, and a hidden part of them is likest
    to what is seen next to it. Nearness is measured through the body in its
    rest pose, where a left and a right hand are far apart but for the mirror.

    Args:
        rest (np.ndarray): (V, 3) the body in its T-pose, in metres; the
            mirror exchanges x and -x.
        shown (np.ndarray): (V,) bool.

    Returns:
        tuple[np.ndarray, np.ndarray]: (V,) index of the vertex, and (V,)
        float32 metres to it or to its mirror image; indices of themselves
        and infinity where nothing is shown.
    """
    index = np.arange(len(rest))
    distance = np.where(shown, 0, np.inf).astype(np.float32)
    if not shown.any() or shown.all():
        return index, distance
    candidates = np.flatnonzero(shown)
    places = rest[candidates]
    mirrored = places * np.float32([-1, 1, 1])
    hidden = np.flatnonzero(~shown)
    found, which = cKDTree(np.concatenate([places, mirrored])).query(
        rest[hidden]
    )
    index[hidden] = candidates[which % len(candidates)]
    distance[hidden] = found
    return index, distance
