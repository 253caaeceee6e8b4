"""Light that does not arrive: shadow map and ambient occlusion."""

import cv2
import numpy as np
from numba import njit

from .mesh import without_backs

__all__ = ['ambient_occlusion', 'depth_map', 'shadow_map']

#: Metres a point may lie behind the surface that it is on.
BIAS = 0.008


@njit(cache=True, nogil=True, fastmath=True)
def depth_map(points, faces, size):
    """Nearest depth at each pixel centre, nothing else.

    Args:
        points (np.ndarray): (V, 3) float32 x, y in pixels, depth.
        faces (np.ndarray): (F, 3) int32.
        size (int): Height and width of the square map.

    Returns:
        np.ndarray: (size, size) float32, infinite where empty.
    """
    out = np.full((size, size), np.float32(np.inf))
    for f in range(len(faces)):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        x0, y0, z0 = points[i, 0], points[i, 1], points[i, 2]
        x1, y1, z1 = points[j, 0], points[j, 1], points[j, 2]
        x2, y2, z2 = points[k, 0], points[k, 1], points[k, 2]
        left = int(np.ceil(max(min(min(x0, x1), x2), np.float32(0))))
        right = int(np.floor(min(max(max(x0, x1), x2), size - 1)))
        top = int(np.ceil(max(min(min(y0, y1), y2), np.float32(0))))
        bottom = int(np.floor(min(max(max(y0, y1), y2), size - 1)))
        if (left > right) | (top > bottom):
            continue
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(area) < 1e-12:
            continue
        scale = np.float32(1) / area
        # Shares of the corners and the depth are linear in the picture.
        b_x, b_y = (y2 - y0) * scale, (x0 - x2) * scale
        c_x, c_y = (y0 - y1) * scale, (x1 - x0) * scale
        for row in range(top, bottom + 1):
            b = b_x * (left - x0) + b_y * (row - y0)
            c = c_x * (left - x0) + c_y * (row - y0)
            for col in range(left, right + 1):
                if (b >= 0) & (c >= 0) & (b + c <= 1):
                    z = z0 + b * (z1 - z0) + c * (z2 - z0)
                    if z < out[row, col]:
                        out[row, col] = z
                b += b_x
                c += c_x
    return out


def shadow_map(points, faces, deep, direction, size):
    """Depths seen from a distant light, and the way there from the world.

    Args:
        points (np.ndarray): (V, 3) float32 world metres.
        faces (np.ndarray): (F, 3) int32.
        deep (np.ndarray): (F,) bool, closed surface: only its side towards
            the light casts shadow.
        direction (np.ndarray): (3,) towards the light.
        size (int): Height and width of the map.

    Returns:
        tuple: (size, size) float32 depths; (3, 4) float32 matrix from world
        places to columns, rows and depths of the map. A point is in shadow
        where the map's depth is smaller than its own.
    """
    z = -np.asarray(direction, np.float64)
    # The upright axis times z, and z times x, of which x[1] is 0: np.cross
    # takes longer than all the rest up to the drawing.
    x = np.array([z[2], 0, -z[0]])
    x /= np.linalg.norm(x)
    y = [z[1] * x[2], z[2] * x[0] - z[0] * x[2], -z[1] * x[0]]
    axes = np.stack([x, y, z])
    seen = axes.astype(np.float32) @ points.T  # rows: quicker to reduce
    low, high = seen.min(1), seen.max(1)
    scale = (size - 3) / max(*(high[:2] - low[:2]))
    matrix = np.zeros((3, 4), np.float32)
    matrix[:2, :3] = axes[:2] * scale
    matrix[:2, 3] = 1 - low[:2] * scale
    matrix[2, :3] = axes[2]
    seen[:2] = (seen[:2] - low[:2, None]) * scale + 1
    seen = np.ascontiguousarray(seen.T)
    depth = depth_map(seen, without_backs(seen, faces, deep), size)
    matrix[2, 3] = -BIAS
    return depth, matrix


def ambient_occlusion(depth, radius):
    """Darkening where the neighbourhood lies nearer to the viewer.

    Unsharp masking of the depth buffer (Luft, Colditz and Deussen 2006).

    Args:
        depth (np.ndarray): (H, W) float32 metres, infinite where empty.
        radius (int): Side of the neighbourhood in pixels, odd.

    Returns:
        np.ndarray: (H, W) float32, 1 where the light from all around
        arrives.
    """
    filled, known = _without_infinity(depth)
    side = (radius, radius)
    near, share = (
        cv2.blur(cv2.blur(picture, side), side) for picture in (filled, known)
    )
    return _openness(filled, known, near, share)


@njit(cache=True, nogil=True)
def _without_infinity(depth):
    """Depths, 0 where empty, and where they are known, as 0 and 1."""
    filled, known = np.zeros_like(depth), np.zeros_like(depth)
    for r in range(depth.shape[0]):
        for q in range(depth.shape[1]):
            if np.isfinite(depth[r, q]):
                filled[r, q], known[r, q] = depth[r, q], 1
    return filled, known


@njit(cache=True, nogil=True)
def _openness(depth, known, near, share):
    """How open to the light pixels are, from the depths around them.

    ``near`` and ``share`` are the means of ``depth`` and ``known`` over the
    neighbourhood.
    """
    out = np.ones_like(depth)
    zero, most = np.float32(0), np.float32(0.12)
    for r in range(depth.shape[0]):
        for q in range(depth.shape[1]):
            if known[r, q] > 0:
                around = near[r, q] / max(share[r, q], np.float32(1e-3))
                behind = min(max(depth[r, q] - around, zero), most)
                out[r, q] = np.float32(1) - np.float32(4.5) * behind
    return out
