"""Find named vertices on the body by geometry and skinning weights."""

import numpy as np

FINGERS = ('thumb', 'index', 'middle', 'ring', 'pinky')
SIDES = (('l', '.L', 1.0), ('r', '.R', -1.0))


def find_landmarks(vertices, weights, bones, eye_balls):
    """The vertices that smplx takes as extra joints, by smplx's names.

    Args:
        vertices: (V, 3) mean body in the T-pose.
        weights: (V, B) weights of anny's bones.
        bones: names of the bones.
        eye_balls: dict side ('l', 'r') -> indices of the eye ball's vertices.

    Returns:
        dict of name -> vertex: nose, eyes, ears, finger tips, toes, heels.
    """

    def of(*starts):
        columns = [i for i, b in enumerate(bones) if b.startswith(starts)]
        return np.flatnonzero(weights[:, columns].sum(1) > 0.5)

    def extreme(candidates, direction):
        return int(candidates[np.argmax(vertices[candidates] @ direction)])

    head = of('head')
    middle = head[np.abs(vertices[head, 0]) < 1e-3]
    found = {'nose': extreme(middle, (0, 0, 1))}
    for short, side, mirror in SIDES:
        found[short + 'eye'] = extreme(eye_balls[short], (0, 0, 1))
        found[short + 'ear'] = extreme(head, (mirror, 0, 0))
        for number, finger in enumerate(FINGERS, start=1):
            found[short + finger] = extreme(
                of(f'finger{number}-3{side}'), (mirror, 0, 0)
            )
        foot = short.upper()
        found[foot + 'BigToe'] = extreme(of(f'toe1-2{side}'), (0, 0, 1))
        found[foot + 'SmallToe'] = extreme(of(f'toe5-3{side}'), (0, 0, 1))
        found[foot + 'Heel'] = extreme(of(f'foot{side}'), (0, -0.3, -1))
    return found


def eye_balls(vertices, faces):
    """The vertices of each eye ball: the two smallest separate pieces.

    Args:
        vertices: (V, 3).
        faces: (F, 3).

    Returns:
        dict side ('l', 'r') -> vertex indices.
    """
    pieces = connected_pieces(faces, len(vertices))
    smallest = sorted((p for p in pieces if len(p) > 1), key=len)[:2]
    return {'l' if vertices[p, 0].mean() > 0 else 'r': p for p in smallest}


def connected_pieces(faces, count):
    """Lists of vertices that are connected through triangles."""
    from scipy.sparse import coo_matrix, csgraph

    rows, columns = faces.ravel(), np.roll(faces, 1, axis=1).ravel()
    graph = coo_matrix((np.ones(len(rows)), (rows, columns)), (count, count))
    number, label = csgraph.connected_components(graph, directed=False)
    order = np.argsort(label, kind='stable')
    cuts = np.cumsum(np.bincount(label, minlength=number))[:-1]
    return np.split(order, cuts)
