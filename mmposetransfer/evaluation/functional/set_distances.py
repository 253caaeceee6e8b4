"""Distances between sets of pictures, and the inception score.

Convention: a picture is a row of features (N, D) or of logits (N, C) of a
network that somebody has trained. All is computed in double precision.
"""

import math

import torch
from torch import Tensor

from mmposetransfer.errors import UserValueError

__all__ = [
    'frechet_distance',
    'inception_score',
    'kernel_distance',
    'score_of_splits',
    'split_scores',
]

# Rows of a block of the kernel's matrix: 2000x2000 doubles are 32 MB.
_BLOCK = 2000


def frechet_distance(
    mean_a: Tensor, covariance_a: Tensor, mean_b: Tensor, covariance_b: Tensor
) -> float:
    """Fréchet distance of two normal distributions, squared.

    Heusel et al., "GANs Trained by a Two Time-Scale Update Rule", 2017,
    equation 6: ``|m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2))``. With
    features of Inception-v3 it is the FID. The trace of the root is that of
    the roots of the eigenvalues of ``C_a^(1/2) C_b C_a^(1/2)``, which is
    symmetric: nothing becomes complex, whatever the rank.

    Args:
        mean_a: (D,).
        covariance_a: (D, D).
        mean_b: (D,).
        covariance_b: (D, D).

    Returns:
        float: At least 0; nan where a covariance is not finite.
    """
    mean_a, covariance_a = mean_a.double(), covariance_a.double()
    mean_b, covariance_b = mean_b.double(), covariance_b.double()
    if not (covariance_a.isfinite().all() and covariance_b.isfinite().all()):
        return math.nan  # of which no eigenvalues can be taken
    values, vectors = torch.linalg.eigh(covariance_a)
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.T
    shared = torch.linalg.eigvalsh(root @ covariance_b @ root)
    distance = (
        (mean_a - mean_b).square().sum()
        + covariance_a.trace()
        + covariance_b.trace()
        - 2 * shared.clamp(min=0).sqrt().sum()
    )
    return max(float(distance), 0.0)


def kernel_distance(features_a: Tensor, features_b: Tensor) -> float:
    """Squared maximum mean discrepancy by the kernel (x y / D + 1)^3.

    Bińkowski et al., "Demystifying MMD GANs", 2018; with features of
    Inception-v3 it is the KID. The unbiased estimate of all rows: what the
    mean over random subsets, as other libraries take it, estimates, without
    their chance. No matrix of all pairs is kept.

    Args:
        features_a: (N, D).
        features_b: (M, D).

    Returns:
        float: 0 on average for two sets of one distribution, then below 0 as
        often as above.

    Raises:
        ValueError: If a set has fewer than two rows.
    """
    if min(len(features_a), len(features_b)) < 2:
        raise UserValueError(
            'a kernel distance needs at least 2 pictures in both sets, got '
            f'{len(features_a)} and {len(features_b)}'
        )
    n, m = len(features_a), len(features_b)
    within_a = _kernel_sum(features_a, features_a, diagonal=False)
    within_b = _kernel_sum(features_b, features_b, diagonal=False)
    between = _kernel_sum(features_a, features_b, diagonal=True)
    return (
        within_a / (n * (n - 1))
        + within_b / (m * (m - 1))
        - 2 * between / (n * m)
    )


def _kernel_sum(a: Tensor, b: Tensor, diagonal: bool) -> float:
    """Sum of the kernel over all pairs, or without those of equal index."""
    total = 0.0
    for rows in a.split(_BLOCK):
        for columns in b.split(_BLOCK):
            total += float(
                _kernel(rows.double() @ columns.double().T, a).sum()
            )
    if not diagonal:
        squares = a.double().square().sum(1)
        total -= float(_kernel(squares, a).sum())
    return total


def _kernel(products: Tensor, features: Tensor) -> Tensor:
    return (products / features.shape[1] + 1) ** 3


def inception_score(logits: Tensor, splits: int = 10) -> float:
    """Inception score: how sure a classifier is, and of how many classes.

    Salimans et al., "Improved Techniques for Training GANs", 2016: the
    exponential of the mean KL divergence of a picture's classes from those of
    all, the mean over parts of the set. Row i is in part i modulo
    ``splits``, so that no part is another kind of picture in a sorted set.

    Args:
        logits: (N, C).
        splits: Number of parts; papers take 10.

    Returns:
        float: 1 to C.

    Raises:
        ValueError: If there are fewer rows than parts.
    """
    place = torch.arange(len(logits)) % splits
    return score_of_splits(*split_scores(logits, place, splits))


def split_scores(
    logits: Tensor, split: Tensor, splits: int
) -> tuple[Tensor, Tensor, Tensor]:
    """What an inception score is made of, as sums that can be added.

    Args:
        logits: (N, C).
        split: Which part each row is in, (N,), 0 to ``splits`` - 1.
        splits: Number of parts.

    Returns:
        Of each part the sum of probabilities, (splits, C), the sum of p log p
        over rows and classes, (splits,), and the number of rows, (splits,).
    """
    logs = logits.double().log_softmax(1)
    probabilities = logs.exp()
    member = torch.nn.functional.one_hot(split.to(logits.device), splits)
    member = member.double().T  # splits, N
    certainty = (probabilities * logs).sum(1)
    return member @ probabilities, member @ certainty, member.sum(1)


def score_of_splits(
    probabilities: Tensor, certainty: Tensor, count: Tensor
) -> float:
    """The score out of sums, as of `split_scores`."""
    if int(count.min()) < 1:
        raise UserValueError(
            f'an inception score of {len(count)} parts needs at least as many '
            f'pictures, got {int(count.sum())}. Take fewer splits.'
        )
    mean = probabilities / count[:, None]
    spread = torch.special.xlogy(mean, mean).sum(1)
    return float((certainty / count - spread).exp().mean())
