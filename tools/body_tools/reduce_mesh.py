"""Make the mesh smaller: drop what nobody sees, thin out what is too dense.

Only whole vertices are dropped (half-edge collapses), so everything known
per vertex - weights, shapes, texture coordinates - stays exact for the rest.
Edge costs are the quadrics of Garland and Heckbert, "Surface simplification
using quadric error metrics" (SIGGRAPH 1997).
"""
import heapq

import numpy as np
from landmarks import connected_pieces


def texture_charts(faces, face_uv, count):
    """Which connected piece of the texture each triangle lies in.

    Args:
        faces: (F, 3) triangles.
        face_uv: (F, 3) texture coordinate of each corner.
        count: number of texture coordinates.

    Returns:
        (F,) chart numbers, the chart with most triangles first.
    """
    label = np.zeros(count, dtype=np.int64)
    for number, piece in enumerate(connected_pieces(face_uv, count)):
        label[piece] = number
    chart = label[face_uv[:, 0]]
    names, inverse, size = np.unique(
        chart, return_inverse=True, return_counts=True)
    rank = np.empty(len(names), dtype=np.int64)
    rank[np.argsort(-size, kind='stable')] = np.arange(len(names))
    return rank[inverse]


def name_charts(vertices, faces, chart, head):
    """What each chart shows.

    Args:
        vertices: (V, 3) mean body in the T-pose.
        faces: (F, 3) triangles.
        chart: (F,) chart of each triangle, the largest first.
        head: (V,) bool, vertices of the head.

    Returns:
        array of names: body, head, left_hand, right_hand, left_foot,
        right_foot, mouth (its inside), sockets (behind the lids), eyes (the
        front of the balls) and hidden (their backs, the tongue).
    """
    body = max(connected_pieces(faces, len(vertices)), key=len)
    loose = ~np.isin(faces[:, 0], body)
    centres, names = {}, []
    for number in range(chart.max() + 1):
        members = faces[chart == number]
        centre = centres[number] = vertices[members].mean((0, 1))
        side = 'left' if centre[0] > 0 else 'right'
        if number == 0:
            names.append('body')
        elif not head[members].mean() > 0.5:
            names.append(side + ('_hand' if centre[1] > -0.5 else '_foot'))
        elif 'head' not in names:
            names.append('head')
        elif not loose[chart == number].all():
            names.append('mouth' if abs(centre[0]) < 0.01 else 'sockets')
        else:
            names.append('eyes' if abs(centre[0]) > 0.01 else 'hidden')
    for one in centres:  # of the two charts of an eye ball the front one
        for other in centres:
            if (names[one] == names[other] == 'eyes'
                    and np.abs(centres[one] - centres[other])[0] < 0.02
                    and centres[one][2] < centres[other][2]):
                names[one] = 'hidden'
    return np.array(names)


def visible_faces(faces, names, rings=2):
    """Triangles to keep: all but the insides of mouth, eyes and sockets.

    Args:
        faces: (F, 3) triangles.
        names: (F,) name of each triangle's chart, by :func:`name_charts`.
        rings: how many rings of an inside to keep behind lips and lids.

    Returns:
        (F,) bool.
    """
    lining = np.isin(names, ('mouth', 'sockets'))
    keep = ~lining & (names != 'hidden')
    for _ in range(rings):
        rim = np.zeros(faces.max() + 1, dtype=bool)
        rim[faces[keep]] = True
        keep |= lining & rim[faces].any(axis=1)
    return keep


def border_vertices(faces, count):
    """(V,) bool, vertices on an edge that only one triangle has."""
    edges = np.sort(np.stack(
        [faces, np.roll(faces, -1, 1)], -1).reshape(-1, 2), 1)
    edge, uses = np.unique(edges, axis=0, return_counts=True)
    border = np.zeros(count, dtype=bool)
    border[edge[uses == 1]] = True
    return border


def close_hole(vertices, faces, face_uv, rim):
    """Close one hole that is wide and flat, as the mouth's.

    Args:
        vertices: (V, 3).
        faces: (F, 3) triangles.
        face_uv: (F, 3) texture coordinate of each corner.
        rim: (V,) bool, true for the vertices of this hole's border.

    Returns:
        faces and face_uv with the new triangles at the end.
    """
    after, uv = {}, {}
    for face, corner_uv in zip(faces, face_uv, strict=True):
        for k in range(3):
            after[face[k], face[(k + 1) % 3]] = corner_uv[k]
    # on the border the edge runs one way only; the hole runs the other way
    loop_next = {int(b): int(a) for a, b in after
                 if (b, a) not in after and rim[a] and rim[b]}
    for (a, _), index in after.items():
        uv[int(a)] = index
    start = max(loop_next, key=lambda v: vertices[v, 0])
    loop = [start]
    while loop_next[loop[-1]] != start:
        loop.append(loop_next[loop[-1]])
    turn = min(range(len(loop)), key=lambda i: vertices[loop[i], 0])
    there, back = loop[:turn + 1], [start, *loop[:turn - 1:-1]]
    cap = []
    i = j = 0
    while i + 1 < len(there) or j + 1 < len(back):
        forward = j + 1 == len(back) or (
            i + 1 < len(there)
            and vertices[there[i + 1], 0] >= vertices[back[j + 1], 0])
        far = there[i + 1] if forward else back[j + 1]
        if len({there[i], back[j], far}) == 3:
            cap.append((there[i], far, back[j]))
        i, j = i + forward, j + (not forward)
    cap = np.array(cap)
    cap_uv = np.vectorize(uv.get)(cap)
    return np.vstack([faces, cap]), np.vstack([face_uv, cap_uv])


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
        normal = np.cross(corner[:, 1] - corner[:, 0],
                          corner[:, 2] - corner[:, 0])
        area = np.linalg.norm(normal, axis=1, keepdims=True)
        normal /= np.maximum(area, 1e-15)
        plane = np.hstack([normal, -(normal * corner[:, 0]).sum(
            1, keepdims=True)])
        each = area[:, :, None] * plane[:, :, None] * plane[:, None]
        quadrics = np.zeros((len(self.vertices), 4, 4))
        for k in range(3):
            np.add.at(quadrics, self.faces[:, k], each)
        return quadrics

    def _seams(self):
        """Vertices on a border or with several texture coordinates."""
        locked = np.zeros(len(self.vertices), dtype=bool)
        pairs = np.unique(np.stack(
            [self.faces.ravel(), self.face_uv.ravel()], 1), axis=0)
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
                heap, (weight[vertex] * cost, vertex, target, version))

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
        for area, t in ((area_old, old), (area_new, new)))
    return quality_new > min(min_quality, 0.8 * quality_old)


def compact(faces, face_uv):
    """Number anew the vertices and texture coordinates that are left.

    Returns:
        faces and face_uv in the new numbers, the old numbers of the kept
        vertices and of the kept texture coordinates.
    """
    vertices, new_faces = np.unique(faces, return_inverse=True)
    uv, new_uv = np.unique(face_uv, return_inverse=True)
    return (new_faces.reshape(faces.shape), new_uv.reshape(face_uv.shape),
            vertices, uv)
