"""A z-buffer rasterizer: which face each pixel sees, where on it, how far.

Conventions: vertices are projected, (x, y) in pixels with pixel centres at
integer coordinates and the origin at the centre of the top-left pixel, depth
growing away from the viewer (see ``cameras``). A pixel belongs to a face when
its centre lies inside; on an edge the top-left rule decides, so that faces
sharing an edge cover each pixel exactly once. Faces of both windings are
drawn. Of faces at equal depth the one of the lower index wins.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from .projected_mesh import check_mesh, depth_keys, edge, high3, low3

__all__ = ['Raster', 'interpolate', 'rasterize']


class Raster(NamedTuple):
    """What a picture of a mesh sees in each pixel.

    Attributes:
        face (np.ndarray): (H, W) int32, index of the front face, -1 where
            the pixel is empty.
        bary (np.ndarray): (H, W, 3) float32, barycentric coordinates on that
            face (in space, that is perspective-correct, where
            ``perspective``), summing to 1; zeros where empty.
        depth (np.ndarray): (H, W) float32, infinite where empty.
        perspective (bool): Whether the vertices came from a perspective
            camera.
    """

    face: np.ndarray
    bary: np.ndarray
    depth: np.ndarray
    perspective: bool = False

    @classmethod
    def empty(cls, size, perspective=False):
        """Uninitialised buffers of ``size`` (height, width)."""
        height, width = size
        return cls(
            np.empty((height, width), np.int32),
            np.empty((height, width, 3), np.float32),
            np.empty((height, width), np.float32),
            perspective,
        )

    @property
    def size(self):
        """(height, width)."""
        return self.face.shape


@njit(cache=True, nogil=True)
def _owns_edge(ax, ay, bx, by, sign):
    """Top-left rule for the edge a -> b of a face turned by ``sign``."""
    dx, dy = (bx - ax) * sign, (by - ay) * sign
    return (dy < 0.0) | ((dy == 0.0) & (dx > 0.0))


@njit(cache=True, nogil=True)
def _inverse(step):
    return 1.0 / step if step != 0.0 else 0.0


@njit(cache=True, nogil=True)
def _draw_face(f, corners, box, chequered, face_map, bary_map, key_map):
    """Draw one face into the pixels of its box (left, right, top, bottom)."""
    (xi, yi, a0), (xj, yj, a1), (xk, yk, a2) = corners
    # float64 from here: products of float32 coordinates are exact in it.
    x0, x1, x2 = np.float64(xi), np.float64(xj), np.float64(xk)
    y0, y1, y2 = np.float64(yi), np.float64(yj), np.float64(yk)
    area = edge(x1 - x0, y1 - y0, x2 - x0, y2 - y0)
    if area == 0.0:
        return
    sign = 1.0 if area > 0.0 else -1.0
    scale = sign / area
    own0 = _owns_edge(x1, y1, x2, y2, sign)
    own1 = _owns_edge(x2, y2, x0, y0, sign)
    own2 = _owns_edge(x0, y0, x1, y1, sign)
    # Counted from the box, products are small and their differences exact.
    x0, x1, x2 = x0 - box[0], x1 - box[0], x2 - box[0]
    # Along a row areas and key are linear: what they lose with each step, and
    # the steps until the area is none.
    d0, d1, d2 = (y2 - y1) * sign, (y0 - y2) * sign, (y1 - y0) * sign
    step = (d0 * a0 + d1 * a1 + d2 * a2) * scale
    e0, e1, e2 = _inverse(d0), _inverse(d1), _inverse(d2)
    count = np.float64(box[1] - box[0])
    for row in range(box[2], box[3] + 1):
        r0, r1, r2 = (y0 - row) * sign, (y1 - row) * sign, (y2 - row) * sign
        s0, s1 = edge(x1, r1, x2, r2), edge(x2, r2, x0, r0)
        s2 = edge(x0, r0, x1, r1)
        first = (s0 * a0 + s1 * a1 + s2 * a2) * scale
        q0, q1, q2 = s0 * e0, s1 * e1, s2 * e2
        low = max(
            q0 if d0 < 0 else -1.0,
            max(q1 if d1 < 0 else -1.0, q2 if d2 < 0 else -1.0),
        )
        high = min(
            q0 if d0 > 0 else count,
            min(q1 if d1 > 0 else count, q2 if d2 > 0 else count),
        )
        start = np.int32(max(np.ceil(low - 1e-3), 0.0))
        stop = np.int32(min(np.floor(high + 1e-3), count))
        stride = 1
        if chequered is not None:  # known when compiled: costs others nothing
            stride = 2
            start += (row + box[0] + start) & 1
        for n in range(start, stop + 1, stride):
            along = np.float64(n)
            key = np.float32(first - along * step)
            col = box[0] + n
            if key < key_map[row, col]:
                w0, w1, w2 = s0 - along * d0, s1 - along * d1, s2 - along * d2
                if (
                    (min(w0, w1, w2) < 0.0)
                    or (w0 == 0.0 and not own0)
                    or (w1 == 0.0 and not own1)
                    or (w2 == 0.0 and not own2)
                ):
                    continue
                key_map[row, col] = key
                face_map[row, col] = f
                bary_map[row, col, 0] = w0 * scale
                bary_map[row, col, 1] = w1 * scale
                bary_map[row, col, 2] = w2 * scale


@njit(cache=True, nogil=True)
def _fill(points, keys, faces, chequered, face_map, bary_map, key_map):
    """Draw all faces, the lowest key in front.

    The key is linear in the picture and grows with depth. Faces with a
    corner whose key is -inf are dropped. ``chequered``, unless None, leaves
    out every other pixel, as the black squares of a chessboard. Returns the
    index of a face that names a corner that is not there, else -1.
    """
    zero = np.float32(0)
    last_row = np.float32(face_map.shape[0] - 1)
    last_col = np.float32(face_map.shape[1] - 1)
    count = np.uint32(len(points))
    for f in range(len(faces)):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        if (
            (np.uint32(i) >= count)
            | (np.uint32(j) >= count)
            | (np.uint32(k) >= count)
        ):
            return f
        xi, xj, xk = points[i, 0], points[j, 0], points[k, 0]
        yi, yj, yk = points[i, 1], points[j, 1], points[k, 1]
        left = max(np.ceil(low3(xi, xj, xk)), zero)
        right = min(np.floor(high3(xi, xj, xk)), last_col)
        top = max(np.ceil(low3(yi, yj, yk)), zero)
        bottom = min(np.floor(high3(yi, yj, yk)), last_row)
        # Most faces of a body lie between the pixel centres.
        if (left > right) | (top > bottom):
            continue
        if low3(keys[i], keys[j], keys[k]) == -np.inf:
            continue
        corners = ((xi, yi, keys[i]), (xj, yj, keys[j]), (xk, yk, keys[k]))
        box = (
            np.int32(left),
            np.int32(right),
            np.int32(top),
            np.int32(bottom),
        )
        _draw_face(f, corners, box, chequered, face_map, bary_map, key_map)
    return -1


@njit(cache=True, nogil=True)
def _undo_perspective(keys, faces, face_map, bary_map, key_map):
    """Keys -1 / depth to depths, picture coordinates to those in space."""
    height, width = face_map.shape
    for row in range(height):
        for col in range(width):
            f = face_map[row, col]
            if f < 0:
                continue
            key_map[row, col] = -1 / key_map[row, col]
            w0 = bary_map[row, col, 0] * keys[faces[f, 0]]
            w1 = bary_map[row, col, 1] * keys[faces[f, 1]]
            w2 = bary_map[row, col, 2] * keys[faces[f, 2]]
            share = np.float32(1) / (w0 + w1 + w2)
            bary_map[row, col, 0] = w0 * share
            bary_map[row, col, 1] = w1 * share
            bary_map[row, col, 2] = w2 * share


def rasterize(
    vertices,
    faces,
    size,
    perspective=False,
    near=1e-3,
    out=None,
    chequered=False,
):
    """Draw a projected mesh into face, barycentric and depth buffers.

    Args:
        vertices (np.ndarray): (V, 3): x, y in pixels and depth, as cameras
            project them. Parts outside the picture are clipped.
        faces (np.ndarray): (F, 3) int, corners of the triangles, of any
            winding. Faces that project to a line are not drawn.
        size (tuple[int, int]): (height, width) of the picture.
        perspective (bool): Interpolate depth and barycentric coordinates
            perspective-correctly. False is right for weak perspective.
        near (float): With ``perspective``, a face with any corner at this
            depth or nearer is dropped whole, not clipped: bodies stand well
            before the camera.
        out (Raster, optional): Buffers of this size to draw into, to save
            allocating them.
        chequered (bool): Draw only the pixels whose row and column are both
            even or both odd; the others stay empty.

    Returns:
        Raster: The buffers; those of ``out`` where it is given.

    Raises:
        ValueError: On wrong shapes, vertices that are not finite, or faces
            that name vertices that are not there.
    """
    vertices, faces = check_mesh(vertices, faces)
    height, width = size
    perspective = bool(perspective)
    if out is None:
        out = Raster.empty((height, width), perspective)
    elif out.size != (height, width):
        raise ValueError(
            f'out: expected buffers of {height}x{width}, got '
            f'{out.size[0]}x{out.size[1]}'
        )
    out.face.fill(-1)
    out.bary.fill(0)
    out.depth.fill(np.inf)
    keys = depth_keys(vertices[:, 2], perspective, near)
    buffers = out.face, out.bary, out.depth
    bad = _fill(vertices, keys, faces, True if chequered else None, *buffers)
    if bad >= 0:
        raise ValueError(
            f'faces: expected indices in [0, {len(vertices)}), '
            f'got {faces[bad].tolist()} in face {bad}'
        )
    if perspective:
        _undo_perspective(keys, faces, out.face, out.bary, out.depth)
    return out._replace(perspective=perspective)


@njit(cache=True, nogil=True)
def _interpolate(face_map, bary_map, faces, attributes, out):
    height, width = face_map.shape
    for row in range(height):
        for col in range(width):
            f = face_map[row, col]
            if f < 0:
                out[row, col] = 0
                continue
            i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
            b0 = bary_map[row, col, 0]
            b1 = bary_map[row, col, 1]
            b2 = bary_map[row, col, 2]
            for c in range(attributes.shape[1]):
                out[row, col, c] = (
                    b0 * attributes[i, c]
                    + b1 * attributes[j, c]
                    + b2 * attributes[k, c]
                )


def interpolate(raster, faces, attributes, out=None):
    """Spread values of the vertices over the pixels.

    Args:
        raster (Raster): From :func:`rasterize`.
        faces (np.ndarray): (F, 3), the faces that were drawn, or others that
            run parallel to them (such as corners of texture coordinates).
        attributes (np.ndarray): (V, C) values at the vertices.
        out (np.ndarray, optional): (H, W, C) float32 to write into.

    Returns:
        np.ndarray: (H, W, C) float32, 0 where the picture is empty.

    Raises:
        ValueError: If a shape is wrong or faces do not fit the attributes.
    """
    attributes = np.ascontiguousarray(attributes, np.float32)
    faces = np.ascontiguousarray(faces, np.int32)
    if attributes.ndim != 2:
        raise ValueError(
            f'attributes: expected shape (V, C), got {attributes.shape}'
        )
    if faces.max(initial=-1) >= len(attributes):
        raise ValueError(
            f'faces: expected indices in [0, {len(attributes)}) '
            f'for these attributes, got {faces.max()}'
        )
    if raster.face.max(initial=-1) >= len(faces):
        raise ValueError(
            f'raster shows face {raster.face.max()}, but there '
            f'are {len(faces)} faces'
        )
    shape = raster.size + attributes.shape[1:]
    if out is None:
        out = np.empty(shape, np.float32)
    elif out.shape != shape:
        raise ValueError(f'out: expected shape {shape}, got {out.shape}')
    _interpolate(raster.face, raster.bary, faces, attributes, out)
    return out
