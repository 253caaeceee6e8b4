"""For each point of a body the nearest one that a picture shows."""

import cv2
import numpy as np
from scipy.spatial import cKDTree

from .occlusion import hidden_points

__all__ = ['nearest_shown', 'shown_inside', 'shown_through', 'shown_vertices']

# How far inside of the outline colours are the person's without a doubt, as a
# share of the picture's height: masks that are found stand a bit off.
_INSIDE = 1 / 128
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


def shown_inside(vertices, shown, share, least=0.9):
    """Shown vertices that lie well inside of the person's outline.

    What is hidden is nearest to what an outline shows. Taken from there, a
    line of the wall that is a pixel wide becomes a seam across the body.

    Args:
        vertices (np.ndarray): (V, 3) x, y in pixels and depth.
        shown (np.ndarray): (V,) bool, see :func:`shown_vertices`.
        share (np.ndarray): (1, H, W), likewise.
        least (float): Likewise.

    Returns:
        np.ndarray: (V,) bool, a part of ``shown``; all of it where it lies
        nowhere inside.
    """
    reach = max(1, round(share.shape[1] * _INSIDE))
    disc = cv2.getStructuringElement(
        cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)
    )
    # Beyond the picture the person may go on.
    inner = cv2.erode(np.ascontiguousarray(share[0], np.float32), disc)[None]
    _, _, inside = _pixels(vertices, share.shape[1:], inner, least)
    found = shown & inside
    return found if found.any() else shown


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


def nearest_shown(rest, shown, sources=None):
    """For each vertex the nearest one that is shown, or whose twin is.

    Clothes are much alike on both sides, and a hidden part of them is likest
    to what is seen next to it. Nearness is measured through the body in its
    rest pose, where a left and a right hand are far apart but for the mirror.

    Args:
        rest (np.ndarray): (V, 3) the body in its T-pose, in metres; the
            mirror exchanges x and -x.
        shown (np.ndarray): (V,) bool.
        sources (np.ndarray, optional): (V,) bool, those of ``shown`` that may
            stand for others. Defaults to all.

    Returns:
        tuple[np.ndarray, np.ndarray]: (V,) index of the vertex, and (V,)
        float32 metres to it or to its mirror image; indices of themselves
        and infinity where nothing is shown.
    """
    index = np.arange(len(rest))
    distance = np.where(shown, 0, np.inf).astype(np.float32)
    if not shown.any() or shown.all():
        return index, distance
    candidates = np.flatnonzero(shown if sources is None else sources)
    places = rest[candidates]
    mirrored = places * np.float32([-1, 1, 1])
    hidden = np.flatnonzero(~shown)
    found, which = cKDTree(np.concatenate([places, mirrored])).query(
        rest[hidden]
    )
    index[hidden] = candidates[which % len(candidates)]
    distance[hidden] = found
    return index, distance
