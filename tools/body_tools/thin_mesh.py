"""Thin out a mesh that is too dense.

Only whole vertices are dropped (half-edge collapses), so everything known
per vertex - weights, shapes, texture coordinates - stays exact for the rest.
Edge costs are the quadrics of Garland and Heckbert, "Surface simplification
using quadric error metrics" (SIGGRAPH 1997).
"""

import heapq

import numpy as np
from reduce_mesh import border_vertices


class Thinner:
    """Collapses edges of a mesh, cheapest first.

    Args:
        vertices: (V, 3).
        faces: (F, 3) triangles.
        face_uv: (F, 3) texture coordinate of each corner.
    """

    def __init__(self, vertices, faces, face_uv):
        self.vertices = vertices
        self.faces = faces.copy()
        self.face_uv = face_uv.copy()
        self.alive = np.ones(len(faces), dtype=bool)
        self.around = [set() for _ in vertices]
        for number, face in enumerate(faces):
            for vertex in face:
                self.around[vertex].add(number)
        self.quadrics = self._quadrics()
        self.locked = self._seams()

    def _quadrics(self):
        corner = self.vertices[self.faces]
        normal = np.cross(
            corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
        )
        area = np.linalg.norm(normal, axis=1, keepdims=True)
        normal /= np.maximum(area, 1e-15)
        plane = np.hstack(
            [normal, -(normal * corner[:, 0]).sum(1, keepdims=True)]
        )
        each = area[:, :, None] * plane[:, :, None] * plane[:, None]
        quadrics = np.zeros((len(self.vertices), 4, 4))
        for k in range(3):
            np.add.at(quadrics, self.faces[:, k], each)
        return quadrics

    def _seams(self):
        """Vertices on a border or with several texture coordinates."""
        locked = np.zeros(len(self.vertices), dtype=bool)
        pairs = np.unique(
            np.stack([self.faces.ravel(), self.face_uv.ravel()], 1), axis=0
        )
        vertex, uses = np.unique(pairs[:, 0], return_counts=True)
        locked[vertex[uses > 1]] = True
        return locked | border_vertices(self.faces, len(self.vertices))

    def thin(self, candidates, count, weight=None):
        """Collapse until ``count`` of the candidates are left.

        Args:
            candidates: indices of the vertices that may go.
            count: how many of them to leave.
            weight: (V,) factor on the cost of removing a vertex.
        """
        weight = np.ones(len(self.vertices)) if weight is None else weight
        free = {int(v) for v in candidates if not self.locked[v]}
        left = len(candidates)
        heap = []
        for vertex in sorted(free):
            self._push(heap, vertex, weight)
        stamp = dict.fromkeys(free, 0)
        while heap and left > count:
            _, vertex, target, version = heapq.heappop(heap)
            if vertex not in free or version != stamp[vertex]:
                continue
            if not self._fits(vertex, target):
                continue
            ring = self._neighbours(vertex)
            self._collapse(vertex, target)
            free.discard(vertex)
            left -= 1
            for other in ring & free:
                stamp[other] += 1
                self._push(heap, other, weight, stamp[other])

    def _push(self, heap, vertex, weight, version=0):
        for target in sorted(self._neighbours(vertex)):
            point = np.append(self.vertices[target], 1.0)
            step = self.vertices[target] - self.vertices[vertex]
            cost = point @ self.quadrics[vertex] @ point
            # where all is flat, the shortest edges go first
            cost += 1e-4 * (step @ step) ** 2
            heapq.heappush(
                heap, (weight[vertex] * cost, vertex, target, version)
            )

    def _neighbours(self, vertex):
        ring = {int(v) for f in self.around[vertex] for v in self.faces[f]}
        ring.discard(vertex)
        return ring

    def _fits(self, vertex, target):
        """Whether the collapse keeps a manifold without folds or slivers."""
        shared = self.around[vertex] & self.around[target]
        common = self._neighbours(vertex) & self._neighbours(target)
        if len(shared) != 2 or len(common) != 2:
            return False
        if len({self._uv_at(f, target) for f in shared}) != 1:
            return False
        for face in self.around[vertex] - shared:
            old = self.vertices[self.faces[face]]
            new = old.copy()
            new[self.faces[face] == vertex] = self.vertices[target]
            if not _keeps_shape(old, new):
                return False
        return True

    def _uv_at(self, face, vertex):
        return int(self.face_uv[face][self.faces[face] == vertex][0])

    def _collapse(self, vertex, target):
        shared = self.around[vertex] & self.around[target]
        uv = self._uv_at(next(iter(shared)), target)
        for face in shared:
            self.alive[face] = False
            for corner in self.faces[face]:
                self.around[corner].discard(face)
        for face in self.around[vertex]:
            corner = self.faces[face] == vertex
            self.faces[face][corner] = target
            self.face_uv[face][corner] = uv
            self.around[target].add(face)
        self.around[vertex] = set()
        self.quadrics[target] += self.quadrics[vertex]


def _keeps_shape(old, new, min_cosine=0.3, min_quality=0.15):
    normal_old = np.cross(old[1] - old[0], old[2] - old[0])
    normal_new = np.cross(new[1] - new[0], new[2] - new[0])
    area_old, area_new = (np.linalg.norm(n) for n in (normal_old, normal_new))
    if normal_old @ normal_new < min_cosine * area_old * area_new:
        return False
    quality_old, quality_new = (
        2 * np.sqrt(3) * area / max(((t - np.roll(t, 1, 0)) ** 2).sum(), 1e-15)
        for area, t in ((area_old, old), (area_new, new))
    )
    return quality_new > min(min_quality, 0.8 * quality_old)
