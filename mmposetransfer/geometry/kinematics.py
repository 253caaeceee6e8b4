"""Joint transforms of one pose, compiled: a body's own take ten times it."""

import numpy as np
from numba import njit

__all__ = ['joint_transforms', 'strongest_bones']


@njit(cache=True, nogil=True)
def _rotation(x, y, z, out):
    """Rotation matrix of an axis-angle vector (Rodrigues), into ``out``."""
    angle = np.sqrt(x * x + y * y + z * z)
    if angle < 1e-9:
        out[:] = 0
        out[0, 0] = out[1, 1] = out[2, 2] = 1
        return
    x, y, z = x / angle, y / angle, z / angle
    s, c = np.sin(angle), np.cos(angle)
    d = 1 - c
    out[0, 0], out[0, 1], out[0, 2] = (
        c + d * x * x,
        d * x * y - s * z,
        d * x * z + s * y,
    )
    out[1, 0], out[1, 1], out[1, 2] = (
        d * x * y + s * z,
        c + d * y * y,
        d * y * z - s * x,
    )
    out[2, 0], out[2, 1], out[2, 2] = (
        d * x * z - s * y,
        d * y * z + s * x,
        c + d * z * z,
    )


@njit(cache=True, nogil=True)
def joint_transforms(rest, pose, parents):
    """Joint transforms relative to the rest pose.

    Args:
        rest (np.ndarray): (J, 3) float64 rest joints, metres.
        pose (np.ndarray): (J, 3) float64 axis-angle of each joint, radians.
        parents (np.ndarray): (J,) int, parents before their children.

    Returns:
        np.ndarray: (J, 4, 4) float32, for ``geometry.skin``.
    """
    count = len(rest)
    turn = np.empty((count, 3, 3))
    place = np.empty((count, 3))
    own = np.empty((3, 3))
    out = np.zeros((count, 4, 4), np.float32)
    for j in range(count):
        _rotation(pose[j, 0], pose[j, 1], pose[j, 2], own)
        if j == 0:
            turn[0] = own
            place[0] = rest[0]
        else:
            p = parents[j]
            for a in range(3):
                place[j, a] = place[p, a]
                for b in range(3):
                    place[j, a] += turn[p, a, b] * (rest[j, b] - rest[p, b])
                    turn[j, a, b] = (
                        turn[p, a, 0] * own[0, b]
                        + turn[p, a, 1] * own[1, b]
                        + turn[p, a, 2] * own[2, b]
                    )
        out[j, 3, 3] = 1
        for a in range(3):
            shift = place[j, a]
            for b in range(3):
                out[j, a, b] = turn[j, a, b]
                shift -= turn[j, a, b] * rest[j, b]
            out[j, a, 3] = shift
    return out


@njit(cache=True, nogil=True)
def strongest_bones(weights, rows, bones):
    """The strongest bones of each vertex, scaled to sum to one.

    Args:
        weights (np.ndarray): (N, J) float32.
        rows (np.ndarray): (V,) int, the vertices asked for.
        bones (int): How many to keep.

    Returns:
        tuple: (V, bones) uint8 joints and float32 weights, as
        ``geometry.SkinWeights`` holds them.
    """
    index = np.zeros((len(rows), bones), np.uint8)
    weight = np.zeros((len(rows), bones), np.float32)
    for v in range(len(rows)):
        for j in range(weights.shape[1]):
            value, k = weights[rows[v], j], bones
            while k > 0 and value > weight[v, k - 1]:
                k -= 1
            if k < bones:
                for m in range(bones - 1, k, -1):
                    weight[v, m] = weight[v, m - 1]
                    index[v, m] = index[v, m - 1]
                weight[v, k], index[v, k] = value, j
        total = np.float32(0)
        for k in range(bones):
            total += weight[v, k]
        for k in range(bones):
            weight[v, k] /= total
    return index, weight
