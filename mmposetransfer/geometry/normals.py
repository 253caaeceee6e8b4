"""Normals of a mesh.

Convention: a face (i, j, k) has its normal along (j - i) x (k - i), outwards
where faces run counter-clockwise seen from outside and axes are right-handed.
"""

import numpy as np
from numba import njit

__all__ = ['vertex_normals']


@njit(cache=True, nogil=True)
def vertex_normals(points, faces):
    """Area-weighted unit normals of the vertices.

    Args:
        points (np.ndarray): (V, 3) float32.
        faces (np.ndarray): (F, 3) int32.

    Returns:
        np.ndarray: (V, 3) float32; zero where no face meets.
    """
    out = np.zeros(points.shape, np.float32)
    for f in range(len(faces)):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        ux = points[j, 0] - points[i, 0]
        uy = points[j, 1] - points[i, 1]
        uz = points[j, 2] - points[i, 2]
        vx = points[k, 0] - points[i, 0]
        vy = points[k, 1] - points[i, 1]
        vz = points[k, 2] - points[i, 2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for v in (i, j, k):
            out[v, 0] += nx
            out[v, 1] += ny
            out[v, 2] += nz
    for v in range(len(out)):
        norm = np.sqrt(
            out[v, 0] * out[v, 0]
            + out[v, 1] * out[v, 1]
            + out[v, 2] * out[v, 2]
        )
        if norm > 0:
            for c in range(3):
                out[v, c] /= norm
    return out
