"""Brute-force ray casting in plain numpy, to hold the geometry against.

Moeller and Trumbore's intersection of every ray with every triangle, in
float64 and in space: it shares no formula with the rasterizer, which works
in the picture.
"""

import numpy as np


def _cross(a, b):
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


def _dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cast(origins, directions, vertices, faces, chunk=8):
    """First hits of rays: (distance or inf, face or -1, barycentric)."""
    vertices = np.asarray(vertices, np.float64).T
    a, b, c = (vertices[:, faces[:, n]][:, None] for n in range(3))
    ab, ac = b - a, c - a
    results = []
    for begin in range(0, len(origins), chunk):
        o = np.asarray(origins)[begin : begin + chunk].T[..., None]
        d = np.asarray(directions)[begin : begin + chunk].T[..., None]
        p, q = _cross(d, ac), _cross(o - a, ab)
        with np.errstate(divide='ignore', invalid='ignore'):
            inverse = 1 / _dot(ab, p)
            u = _dot(o - a, p) * inverse
            v = _dot(d, q) * inverse
            t = _dot(ac, q) * inverse
            inside = (np.minimum(u, v) >= -1e-9) & (u + v <= 1 + 1e-9)
        t = np.where(inside & (t > 0) & np.isfinite(t), t, np.inf)
        row, face = np.arange(len(t)), t.argmin(1)
        u, v, distance = u[row, face], v[row, face], t[row, face]
        results.append(
            (
                distance,
                np.where(np.isinf(distance), -1, face),
                np.stack([1 - u - v, u, v], -1),
            )
        )
    return tuple(np.concatenate(parts) for parts in zip(*results, strict=True))


def pixel_grid(size):
    """(H * W, 2) x, y of the pixel centres, row by row."""
    y, x = np.mgrid[: size[0], : size[1]]
    return np.stack([x.ravel(), y.ravel()], -1).astype(np.float64)


FAR = 1e3


def orthographic_rays(points):
    """Rays along depth through (N, 2) pixels; distances are depth + FAR."""
    origins = np.concatenate([points, np.full((len(points), 1), -FAR)], 1)
    return origins, np.tile([0.0, 0.0, 1.0], (len(points), 1))


def draw(vertices, faces, size):
    """Face, bary and depth of a picture, vertices as (x, y, depth)."""
    rays = orthographic_rays(pixel_grid(size))
    distance, face, bary = cast(*rays, vertices, faces)
    return (
        face.reshape(size),
        bary.reshape(size + (3,)),
        (distance - FAR).reshape(size),
    )


def flow_and_visibility(ref, tgt, faces, size, tolerance=1e-3):
    """What the library computes, one ray per pixel and one per point."""
    face, bary, _ = draw(tgt, faces, size)
    shown = face >= 0
    points = np.einsum(
        'nk,nkc->nc',
        bary[shown],
        np.asarray(ref, np.float64)[faces[face[shown]]],
    )
    flow = np.zeros((2,) + size)
    flow[:, shown] = (points[:, :2] - pixel_grid(size)[shown.ravel()]).T
    front = cast(*orthographic_rays(points[:, :2]), ref, faces)[0] - FAR
    inside = (
        (points[:, :2] >= -0.5) & (points[:, :2] < np.array(size[::-1]) - 0.5)
    ).all(1)
    visibility = np.full(size, 2, np.uint8)
    visibility[shown] = ~(inside & (front >= points[:, 2] - tolerance))
    return flow, visibility[None]
