"""Small meshes whose pictures are known in closed form."""

import numpy as np


def grid(rows, cols):
    """(rows * cols, 2) points in [0, 1]^2 and the faces between them."""
    v, u = np.meshgrid(
        np.linspace(0, 1, rows), np.linspace(0, 1, cols), indexing='ij'
    )
    index = np.arange(rows * cols).reshape(rows, cols)
    a, b = index[:-1, :-1].ravel(), index[:-1, 1:].ravel()
    c, d = index[1:, :-1].ravel(), index[1:, 1:].ravel()
    faces = np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)])
    return np.stack([u.ravel(), v.ravel()], 1), faces.astype(np.int32)


def rectangle(left, top, right, bottom, depth=0.0, rows=5, cols=7):
    """A flat sheet of (x, y, depth) vertices, and its faces."""
    uv, faces = grid(rows, cols)
    xy = uv * [right - left, bottom - top] + [left, top]
    return np.concatenate([xy, np.full((len(xy), 1), depth)], 1), faces


def sphere(rows=90, cols=180):
    """The unit sphere."""
    uv, faces = grid(rows, cols)
    theta, phi = np.pi * uv[:, 1], 2 * np.pi * uv[:, 0]
    return np.stack(
        [
            np.sin(theta) * np.sin(phi),
            np.cos(theta),
            np.sin(theta) * np.cos(phi),
        ],
        1,
    ), faces


def cylinder(rows=12, cols=240):
    """Radius 1, y in [-1, 1], without lids."""
    uv, faces = grid(rows, cols)
    phi = 2 * np.pi * uv[:, 0]
    return np.stack([np.sin(phi), 1 - 2 * uv[:, 1], np.cos(phi)], 1), faces


def join(*meshes):
    """Several meshes as one."""
    vertices, faces, offset = [], [], 0
    for points, triangles in meshes:
        vertices.append(points)
        faces.append(triangles + offset)
        offset += len(points)
    return np.concatenate(vertices), np.concatenate(faces)


def soup(rng, count, size, share=1 / 6):
    """Triangles anywhere in and around a picture, (x, y, depth).

    Their size is about this share of the picture's.
    """
    height, width = size
    centre = rng.uniform(-0.1, 1.1, (count, 1, 3)) * [width, height, 1]
    corners = centre + rng.normal(0, 1, (count, 3, 3)) * [
        width * share,
        height * share,
        0.1,
    ]
    faces = np.arange(3 * count, dtype=np.int32).reshape(count, 3)
    return corners.reshape(-1, 3).astype(np.float32), faces


def turned(points, angle):
    """Points turned about the y axis, their front towards the left."""
    c, s = np.cos(angle), np.sin(angle)
    return points @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
