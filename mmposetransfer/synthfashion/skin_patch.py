"""Parts of the body's surface: meshes cut out of them, shells smoothed."""

import numpy as np
from numba import njit

from .mesh import (
    CANON,
    COLUMNS,
    EDGE,
    FOLD,
    PLACE,
    WEIGHTS,
    Mesh,
    renumber,
)

__all__ = ['SkinPatch']


@njit(cache=True, nogil=True, error_model='numpy')
def _relax(
    points, base, normals, least, start, neighbours, rows, rounds, free
):
    """Smooth rows of points without coming nearer to the body than least."""
    fresh = points.copy()
    quarter = np.float32(0.25)
    for _ in range(rounds):
        for r in rows:
            count = max(start[r + 1] - start[r], 1)
            # Three numbers, not an array of three: they stay in registers.
            x, y, z = np.float32(0), np.float32(0), np.float32(0)
            for n in range(start[r], start[r + 1]):
                near = neighbours[n]
                x += points[near, 0]
                y += points[near, 1]
                z += points[near, 2]
            x = np.float32(quarter * points[r, 0] + (1 - quarter) * x / count)
            y = np.float32(quarter * points[r, 1] + (1 - quarter) * y / count)
            z = np.float32(quarter * points[r, 2] + (1 - quarter) * z / count)
            height = np.float32(0) + (x - base[r, 0]) * normals[r, 0]
            height += (y - base[r, 1]) * normals[r, 1]
            height += (z - base[r, 2]) * normals[r, 2]
            lift = max(least[r] - height, np.float32(0))
            if not free:
                x, y, z = base[r, 0], base[r, 1], base[r, 2]
                lift += height
            fresh[r, 0] = x + lift * normals[r, 0]
            fresh[r, 1] = y + lift * normals[r, 1]
            fresh[r, 2] = z + lift * normals[r, 2]
        for r in rows:
            for c in range(3):
                points[r, c] = fresh[r, c]
    return points


class SkinPatch:
    """A part of the body's surface, with vertices of its own numbering.

    Args:
        surface (BodySurface): The whole.
        chosen (np.ndarray): (V,) bool, its vertices.

    Attributes:
        rows (np.ndarray): (N,) its vertices in the whole.
        canon, faces, part: As of the whole.
    """

    def __init__(self, surface, chosen):
        self.rows = np.flatnonzero(chosen)
        renumber = np.cumsum(chosen, dtype=np.int32) - 1
        inner = chosen[surface.faces].all(1)
        self.faces = renumber[surface.faces[inner]]
        self.part = surface.part[inner]
        self.canon = surface.canon[self.rows]
        self._columns = np.zeros((len(self.rows), COLUMNS), np.float32)
        self._columns[:, CANON] = self.canon
        self._columns[:, WEIGHTS] = surface.weights[self.rows]
        edges = self.faces[:, [0, 1, 1, 2, 2, 0, 1, 0, 2, 1, 0, 2]]
        edges = np.unique(edges.reshape(-1, 2), axis=0)
        counts = np.bincount(edges[:, 0], minlength=len(self.rows))
        self._start = np.append(0, np.cumsum(counts)).astype(np.int32)
        self._neighbours = np.ascontiguousarray(edges[:, 1], np.int32)

    def cut_out(self, chosen, place, edge, fold, fields=()):
        """Some faces as a mesh, with only the vertices they use.

        Args:
            chosen (np.ndarray): (F,) bool.
            place (np.ndarray): (N, 3) positions of the vertices.
            edge (np.ndarray | float): (N,) distance to the next edge.
            fold (np.ndarray | float): (N,) depth of folds.
            fields (Sequence[np.ndarray]): (N,) each, put into columns after
                those of a ``Mesh``, to be cut by.

        Returns:
            Mesh: Without chart coordinates, material 0.
        """
        owner = np.flatnonzero(chosen)
        rows, faces = renumber(self.faces.take(owner, 0), len(self.rows))
        vertices = np.empty((len(rows), COLUMNS + len(fields)), np.float32)
        vertices[:, :COLUMNS] = self._columns.take(rows, 0)
        vertices[:, PLACE] = place.take(rows, 0)
        vertices[:, EDGE] = edge[rows] if np.ndim(edge) else edge
        vertices[:, FOLD] = fold[rows] if np.ndim(fold) else fold
        for k, values in enumerate(fields):
            vertices[:, COLUMNS + k] = values[rows]
        return Mesh(
            vertices,
            faces,
            None,
            np.zeros(len(faces), np.int32),
            self.part.take(owner),
        )

    def relax(self, points, base, normals, least, chosen, rounds, free=False):
        """Smooth a shell over the body, outside of it.

        Args:
            points (np.ndarray): (V, 3) float32 shell, one point a vertex.
            base (np.ndarray): (V, 3) body.
            normals (np.ndarray): (V, 3) of the body.
            least (np.ndarray): (V,) smallest distance along the normal.
            chosen (np.ndarray): (V,) bool, the points that move.
            rounds (int): How often each point moves most of the way to the
                mean of its neighbours.
            free (bool): Whether points may also slide along the body; if
                not, they stay above their vertex, and edges stay straight.

        Returns:
            np.ndarray: (V, 3) the smoothed shell.
        """
        return _relax(
            points.astype(np.float32),
            base,
            normals,
            np.asarray(least, np.float32),
            self._start,
            self._neighbours,
            np.flatnonzero(chosen),
            rounds,
            free,
        )
