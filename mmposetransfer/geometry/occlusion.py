"""Which of many points does a mesh hide from the viewer?

A z-buffer whose samples are the points themselves instead of the centres of
pixels (an irregular z-buffer: Aila and Laine, "Alias-free shadow maps", 2004;
Johnson et al., "The irregular z-buffer", 2005). It answers as casting a ray
to each point does, without the speckle and the leaks of looking points up in
a depth buffer, and costs about as much as drawing the mesh.
"""

import numpy as np
from numba import njit

from .projected_mesh import check_mesh, depth_keys, edge, high3, low3

__all__ = ['hidden_points']


@njit(cache=True, nogil=True)
def _sort(points, owner, size):
    """Counting sort of points by the pixel that they fall into.

    Returns:
        The order of the sorted points; the points, their owners and their
        pixels (row * width + column) in this order; and where each pixel's
        points start.
    """
    count = len(points)
    half = np.float32(0.5)
    cell = np.empty(count, np.int32)
    start = np.zeros(size[0] * size[1] + 1, np.int32)
    for n in range(count):
        col = np.int32(np.floor(points[n, 0] + half))
        cell[n] = np.int32(np.floor(points[n, 1] + half)) * size[1] + col
        start[cell[n] + 1] += 1
    for c in range(len(start) - 1):
        start[c + 1] += start[c]
    place = start.copy()
    order = np.empty(count, np.int32)
    sorted_points = np.empty((count, 3), np.float32)
    sorted_owner = np.empty(count, np.int32)
    sorted_cell = np.empty(count, np.int32)
    for n in range(count):
        to = place[cell[n]]
        place[cell[n]] += 1
        order[to], sorted_owner[to], sorted_cell[to] = n, owner[n], cell[n]
        for c in range(3):
            sorted_points[to, c] = points[n, c]
    return order, sorted_points, sorted_owner, sorted_cell, start


@njit(cache=True, nogil=True)
def _reach(keys, cell, hidden, size):
    """The largest key of the points in the 2x2 pixels from each pixel on."""
    width = size[1]
    reach = np.full(size, -np.inf, np.float32)
    for n in range(len(cell)):
        if hidden[n]:
            continue
        row, col = cell[n] // width, cell[n] % width
        up, left = max(row - 1, 0), max(col - 1, 0)
        reach[row, col] = max(reach[row, col], keys[n])
        reach[up, col] = max(reach[up, col], keys[n])
        reach[row, left] = max(reach[row, left], keys[n])
        reach[up, left] = max(reach[up, left], keys[n])
    return reach


@njit(cache=True, nogil=True)
def _hide(corners, sign, f, first, last, points, owner, hidden):
    """Mark those of the points ``first:last`` that face ``f`` covers."""
    (xi, yi, a0), (xj, yj, a1), (xk, yk, a2) = corners
    x0, x1, x2 = np.float64(xi), np.float64(xj), np.float64(xk)
    y0, y1, y2 = np.float64(yi), np.float64(yj), np.float64(yk)
    for n in range(first, last):
        x, y, limit = points[n, 0], points[n, 1], points[n, 2]
        c0, c1, c2 = x0 - x, x1 - x, x2 - x
        r0, r1, r2 = (y0 - y) * sign, (y1 - y) * sign, (y2 - y) * sign
        w0 = edge(c1, r1, c2, r2)
        w1 = edge(c2, r2, c0, r0)
        w2 = edge(c0, r0, c1, r1)
        before = w0 * a0 + w1 * a1 + w2 * a2 < limit * (w0 + w1 + w2)
        hidden[n] |= before & (min(w0, w1, w2) >= 0.0) & (owner[n] != f)


