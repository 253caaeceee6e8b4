"""Which point of a body lies where the mirror shows another one."""

from weakref import WeakKeyDictionary

import numpy as np
from scipy.spatial import cKDTree

__all__ = ['mirror_twins']

_KNOWN = WeakKeyDictionary()


def mirror_twins(body):
    """The vertex nearest to each vertex's mirror image, in the T-pose.

    Convention: the mirror exchanges left and right, x and -x. The free body
    is symmetric to 2.7 mm, a millionth of a metre for most vertices.

    Args:
        body (BodyModel): Any; found once for each.

    Returns:
        np.ndarray: (V,) int64 index of each vertex's twin.
    """
    if body not in _KNOWN:
        rest = body.smpl.v_template.numpy()
        mirrored = rest * np.float32([-1, 1, 1])
        _KNOWN[body] = cKDTree(rest).query(mirrored)[1]
    return _KNOWN[body]
