"""Make the mesh smaller by what nobody sees: the insides of the head."""

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
        chart, return_inverse=True, return_counts=True
    )
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
            if (
                names[one] == names[other] == 'eyes'
                and np.abs(centres[one] - centres[other])[0] < 0.02
                and centres[one][2] < centres[other][2]
            ):
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
    edges = np.sort(
        np.stack([faces, np.roll(faces, -1, 1)], -1).reshape(-1, 2), 1
    )
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
    loop_next = {
        int(b): int(a)
        for a, b in after
        if (b, a) not in after and rim[a] and rim[b]
    }
    for (a, _), index in after.items():
        uv[int(a)] = index
    start = max(loop_next, key=lambda v: vertices[v, 0])
    loop = [start]
    while loop_next[loop[-1]] != start:
        loop.append(loop_next[loop[-1]])
    turn = min(range(len(loop)), key=lambda i: vertices[loop[i], 0])
    there, back = loop[: turn + 1], [start, *loop[: turn - 1 : -1]]
    cap = []
    i = j = 0
    while i + 1 < len(there) or j + 1 < len(back):
        forward = j + 1 == len(back) or (
            i + 1 < len(there)
            and vertices[there[i + 1], 0] >= vertices[back[j + 1], 0]
        )
        far = there[i + 1] if forward else back[j + 1]
        if len({there[i], back[j], far}) == 3:
            cap.append((there[i], far, back[j]))
        i, j = i + forward, j + (not forward)
    cap = np.array(cap)
    cap_uv = np.vectorize(uv.get)(cap)
    return np.vstack([faces, cap]), np.vstack([face_uv, cap_uv])


def compact(faces, face_uv):
    """Number anew the vertices and texture coordinates that are left.

    Returns:
        faces and face_uv in the new numbers, the old numbers of the kept
        vertices and of the kept texture coordinates.
    """
    vertices, new_faces = np.unique(faces, return_inverse=True)
    uv, new_uv = np.unique(face_uv, return_inverse=True)
    return (
        new_faces.reshape(faces.shape),
        new_uv.reshape(face_uv.shape),
        vertices,
        uv,
    )
