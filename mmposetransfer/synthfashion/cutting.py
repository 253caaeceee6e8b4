"""Cutting meshes along the zero lines of fields of their vertices.

The faces that a field crosses are split along its zero line, and the new
vertices are blends of their edge's ends in all columns.
"""

import numpy as np
from numba import njit

from .mesh import Mesh

__all__ = ['clip', 'split']


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
        vertices[count, c] = vertices[low, c] * (1 - t) + vertices[high, c] * t
    return names[slot], count + 1


@njit(cache=True, nogil=True)
def _cut(
    faces,
    values,
    vertices,
    count,
    keep_outer,
    keys,
    names,
    out,
    parents,
    outer,
    outer_parents,
):
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
            (values[faces[f, 2]] >= 0) != a
        )
    return count


def clip(mesh, values):
    """Keep the part of a mesh where a field of its vertices is >= 0.

    Args:
        mesh (Mesh): Its chart coordinates, if any, are left out: they are
            not cut.
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
    vertices = np.empty(
        (rows + 2 * crossed, mesh.vertices.shape[1]), np.float32
    )
    vertices[:rows] = mesh.vertices
    slots = 1 << int(4 * crossed + 8).bit_length()
    room = len(mesh.faces) + crossed
    sides = [
        (np.empty((size, 3), np.int32), np.empty(size, np.int32))
        for size in (room, room if both else 1)
    ]
    counts = _cut(
        mesh.faces,
        values,
        vertices,
        rows,
        both,
        np.full(slots, -1, np.int64),
        np.empty(slots, np.int32),
        *sides[0],
        *sides[1],
    )
    vertices = vertices[: counts[0]]
    return tuple(
        Mesh(
            vertices,
            faces[:count],
            None,
            mesh.material.take(owner[:count]),
            mesh.part.take(owner[:count]),
        )
        for (faces, owner), count in zip(sides, counts[1:], strict=True)
    )
