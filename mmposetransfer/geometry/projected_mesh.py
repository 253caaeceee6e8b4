"""What the rasterizer and the search for hidden points share."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def low3(a, b, c):
    """The lowest of three; unlike ``min`` compiled without branches."""
    low = a if a < b else b
    return low if low < c else c


@njit(cache=True, nogil=True)
def high3(a, b, c):
    """The highest of three."""
    high = a if a > b else b
    return high if high > c else c


@njit(cache=True, nogil=True)
def edge(ax, ay, bx, by):
    """Twice the signed area of (origin, a, b).

    Swapping a and b flips the sign EXACTLY, also in floating point, hence
    two faces never disagree about their common edge.
    """
    return ax * by - ay * bx


def depth_keys(depth, perspective, near=0.0):
    """What grows with depth and is linear in the picture.

    Args:
        depth (np.ndarray): Depths, any shape.
        perspective (bool): Whether they come from a perspective camera.
        near (float): With ``perspective``, depths up to it get the key -inf.

    Returns:
        np.ndarray: Contiguous float32 of the same shape: the depth itself,
        or -1 / depth with ``perspective``.
    """
    if not perspective:
        return np.ascontiguousarray(depth, np.float32)
    seen = depth > near
    keys = np.where(seen, -1 / np.where(seen, depth, 1), -np.inf)
    return keys.astype(np.float32)


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
        raise ValueError(
            f'{name}: expected shape (V, 3) of x, y, depth, got '
            f'{vertices.shape}'
        )
    if faces.ndim != 2 or faces.shape[1] != 3:
        raise ValueError(
            f'faces: expected shape (F, 3) of triangles, got {faces.shape}'
        )
    finite = np.isfinite(vertices)
    if not finite.all():
        bad = np.flatnonzero(~finite.all(axis=1))
        raise ValueError(
            f'{name}: expected finite x, y, depth, got {len(bad)} vertices '
            f'that are not, first vertex {bad[0]}: {vertices[bad[0]]}'
        )
    return vertices, faces
