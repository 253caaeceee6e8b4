"""Whether a classifier is as sure as it is right."""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmposetransfer.errors import UserValueError

__all__ = ['calibration_bins', 'calibration_error', 'fit_temperature']


def calibration_bins(
    confidence: Tensor, correct: Tensor, bins: int = 15
) -> Tensor:
    """What an expected calibration error is made of, for each row.

    Args:
        confidence: Probabilities, (N, K), in [0, 1].
        correct: Whether it was so, (N, K), 0 and 1; below 0 does not count.
        bins: Of one width, from 0 to 1.

    Returns:
        Tensor: (N, 3, bins) double: in each bin the number of
        probabilities, their sum, and the number of those that were so. Sums
        of rows may be added.
    """
    place = (confidence.double() * bins).long().clamp(0, bins - 1)
    member = F.one_hot(place, bins).double()  # N, K, bins
    member = member * (correct >= 0).double()[..., None]
    return torch.stack(
        [
            member.sum(1),
            (member * confidence.double()[..., None]).sum(1),
            (member * (correct > 0).double()[..., None]).sum(1),
        ],
        1,
    )


def calibration_error(sums: Tensor) -> float:
    """Expected calibration error (ECE).

    Guo et al., "On Calibration of Modern Neural Networks", 2017, equation 3:
    the mean over the bins, weighted by what is in them, of how far the mean
    probability is from the share that was so.

    Args:
        sums: (3, bins), as of `calibration_bins`, over all rows.

    Returns:
        float: In [0, 1].
    """
    count, confidence, correct = sums
    total = count.sum().clamp(min=1)
    return float((confidence - correct).abs().sum() / total)


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """The temperature by which logits have the least cross entropy.

    Guo et al., section 4.2: one number for all classes, which changes how
    sure a classifier is, and not what it takes for the likeliest.

    Args:
        logits: (N, C), of pictures that it has not learnt from.
        labels: (N,) classes from 0; or (N, C), 1 has it, 0 has it not, below
            0 unknown.

    Returns:
        float: Logits are to be divided by it; from 0.05 to 20.

    Raises:
        ValueError: If there are no rows.
    """
    if not len(logits):
        raise UserValueError('a temperature cannot be fitted to no pictures')
    logits = logits.double()

    def loss(log_temperature: float) -> float:
        scaled = logits / torch.tensor(log_temperature).double().exp()
        if labels.ndim == 1:
            return float(F.cross_entropy(scaled, labels.long()))
        return float(
            F.binary_cross_entropy_with_logits(
                scaled,
                (labels > 0).double(),
                weight=(labels >= 0).double(),
            )
        )

    # The loss is convex in 1 / T, so it has one valley in log T.
    low, high = -3.0, 3.0
    golden = (5**0.5 - 1) / 2
    while high - low > 1e-4:
        left, right = high - golden * (high - low), low + golden * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    return float(torch.tensor((low + high) / 2).exp())
