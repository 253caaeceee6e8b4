"""Triangle meshes whose vertices carry everything that is interpolated.

A garment is cut out of a surface by scalar fields: the faces crossed by the
zero line of a field are split along it, and the new vertices are linear
blends of their edge's ends in ALL columns (place, canonical place, skinning
weights ...), so that hems and necklines are clean curves.
"""

from dataclasses import dataclass, replace

import numpy as np
from numba import njit

__all__ = [
    'DEEP', 'Mesh', 'all_corners', 'clip', 'concatenate', 'renumber', 'split',
    'submesh', 'without_backs'
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
            corners in metres.
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
        """The mesh with some of its faces; vertices stay."""
        return replace(
            self, faces=self.faces[chosen], uv=self.uv[chosen],
            material=self.material[chosen], part=self.part[chosen])


@njit(cache=True, nogil=True)
def all_corners(chosen, faces):
    """(F,) bool, the faces whose three corners are all chosen."""
    out = np.empty(len(faces), np.bool_)
    for f in range(len(faces)):
        out[f] = (chosen[faces[f, 0]] & chosen[faces[f, 1]] &
                  chosen[faces[f, 2]])
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
        area = ((points[j, 0] - points[i, 0]) * (points[k, 1] - points[i, 1]) -
                (points[k, 0] - points[i, 0]) * (points[j, 1] - points[i, 1]))
        if (area < 0) | (not deep[f]):
            out[f, 0], out[f, 1], out[f, 2] = i, j, k
    return out


def concatenate(meshes):
    """One mesh of several, in their order."""
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.faces + np.int32(offset)
                        for mesh, offset in zip(meshes, offsets, strict=True)]
                       ), *(np.concatenate([getattr(mesh, name)
                                            for mesh in meshes])
                            for name in ('uv', 'material', 'part')))


def submesh(faces, part, chosen, columns):
    """Faces cut out of a larger mesh, with only the vertices they use.

    Args:
        faces (np.ndarray): (F, 3).
        part (np.ndarray): (F,).
        chosen (np.ndarray): (F,) bool.
        columns (Sequence[np.ndarray]): (V,) or (V, C) each, in the order of
            ``Mesh.vertices``; more may follow.

    Returns:
        Mesh: With zero chart coordinates and material 0.
    """
    faces = faces[chosen]
    rows, faces = renumber(faces, len(columns[0]))
    width = sum(1 if column.ndim == 1 else column.shape[1]
                for column in columns)
    vertices = np.empty((len(rows), width), np.float32)
    at = 0
    for column in columns:
        stop = at + (1 if column.ndim == 1 else column.shape[1])
        vertices[:, at:stop] = column[rows].reshape(len(rows), -1)
        at = stop
    return Mesh(vertices, faces, np.zeros((len(faces), 3, 2), np.float32),
                np.zeros(len(faces), np.int32), part[chosen])


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


@njit(cache=True, nogil=True)
def _edge_vertex(low, high, values, vertices, count, keys, names):
    """The vertex where the field is zero on an edge: known or made now.

    ``keys`` and ``names`` are a hash table of edges, of a power of two.
    """
    if low > high:
        low, high = high, low
    key = np.int64(low) * 1000003 + high
    slot = key & (len(keys) - 1)
    while keys[slot] != -1:
        if keys[slot] == key:
            return names[slot], count
        slot = (slot + 1) & (len(keys) - 1)
    keys[slot], names[slot] = key, count
    t = values[low] / (values[low] - values[high])
    for c in range(vertices.shape[1]):
        vertices[count, c] = (vertices[low, c] * (1 - t) +
                              vertices[high, c] * t)
    return names[slot], count + 1


