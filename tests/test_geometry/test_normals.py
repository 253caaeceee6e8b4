"""Normals of vertices."""

import numpy as np

from mmposetransfer.geometry import vertex_normals


def test_weighted_by_area():
    """A corner of a box: two triangles on one side, one on the others."""
    points = np.float32(
        [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, -1), (9, 9, 9)]
    )
    faces = np.int32([(0, 1, 2), (0, 2, 3), (0, 3, 4), (0, 4, 1)])
    normals = vertex_normals(points, faces)
    # Twice the areas: of z 1 + 1, of -x 1, of -y 1.
    corner = np.array([-1, -1, 2]) / np.sqrt(6)
    np.testing.assert_allclose(normals[0], corner, atol=1e-6)
    np.testing.assert_allclose(normals[2], [0, 0, 1], atol=1e-6)
    assert (normals[5] == 0).all()  # of no face


def test_vertex_normals_of_a_sphere():
    u, v = np.meshgrid(
        np.linspace(0, 2 * np.pi, 40, endpoint=False),
        np.linspace(0.3, np.pi - 0.3, 30),
        indexing='ij',
    )
    points = np.stack(
        [np.sin(v) * np.cos(u), np.cos(v), np.sin(v) * np.sin(u)], -1
    )
    index = np.arange(40 * 30).reshape(40, 30)
    a, b = index[:, :-1], np.roll(index, -1, 0)[:, :-1]
    c, d = index[:, 1:], np.roll(index, -1, 0)[:, 1:]
    faces = np.concatenate(
        [
            np.stack([a, b, c], -1).reshape(-1, 3),
            np.stack([b, d, c], -1).reshape(-1, 3),
        ]
    )
    points = points.reshape(-1, 3).astype(np.float32)
    normals = vertex_normals(points, faces.astype(np.int32))
    inner = np.abs(points[:, 1]) < 0.9
    agree = np.abs((normals * points).sum(1))
    assert agree[inner].min() > 0.995
