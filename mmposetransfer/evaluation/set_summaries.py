"""What is kept of a set of pictures: sums, or rows where a measure needs them.

All can be added to batch by batch and merged across processes, in any order;
none keeps pictures.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from .functional.set_distances import score_of_splits, split_scores

__all__ = ['FeatureRows', 'Moments', 'SetSummary', 'SplitScores']


class SetSummary(ABC):
    """Of a set, grown batch by batch.

    Attributes:
        count: Number of pictures.
    """

    count: int = 0

    @abstractmethod
    def update(self, rows: Tensor, places: list[int]) -> None:
        """Add pictures.

        Args:
            rows: What a network made of them, (N, D).
            places: Where they stand in the data, the same for any number of
                processes.
        """

    @abstractmethod
    def merge(self, other: 'SetSummary') -> None:
        """Add those of another process."""


class Moments(SetSummary):
    """Mean and covariance, as sums: D^2 doubles whatever the set's size.

    Args:
        features: D.
    """

    def __init__(self, features: int) -> None:
        self.total = torch.zeros(features, dtype=torch.double)
        self.products = torch.zeros(features, features, dtype=torch.double)

    def update(self, rows: Tensor, places: list[int]) -> None:
        """See `SetSummary.update`."""
        rows = rows.double().cpu()
        self.count += len(rows)
        self.total += rows.sum(0)
        self.products.addmm_(rows.T, rows)

    def merge(self, other: 'Moments') -> None:
        """See `SetSummary.merge`."""
        self.count += other.count
        self.total += other.total
        self.products += other.products

    def mean(self) -> Tensor:
        """(D,) double."""
        return self.total / self.count

    def covariance(self) -> Tensor:
        """Unbiased, (D, D) double; of at least two pictures."""
        mean = self.mean()
        centred = self.products - self.count * torch.outer(mean, mean)
        return centred / (self.count - 1)


class FeatureRows(SetSummary):
    """All rows, in float32: 4 D bytes a picture."""

    def __init__(self) -> None:
        self._parts: list[Tensor] = []

    def update(self, rows: Tensor, places: list[int]) -> None:
        """See `SetSummary.update`."""
        self.count += len(rows)
        self._parts.append(rows.float().cpu())

    def merge(self, other: 'FeatureRows') -> None:
        """See `SetSummary.merge`."""
        self.count += other.count
        self._parts += other._parts

    def rows(self) -> Tensor:
        """(N, D) float32, in no particular order."""
        return torch.cat(self._parts)


class SplitScores(SetSummary):
    """Sums of an inception score's parts: their number times C doubles.

    Args:
        classes: C.
        splits: Number of parts; the picture at place i is in part i modulo
            it.
    """

    def __init__(self, classes: int, splits: int) -> None:
        self.sums = [
            torch.zeros(shape, dtype=torch.double)
            for shape in ((splits, classes), (splits,), (splits,))
        ]

    def update(self, rows: Tensor, places: list[int]) -> None:
        """See `SetSummary.update`."""
        splits = len(self.sums[0])
        found = split_scores(rows.cpu(), torch.tensor(places) % splits, splits)
        self._add(found, len(rows))

    def merge(self, other: 'SplitScores') -> None:
        """See `SetSummary.merge`."""
        self._add(other.sums, other.count)

    def _add(self, sums, count: int) -> None:
        self.count += count
        for mine, theirs in zip(self.sums, sums, strict=True):
            mine += theirs

    def score(self) -> float:
        """The inception score; see `inception_score`."""
        return score_of_splits(*self.sums)