@njit(cache=True, nogil=True)
def _cut(faces, values, vertices, count, keep_outer, keys, names, out,
         parents, outer, outer_parents):
    """Sort and cut faces by the sign of a field at their corners.

    New vertices go into ``vertices`` from row ``count``.

    Returns:
        tuple: Numbers of vertices, inner and outer triangles.
    """
    inner_count, outer_count = 0, 0
    for f in range(len(faces)):
        a, b, c = faces[f, 0], faces[f, 1], faces[f, 2]
        ia, ib, ic = values[a] >= 0, values[b] >= 0, values[c] >= 0
        number = int(ia) + int(ib) + int(ic)
        if number == 3:
            out[inner_count, 0], out[inner_count, 1] = a, b
            out[inner_count, 2] = c
            parents[inner_count] = f
            inner_count += 1
            continue
        if number == 0:
            if keep_outer:
                outer[outer_count, 0], outer[outer_count, 1] = a, b
                outer[outer_count, 2] = c
                outer_parents[outer_count] = f
                outer_count += 1
            continue
        # Turn the face until its odd corner comes first.
        odd = number == 1
        if ib == odd and ia != odd and ic != odd:
            a, b, c = b, c, a
        elif ic == odd and ia != odd and ib != odd:
            a, b, c = c, a, b
        ab, count = _edge_vertex(a, b, values, vertices, count, keys, names)
        ac, count = _edge_vertex(a, c, values, vertices, count, keys, names)
        # The corner on one side, the quadrangle on the other.
        for side in range(2):
            inside = (side == 0) == odd
            if not inside and not keep_outer:
                continue
            tris, owner = (out, parents) if inside else (outer, outer_parents)
            n = inner_count if inside else outer_count
            if side == 0:
                tris[n, 0], tris[n, 1], tris[n, 2] = a, ab, ac
                owner[n] = f
                n += 1
            else:
                tris[n, 0], tris[n, 1], tris[n, 2] = ab, b, c
                tris[n + 1, 0], tris[n + 1, 1], tris[n + 1, 2] = ab, c, ac
                owner[n], owner[n + 1] = f, f
                n += 2
            if inside:
                inner_count = n
            else:
                outer_count = n
    return count, inner_count, outer_count


@njit(cache=True, nogil=True)
def _crossed(faces, values):
    """How many faces the zero line of a field crosses."""
    count = 0
    for f in range(len(faces)):
        a = values[faces[f, 0]] >= 0
        count += ((values[faces[f, 1]] >= 0) != a) | (
            (values[faces[f, 2]] >= 0) != a)
    return count


def clip(mesh, values):
    """Keep the part of a mesh where a field of its vertices is >= 0.

    Args:
        mesh (Mesh): Without chart coordinates yet (they are not cut).
        values (np.ndarray): (V,) field.

    Returns:
        Mesh: Cut exactly along the zero line of the interpolated field.
    """
    return _sides(mesh, values, False)[0]


def split(mesh, values):
    """Both sides of a mesh cut by a field, sharing the vertices of the cut.

    Args:
        mesh (Mesh): As for :func:`clip`.
        values (np.ndarray): (V,) field.

    Returns:
        tuple[Mesh, Mesh]: Where the field is >= 0, and where it is negative.
        Both carry the same vertices.
    """
    return _sides(mesh, values, True)


def _sides(mesh, values, both):
    values = np.ascontiguousarray(values, np.float32)
    crossed = _crossed(mesh.faces, values)
    rows = len(mesh.vertices)
    vertices = np.empty((rows + 2 * crossed, mesh.vertices.shape[1]),
                        np.float32)
    vertices[:rows] = mesh.vertices
    slots = 1 << int(4 * crossed + 8).bit_length()
    room = len(mesh.faces) + crossed
    sides = [(np.empty((size, 3), np.int32), np.empty(size, np.int32))
             for size in (room, room if both else 1)]
    counts = _cut(mesh.faces, values, vertices, rows, both,
                  np.full(slots, -1, np.int64), np.empty(slots, np.int32),
                  *sides[0], *sides[1])
    vertices = vertices[:counts[0]]
    return tuple(
        Mesh(vertices, faces[:count], mesh.uv[owner[:count]],
             mesh.material[owner[:count]], mesh.part[owner[:count]])
        for (faces, owner), count in zip(sides, counts[1:], strict=True))