@njit(cache=True, nogil=True)
def _occlude(vertices, keys, faces, sign, points, owner, start, reach, hidden):
    """Mark the points behind a face: a z-buffer sampled at the points.

    Looks at the faces whose projected area has this ``sign``. ``vertices``,
    ``keys`` and ``faces`` are as in the rasterizer. ``points`` (N, 3) are x,
    y and the key before which a face hides the point, sorted by the pixel
    they fall into as ``start`` says; ``owner`` (N, ) is the face each lies
    on.
    """
    half, zero = np.float32(0.5), np.float32(0)
    width = reach.shape[1]
    last_row, last_col = np.float32(reach.shape[0] - 1), np.float32(width - 1)
    for f in range(len(faces)):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        xi, xj, xk = vertices[i, 0], vertices[j, 0], vertices[k, 0]
        yi, yj, yk = vertices[i, 1], vertices[j, 1], vertices[k, 1]
        area = edge(
            np.float64(xj) - xi,
            np.float64(yj) - yi,
            np.float64(xk) - xi,
            np.float64(yk) - yi,
        )
        if area * sign <= 0.0:
            continue
        left = max(np.floor(low3(xi, xj, xk) + half), zero)
        right = min(np.floor(high3(xi, xj, xk) + half), last_col)
        top = max(np.floor(low3(yi, yj, yk) + half), zero)
        bottom = min(np.floor(high3(yi, yj, yk) + half), last_row)
        if (left > right) | (top > bottom):
            continue
        c0, c1 = np.int32(left), np.int32(right)
        r0, r1 = np.int32(top), np.int32(bottom)
        front = low3(keys[i], keys[j], keys[k])
        # Four looks cover the box of a face of up to 4x4 pixels: does it lie
        # behind all the points there?
        r, c = max(r1 - 1, r0), max(c1 - 1, c0)
        farthest = max(
            max(reach[r0, c0], reach[r0, c]), max(reach[r, c0], reach[r, c])
        )
        behind = (front >= farthest) & (c1 - c0 <= 3) & (r1 - r0 <= 3)
        if behind | (front == -np.inf):
            continue
        corners = ((xi, yi, keys[i]), (xj, yj, keys[j]), (xk, yk, keys[k]))
        for row in range(r0, r1 + 1):
            # Points of neighbouring pixels of a row lie side by side.
            first, last = start[row * width + c0], start[row * width + c1 + 1]
            _hide(corners, sign, f, first, last, points, owner, hidden)


def find_hidden(points, owner, vertices, faces, size, tolerance, perspective):
    """:func:`hidden_points` for arguments that have been checked."""
    order, points, owner, cell, start = _sort(points, owner, size)
    points[:, 2] = depth_keys(points[:, 2] - tolerance, perspective)
    keys = depth_keys(vertices[:, 2], perspective)
    hidden = np.zeros(len(points), bool)
    # SMPL's faces that look at the viewer have negative area where y is down.
    # They hide nearly all that is hidden: little is left to do for the rest.
    for sign in (-1.0, 1.0):
        reach = _reach(points[:, 2], cell, hidden, size)
        _occlude(
            vertices, keys, faces, sign, points, owner, start, reach, hidden
        )
    result = np.empty(len(points), bool)
    result[order] = hidden
    return result


def hidden_points(
    points,
    vertices,
    faces,
    size,
    owner=None,
    tolerance=1e-3,
    perspective=False,
):
    """Which points lie behind a face of a projected mesh.

    Args:
        points (np.ndarray): (N, 3): x, y in pixels and depth. They must lie
            in the picture: -0.5 <= x < width - 0.5, likewise y.
        vertices (np.ndarray): (V, 3) of the mesh, projected likewise.
        faces (np.ndarray): (F, 3) int.
        size (tuple[int, int]): (height, width) of the picture.
        owner (np.ndarray, optional): (N, ) int, the face that each point
            lies on and that therefore cannot hide it, -1 for none.
        tolerance (float): A face hides what lies more than this behind it,
            in units of depth.
        perspective (bool): Whether a perspective camera projected both.
            Faces that reach behind the camera hide nothing.

    Returns:
        np.ndarray: (N, ) bool.

    Raises:
        ValueError: If points lie outside the picture or the mesh is bad.
    """
    vertices, faces = check_mesh(vertices, faces)
    points = np.array(points, np.float32)
    if points.ndim != 2 or points.shape[1] != 3:
        raise ValueError(
            f'points: expected shape (N, 3) of x, y, depth, got {points.shape}'
        )
    if faces.size and (faces.min() < 0 or faces.max() >= len(vertices)):
        raise ValueError(
            f'faces: expected indices in [0, {len(vertices)}), '
            f'got {faces.min()} to {faces.max()}'
        )
    size = (int(size[0]), int(size[1]))
    x, y = np.floor(points[:, :2].T + np.float32(0.5))
    if len(points) and not (
        x.min() >= 0
        and x.max() < size[1]
        and y.min() >= 0
        and y.max() < size[0]
    ):
        raise ValueError(
            f'points: expected all in a picture of {size[0]}x'
            f'{size[1]}, got x in [{points[:, 0].min()}, '
            f'{points[:, 0].max()}], y in '
            f'[{points[:, 1].min()}, {points[:, 1].max()}]'
        )
    if owner is None:
        owner = np.full(len(points), -1)
    return find_hidden(
        points,
        np.asarray(owner, np.int32),
        vertices,
        faces,
        size,
        tolerance,
        perspective,
    )
