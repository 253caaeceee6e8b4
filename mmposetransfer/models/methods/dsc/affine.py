"""Affine transforms that take some points to others, for a batch at once."""

import torch
from torch import Tensor

__all__ = ['fit_affine']

# Points nearer to a line than this share of their spread, squared, say
# nothing about the direction across it.
_FLAT = 1e-4
_TINY = 1e-6


def fit_affine(
    points: Tensor, images: Tensor, weight: Tensor
) -> tuple[Tensor, Tensor]:
    """The affine transform with the least squared error (DSC, Sec. 3.2).

    Convention: points are (x, y); a transform is the 2x3 matrix that OpenCV
    has: ``image = matrix[:, :2] @ point + matrix[:, 2]``.

    Args:
        points (Tensor): (..., P, 2) of any unit.
        images (Tensor): Where the points are to go, (..., P, 2).
        weight (Tensor): Of each point, at least 0, (..., P); 0 leaves a point
            out.

    Returns:
        tuple[Tensor]: The transforms (..., 2, 3), and whether each of them is
        known (...): three points that are not on a line, before and after.
        The others are the identity.
    """
    total = weight.sum(-1)
    share = weight / total.clamp(min=_TINY)[..., None]  # (..., P)
    centre, goal = (
        (share[..., None] * x).sum(-2, keepdim=True) for x in (points, images)
    )  # (..., 1, 2)
    points, images = points - centre, images - goal
    # Products of two points, (..., 2, 2): rows of the first, columns of the
    # second. Sums, as autocast would take matrix products in half precision.
    spread, relation, spread_after = (
        (share[..., None, None] * a[..., None] * b[..., None, :]).sum(-3)
        for a, b in ((points, points), (images, points), (images, images))
    )
    known = ~_is_flat(spread) & ~_is_flat(spread_after) & (total > 0)
    inverse = _inverse(spread, known)
    linear = (relation[..., None] * inverse[..., None, :, :]).sum(-2)
    shift = goal[..., 0, :] - (linear * centre).sum(-1)
    matrix = torch.cat([linear, shift[..., None]], -1)
    nothing = torch.eye(2, 3, dtype=matrix.dtype, device=matrix.device)
    return torch.where(known[..., None, None], matrix, nothing), known


def _determinant(matrix: Tensor) -> Tensor:
    """Of (..., 2, 2)."""
    (a, b), (c, d) = (row.unbind(-1) for row in matrix.unbind(-2))
    return a * d - b * c


def _is_flat(spread: Tensor) -> Tensor:
    """Whether points of this spread (..., 2, 2) are all but on a line."""
    mean = (spread[..., 0, 0] + spread[..., 1, 1]) / 2
    return _determinant(spread) <= _FLAT * mean**2 + _TINY


def _inverse(spread: Tensor, known: Tensor) -> Tensor:
    """Of a symmetric (..., 2, 2); anything finite where it is not known."""
    determinant = torch.where(known, _determinant(spread), 1)
    (a, b), (_, d) = (row.unbind(-1) for row in spread.unbind(-2))
    adjugate = torch.stack(
        [torch.stack([d, -b], -1), torch.stack([-b, a], -1)], -2
    )
    return adjugate / determinant[..., None, None]
