"""Triangle meshes whose vertices carry everything that is interpolated.

A garment is cut out of a surface by scalar fields: the faces crossed by the
zero line of a field are split along it, and the new vertices are linear
blends of their edge's ends in ALL columns (place, canonical place, skinning
weights ...), so that hems and necklines are clean curves.
"""

from dataclasses import dataclass, replace

import numpy as np

__all__ = ['Mesh', 'all_corners', 'clip', 'concatenate', 'split', 'submesh']

# Columns of Mesh.vertices.
PLACE = slice(0, 3)
CANON = slice(3, 6)
EDGE, FOLD = 6, 7
WEIGHTS = slice(8, 32)
COLUMNS = 32


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


def all_corners(chosen, faces):
    """(F,) bool, the faces whose three corners are all chosen."""
    return chosen[faces[:, 0]] & chosen[faces[:, 1]] & chosen[faces[:, 2]]


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


def submesh(vertices, faces, part, chosen):
    """Faces cut out of a larger mesh, with only the vertices they use.

    Args:
        vertices (np.ndarray): (V, C).
        faces (np.ndarray): (F, 3).
        part (np.ndarray): (F,).
        chosen (np.ndarray): (F,) bool.

    Returns:
        Mesh: With zero chart coordinates and material 0.
    """
    faces = faces[chosen]
    used = np.zeros(len(vertices), bool)
    used[faces.ravel()] = True
    renumber = np.cumsum(used, dtype=np.int32) - 1
    return Mesh(vertices[used], renumber[faces],
                np.zeros((len(faces), 3, 2), np.float32),
                np.zeros(len(faces), np.int32), part[chosen])


def _cut_faces(faces, inside):
    """Triangles on the inner side of crossed faces.

    Returns:
        tuple: (T, 3) corners, negative ones naming edge ``-1 - e`` of the
        edge list; (T,) the crossed face each came from; (E, 2) edges.
    """
    corner = inside[faces]
    number = corner.view(np.uint8) @ np.ones(3, np.uint8)
    triangles, parents, edges = [], [], []
    for k in (1, 2):
        rows = np.flatnonzero(number == k)
        crossed = faces[rows]
        # Turn each face until its odd corner comes first.
        odd = np.argmax(corner[rows] == (k == 1), axis=1)
        turn = (odd[:, None] + np.arange(3)) % 3
        a, b, c = np.take_along_axis(crossed, turn, 1).T
        base = sum(map(len, edges))
        ab = -1 - (base + np.arange(len(rows)))
        ac = ab - len(rows)
        edges += [np.stack([a, b], 1), np.stack([a, c], 1)]
        if k == 1:
            triangles.append(np.stack([a, ab, ac], 1))
            parents.append(rows)
        else:
            triangles += [np.stack([ab, b, c], 1), np.stack([ab, c, ac], 1)]
            parents += [rows, rows]
    return (np.concatenate(triangles), np.concatenate(parents),
            np.concatenate(edges))


def _with_edges(vertices, values, edges):
    """Append one vertex per distinct edge where the field is zero."""
    low, high = np.sort(edges, axis=1).T
    keys, which = np.unique(low.astype(np.int64) * len(vertices) + high,
                            return_inverse=True)
    low, high = keys // len(vertices), keys % len(vertices)
    t = (values[low] / (values[low] - values[high]))[:, None]
    fresh = vertices[low] * (1 - t) + vertices[high] * t
    return (np.concatenate([vertices, fresh.astype(np.float32)]),
            (which.ravel() + len(vertices)).astype(np.int32))


def clip(mesh, values):
    """Keep the part of a mesh where a field of its vertices is >= 0.

    Args:
        mesh (Mesh): Without chart coordinates yet (they are not cut).
        values (np.ndarray): (V,) field.

    Returns:
        Mesh: Cut exactly along the zero line of the interpolated field.
    """
    return _cut(mesh, values, (True, ))[0]


def split(mesh, values):
    """Both sides of a mesh cut by a field, sharing the vertices of the cut.

    Args:
        mesh (Mesh): As for :func:`clip`.
        values (np.ndarray): (V,) field.

    Returns:
        tuple[Mesh, Mesh]: Where the field is >= 0, and where it is negative.
        Both carry the same vertices.
    """
    return _cut(mesh, values, (True, False))


def _cut(mesh, values, wanted):
    values = np.asarray(values, np.float32)
    inside = values >= 0
    inner = [inside if side else ~inside for side in wanted]
    cuts = [_cut_faces(mesh.faces, side) for side in inner]
    edges = np.concatenate([cut[2] for cut in cuts])
    vertices, index = _with_edges(mesh.vertices, values, edges)
    sides, offset = [], 0
    for side, (triangles, parents, own) in zip(inner, cuts, strict=True):
        names = index[offset:offset + len(own)]
        offset += len(own)
        fresh = triangles < 0
        triangles[fresh] = names[-1 - triangles[fresh]]
        whole = np.flatnonzero(all_corners(side, mesh.faces))
        rows = np.concatenate([whole, parents])
        faces = np.concatenate([mesh.faces[whole], triangles])
        sides.append(Mesh(vertices, faces.astype(np.int32), mesh.uv[rows],
                          mesh.material[rows], mesh.part[rows]))
    return tuple(sides)
