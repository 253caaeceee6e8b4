"""Triangle meshes whose vertices carry everything that is interpolated.

Place, canonical place, skinning weights and the rest are columns of one
matrix, so that whatever blends vertices (see ``cutting``) blends all of it.
"""

from dataclasses import dataclass, replace

import numpy as np
from numba import njit

__all__ = [
    'DEEP',
    'Mesh',
    'all_corners',
    'concatenate',
    'renumber',
    'without_backs',
]

# Columns of Mesh.vertices.
PLACE = slice(0, 3)
CANON = slice(3, 6)
EDGE, FOLD = 6, 7
WEIGHTS = slice(8, 32)
COLUMNS = 32
#: Metres from the next edge of a surface where its inside is out of sight.
DEEP = 0.08


@dataclass(frozen=True)
class Mesh:
    """A piece of a dressed person in the rest pose.

    Attributes:
        vertices (np.ndarray): (V, 32) float32 columns: rest position of this
            person in metres (3), position on the mean body's T-pose (3),
            distance to the nearest cloth edge in metres (1), depth of folds
            in [0, 1] (1), skinning weights of the 24 joints (24).
        faces (np.ndarray): (F, 3) int32.
        uv (np.ndarray): (F, 3, 2) float32 chart coordinates of the faces'
            corners in metres; None before it has them.
        material (np.ndarray): (F,) int32, row of the material table.
        part (np.ndarray): (F,) uint8 body part, 1 to 6.
    """

    vertices: np.ndarray
    faces: np.ndarray
    uv: np.ndarray
    material: np.ndarray
    part: np.ndarray

    @property
    def place(self):
        """(V, 3) rest positions."""
        return self.vertices[:, PLACE]

    @property
    def canon(self):
        """(V, 3) positions on the mean body's T-pose."""
        return self.vertices[:, CANON]

    @property
    def weights(self):
        """(V, 24) skinning weights."""
        return self.vertices[:, WEIGHTS]

    def take_faces(self, chosen):
        """The mesh with some of its faces, by number; vertices stay."""
        # take copies whole rows, several times as quick as an index does.
        return replace(
            self,
            faces=self.faces.take(chosen, 0),
            uv=self.uv.take(chosen, 0),
            material=self.material.take(chosen),
            part=self.part.take(chosen),
        )

    def compact(self):
        """The mesh with only those vertices that its faces use."""
        rows, faces = renumber(self.faces, len(self.vertices))
        return replace(self, vertices=self.vertices.take(rows, 0), faces=faces)


@njit(cache=True, nogil=True)
def all_corners(chosen, faces):
    """(F,) bool, the faces whose three corners are all chosen."""
    out = np.empty(len(faces), np.bool_)
    for f in range(len(faces)):
        out[f] = (
            chosen[faces[f, 0]] & chosen[faces[f, 1]] & chosen[faces[f, 2]]
        )
    return out


@njit(cache=True, nogil=True)
def without_backs(points, faces, deep):
    """Leave out faces that are seen from behind where nobody can look.

    Args:
        points (np.ndarray): (V, 3) float32 projected, x right and y down.
        faces (np.ndarray): (F, 3) int32, counter-clockwise from outside.
        deep (np.ndarray): (F,) bool, faces that are closed surface.

    Returns:
        np.ndarray: (F, 3) int32; those left out are single points, so that
        the others keep their numbers.
    """
    out = np.zeros(faces.shape, np.int32)
    for f in range(len(faces)):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        area = (points[j, 0] - points[i, 0]) * (
            points[k, 1] - points[i, 1]
        ) - (points[k, 0] - points[i, 0]) * (points[j, 1] - points[i, 1])
        if (area < 0) | (not deep[f]):
            out[f, 0], out[f, 1], out[f, 2] = i, j, k
    return out


def concatenate(meshes):
    """One mesh of several, in their order."""
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate(
            [
                mesh.faces + np.int32(offset)
                for mesh, offset in zip(meshes, offsets, strict=True)
            ]
        ),
        *(
            np.concatenate([getattr(mesh, name) for mesh in meshes])
            for name in ('uv', 'material', 'part')
        ),
    )


@njit(cache=True, nogil=True)
def renumber(faces, count):
    """Rows of the vertices that faces use, and the faces by those rows."""
    name = np.full(count, -1, np.int32)
    out = np.empty(faces.shape, np.int32)
    rows = np.empty(count, np.int64)
    used = 0
    for f in range(len(faces)):
        for c in range(3):
            v = faces[f, c]
            if name[v] < 0:
                name[v] = used
                rows[used] = v
                used += 1
            out[f, c] = name[v]
    return rows[:used].copy(), out
