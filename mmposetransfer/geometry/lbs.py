"""Linear blend skinning of any points by a body's joint transforms."""

from typing import NamedTuple

import numpy as np
from numba import njit


class SkinWeights(NamedTuple):
    """Skinning weights of V points, K bones each.

    Attributes:
        index: (V, K) uint8, the joints; unused slots name joint 0.
        weight: (V, K) float32, their weights; unused slots weigh 0.
    """

    index: np.ndarray
    weight: np.ndarray


def sparse_weights(
    weights: np.ndarray,
    bones: int | None = None,
) -> SkinWeights:
    """Keep each point's strongest bones.

    Args:
        weights: (V, J) dense weights.
        bones: how many to keep; None keeps as many as the point with the
            most bones has, so that nothing is lost. Where some are dropped,
            the rest is scaled to sum to one.

    Returns:
        :class:`SkinWeights`.
    """
    weights = np.asarray(weights, dtype=np.float32)
    if weights.ndim != 2:
        raise ValueError(
            f'weights: expected (V, J), got shape {weights.shape}'
        )
    most = max(int((weights > 0).sum(1).max(initial=1)), 1)
    kept = most if bones is None else min(bones, weights.shape[1])
    order = np.argsort(-weights, axis=1, kind='stable')[:, :kept]
    weight = np.take_along_axis(weights, order, axis=1)
    if kept < most:
        total = weight.sum(1, keepdims=True)
        weight = weight / np.where(total > 0, total, 1)
    index = np.where(weight > 0, order, 0).astype(np.uint8)
    return SkinWeights(index, np.ascontiguousarray(weight, np.float32))


def skin(
    rest_vertices: np.ndarray,
    weights: 'np.ndarray | SkinWeights',
    transforms: np.ndarray,
) -> np.ndarray:
    """Move resting points with the joints (linear blend skinning).

    Args:
        rest_vertices: (V, 3) or (B, V, 3) points in the rest pose, metres.
        weights: (V, J) dense weights, or :class:`SkinWeights`, which is
            quicker when called often.
        transforms: (J, 4, 4) or (B, J, 4, 4) joint transforms relative to
            the rest pose, as ``BodyModel.joint_transforms`` gives them.

    Returns:
        float32, (V, 3) when both are single, else (B, V, 3).

    Raises:
        ValueError: if the shapes don't fit together.
    """
    if not isinstance(weights, SkinWeights):
        weights = sparse_weights(weights)
    rest = np.ascontiguousarray(rest_vertices, dtype=np.float32)
    transforms = np.ascontiguousarray(transforms, dtype=np.float32)
    _check(rest, weights, transforms)
    single = rest.ndim == 2 and transforms.ndim == 3
    rest = rest[None] if rest.ndim == 2 else rest
    transforms = transforms[None] if transforms.ndim == 3 else transforms
    batch = max(len(rest), len(transforms))
    posed = np.empty((batch, *rest.shape[1:]), dtype=np.float32)
    for i in range(batch):
        _skin(
            rest[i % len(rest)],
            weights.index,
            weights.weight,
            transforms[i % len(transforms)],
            posed[i],
        )
    return posed[0] if single else posed


def _check(rest, weights, transforms):
    if rest.ndim not in (2, 3) or rest.shape[-1] != 3:
        raise ValueError(
            'rest_vertices: expected (V, 3) or (B, V, 3), got '
            f'shape {rest.shape}'
        )
    if transforms.ndim not in (3, 4) or transforms.shape[-2:] != (4, 4):
        raise ValueError(
            'transforms: expected (J, 4, 4) or (B, J, 4, 4), '
            f'got shape {transforms.shape}'
        )
    if len(weights.index) != rest.shape[-2]:
        raise ValueError(
            f'weights are of {len(weights.index)} points, '
            f'rest_vertices has {rest.shape[-2]}'
        )
    joints = int(weights.index.max(initial=0)) + 1
    if joints > transforms.shape[-3]:
        raise ValueError(
            f'weights name joint {joints - 1}, transforms has '
            f'only {transforms.shape[-3]} joints'
        )
    if (
        rest.ndim == 3
        and transforms.ndim == 4
        and (
            len(rest) != len(transforms)
            and 1 not in (len(rest), len(transforms))
        )
    ):
        raise ValueError(
            f'rest_vertices has a batch of {len(rest)}, '
            f'transforms of {len(transforms)}'
        )


@njit(cache=True, nogil=True)
def _skin(rest, index, weight, transforms, out):
    for v in range(rest.shape[0]):
        x, y, z = rest[v, 0], rest[v, 1], rest[v, 2]
        for r in range(3):
            # A row of the blended transform: four numbers, not an array of
            # four, stay in registers.
            bx = by = bz = shift = np.float32(0)
            for k in range(index.shape[1]):
                w, j = max(weight[v, k], np.float32(0)), index[v, k]
                bx += w * transforms[j, r, 0]
                by += w * transforms[j, r, 1]
                bz += w * transforms[j, r, 2]
                shift += w * transforms[j, r, 3]
            out[v, r] = bx * x + by * y + bz * z + shift
