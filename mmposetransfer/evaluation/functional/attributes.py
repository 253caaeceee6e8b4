"""Whether a classifier finds the clothing's attributes in a picture."""

import torch
from torch import Tensor

from mmposetransfer.errors import UserValueError

__all__ = ['average_precisions', 'top_k_recall']


def _check(scores: Tensor, labels: Tensor) -> None:
    if scores.shape != labels.shape or scores.ndim != 2:
        raise UserValueError(
            'expected scores and labels of one shape (N, A), got '
            f'{tuple(scores.shape)} and {tuple(labels.shape)}'
        )


def top_k_recall(scores: Tensor, labels: Tensor, k: int) -> Tensor:
    """AttrRec-k: share of a picture's attributes among the k surest.

    Li, Huang & Loy, "Dense Intrinsic Appearance Flow for Human Pose
    Transfer", 2019, section 4.2. Of equal scores the attribute with the lower
    number comes first.

    Args:
        scores: Of a classifier, the higher the surer, (N, A).
        labels: Whether the picture has the attribute, (N, A), 0 or 1.
        k: How many attributes are looked at.

    Returns:
        Tensor: (N,) double in [0, 1]; 1 for a picture without attributes, as
        the paper's code has it.

    Raises:
        ValueError: If the shapes differ, or there are fewer than k
            attributes.
    """
    _check(scores, labels)
    if not 1 <= k <= scores.shape[1]:
        raise UserValueError(
            f'expected k of a top-k recall from 1 to {scores.shape[1]}, the '
            f'number of attributes, got {k}'
        )
    surest = scores.argsort(dim=1, descending=True, stable=True)[:, :k]
    labels = labels > 0
    hits = labels.gather(1, surest).sum(1).double()
    total = labels.sum(1).double()
    return (hits / total.clamp(min=1)).masked_fill(total == 0, 1.0)


def average_precisions(scores: Tensor, labels: Tensor) -> Tensor:
    """Average precision of each attribute; their mean is the mAP.

    The sum over thresholds of precision times the step in recall, without
    interpolation; pictures of equal scores are taken together, so that their
    order does not matter.

    Args:
        scores: Of a classifier, (N, A).
        labels: 0 or 1, (N, A).

    Returns:
        Tensor: (A',) double in [0, 1], of the attributes that some picture
        has: of the others there is none.

    Raises:
        ValueError: If the shapes differ.
    """
    _check(scores, labels)
    found = [
        _average_precision(scores[:, i], labels[:, i] > 0)
        for i in range(scores.shape[1])
        if bool((labels[:, i] > 0).any())
    ]
    return torch.stack(found) if found else scores.new_zeros(0).double()


def _average_precision(scores: Tensor, labels: Tensor) -> Tensor:
    """Of one attribute, (N,) each."""
    order = scores.argsort(descending=True)
    scores, hits = scores[order], labels[order].double().cumsum(0)
    last_of_equal = torch.ones_like(labels)
    last_of_equal[:-1] = scores[1:] != scores[:-1]
    ends = last_of_equal.nonzero().flatten()
    recalled = hits[ends] / hits[-1]
    steps = torch.diff(recalled, prepend=recalled.new_zeros(1))
    return (hits[ends] / (ends + 1) * steps).sum()
