"""A z-buffer rasterizer: which face each pixel sees, where on it, how far.

Conventions: vertices are projected, (x, y) in pixels with pixel centres at
integer coordinates and the origin at the centre of the top-left pixel, depth
growing away from the viewer (see ``cameras``). A pixel belongs to a face when
its centre lies inside; on an edge the top-left rule decides, so that faces
sharing an edge cover each pixel exactly once. Faces of both windings are
drawn. Of faces at equal depth the one of the lower index wins.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

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
            np.empty((height, width), np.float32), perspective)

    @property
    def size(self):
        """(height, width)."""
        return self.face.shape


@njit(cache=True, nogil=True)
def _edge(ax, ay, bx, by):
    """Twice the signed area of (pixel, a, b), with a and b seen from it.

    Swapping a and b flips the sign EXACTLY, also in floating point, hence
    two faces never disagree about their common edge.
    """
    return ax * by - ay * bx


@njit(cache=True, nogil=True)
def _owns_edge(ax, ay, bx, by):
    """Top-left rule for the edge a -> b of a face of positive area."""
    return by < ay or (by == ay and bx > ax)


@njit(cache=True, nogil=True)
def _fill(vertices, faces, perspective, near, face_map, bary_map, depth_map):
    """Draw all faces; the index of a face with bad vertices, or -1."""
    height, width = face_map.shape
    num_vertices = len(vertices)
    for f in range(len(faces)):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        if min(i, j, k) < 0 or max(i, j, k) >= num_vertices:
            return f
        # Most faces of a body lie between the pixel centres: reject first.
        xi, xj, xk = vertices[i, 0], vertices[j, 0], vertices[k, 0]
        left = max(math.ceil(min(xi, xj, xk)), 0.0)
        right = min(math.floor(max(xi, xj, xk)), width - 1.0)
        if left > right:
            continue
        yi, yj, yk = vertices[i, 1], vertices[j, 1], vertices[k, 1]
        top = max(math.ceil(min(yi, yj, yk)), 0.0)
        bottom = min(math.floor(max(yi, yj, yk)), height - 1.0)
        if top > bottom:
            continue
        zi, zj, zk = vertices[i, 2], vertices[j, 2], vertices[k, 2]
        if perspective and min(zi, zj, zk) <= near:
            continue
        # float64 from here: products of float32 coordinates are exact in it.
        x0, x1, x2 = np.float64(xi), np.float64(xj), np.float64(xk)
        y0, y1, y2 = np.float64(yi), np.float64(yj), np.float64(yk)
        area = _edge(x1 - x0, y1 - y0, x2 - x0, y2 - y0)
        if area == 0.0:
            continue
        sign = 1.0
        if area < 0.0:
            sign = -1.0
        own0 = _owns_edge(x1 * sign, y1 * sign, x2 * sign, y2 * sign)
        own1 = _owns_edge(x2 * sign, y2 * sign, x0 * sign, y0 * sign)
        own2 = _owns_edge(x0 * sign, y0 * sign, x1 * sign, y1 * sign)
        a0, a1, a2 = np.float64(zi), np.float64(zj), np.float64(zk)
        if perspective:
            a0, a1, a2 = 1.0 / a0, 1.0 / a1, 1.0 / a2
        for row in range(int(top), int(bottom) + 1):
            r0, r1, r2 = y0 - row, y1 - row, y2 - row
            for col in range(int(left), int(right) + 1):
                c0, c1, c2 = x0 - col, x1 - col, x2 - col
                w0 = sign * _edge(c1, r1, c2, r2)
                w1 = sign * _edge(c2, r2, c0, r0)
                w2 = sign * _edge(c0, r0, c1, r1)
                if (w0 < 0.0 or w1 < 0.0 or w2 < 0.0
                        or (w0 == 0.0 and not own0)
                        or (w1 == 0.0 and not own1)
                        or (w2 == 0.0 and not own2)):
                    continue
                total = w0 + w1 + w2
                if perspective:
                    # 1 / depth, not depth, is linear in the picture.
                    w0 *= a0
                    w1 *= a1
                    w2 *= a2
                    depth = np.float32(total / (w0 + w1 + w2))
                    total = w0 + w1 + w2
                else:
                    depth = np.float32((w0 * a0 + w1 * a1 + w2 * a2) / total)
                if depth < depth_map[row, col]:
                    depth_map[row, col] = depth
                    face_map[row, col] = f
                    bary_map[row, col, 0] = w0 / total
                    bary_map[row, col, 1] = w1 / total
                    bary_map[row, col, 2] = w2 / total
    return -1


def check_mesh(vertices, faces, name='vertices'):
    """Bring a projected mesh to the types of the kernels, or say what is bad.

    Args:
        vertices (np.ndarray): (V, 3): x, y in pixels and depth.
        faces (np.ndarray): (F, 3) indices.
        name (str): What to call the vertices in errors.

    Returns:
        tuple: Contiguous float32 vertices and int32 faces.

    Raises:
        ValueError: On a wrong shape, or vertices that are not finite.
    """
    vertices = np.ascontiguousarray(vertices, np.float32)
    faces = np.ascontiguousarray(faces, np.int32)
    if vertices.ndim != 2 or vertices.shape[1] != 3:
        raise ValueError(f'{name}: expected shape (V, 3) of x, y, depth, got '
                         f'{vertices.shape}')
    if faces.ndim != 2 or faces.shape[1] != 3:
        raise ValueError('faces: expected shape (F, 3) of triangles, got '
                         f'{faces.shape}')
    finite = np.isfinite(vertices)
    if not finite.all():
        bad = np.flatnonzero(~finite.all(axis=1))
        raise ValueError(
            f'{name}: expected finite x, y, depth, got {len(bad)} vertices '
            f'that are not, first vertex {bad[0]}: {vertices[bad[0]]}')
    return vertices, faces


def rasterize(vertices, faces, size, perspective=False, near=1e-3, out=None):
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
        raise ValueError(f'out: expected buffers of {height}x{width}, got '
                         f'{out.size[0]}x{out.size[1]}')
    out.face.fill(-1)
    out.bary.fill(0)
    out.depth.fill(np.inf)
    bad = _fill(vertices, faces, perspective, near, out.face, out.bary,
                out.depth)
    if bad >= 0:
        raise ValueError(f'faces: expected indices in [0, {len(vertices)}), '
                         f'got {faces[bad].tolist()} in face {bad}')
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
                    b0 * attributes[i, c] + b1 * attributes[j, c] +
                    b2 * attributes[k, c])


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
        raise ValueError('attributes: expected shape (V, C), got '
                         f'{attributes.shape}')
    if faces.max(initial=-1) >= len(attributes):
        raise ValueError(f'faces: expected indices in [0, {len(attributes)}) '
                         f'for these attributes, got {faces.max()}')
    if raster.face.max(initial=-1) >= len(faces):
        raise ValueError(f'raster shows face {raster.face.max()}, but there '
                         f'are {len(faces)} faces')
    shape = raster.size + attributes.shape[1:]
    if out is None:
        out = np.empty(shape, np.float32)
    elif out.shape != shape:
        raise ValueError(f'out: expected shape {shape}, got {out.shape}')
    _interpolate(raster.face, raster.bary, faces, attributes, out)
    return out
