"""Numbers of whole sets: what each keeps of them, and makes of that."""

from abc import ABC, abstractmethod

from mmposetransfer.errors import UserValueError

from .columns import Column
from .functional.set_distances import frechet_distance, kernel_distance
from .set_statistics import SetStatistics
from .set_summaries import FeatureRows, Moments, SetSummary, SplitScores

__all__ = [
    'FrechetMeasure',
    'InceptionScoreMeasure',
    'KernelMeasure',
    'SetMeasure',
]


class SetMeasure(ABC):
    """One number of a set of generated pictures.

    Args:
        name: Of the number, without the protocol's.
        column: How it is printed.

    Attributes:
        output: What the network makes that it looks at.
        needs_real: Whether it compares with a set of real pictures.
        needs_rows: Whether it needs the features of all real pictures.
    """

    output = 'pooled'
    needs_real = True
    needs_rows = False

    def __init__(self, name: str, column: Column) -> None:
        self.name = name
        self.column = column

    @abstractmethod
    def summary(self) -> SetSummary:
        """What is kept of a set, still empty."""

    @abstractmethod
    def number(
        self, generated: SetSummary, real: SetSummary | SetStatistics | None
    ) -> float:
        """The number.

        Args:
            generated: Of the generated pictures.
            real: Of the real ones, or statistics of them; None where it
                needs none.

        Raises:
            ValueError: If there are too few pictures.
        """


class FrechetMeasure(SetMeasure):
    """A Fréchet distance, from means and covariances.

    Of no more pictures than features the covariance is singular, and the
    distance says more of their number than of the pictures.

    Args:
        name: Of the number.
        column: How it is printed.
        features: Length of a picture's vector.
        min_pictures: How many pictures both sets need; None: one more than
            there are features.
    """

    def __init__(
        self,
        name: str,
        column: Column,
        features: int,
        min_pictures: int | None = None,
    ) -> None:
        super().__init__(name, column)
        self.features = features
        self.min_pictures = (
            features + 1 if min_pictures is None else max(min_pictures, 2)
        )

    def summary(self) -> Moments:
        """See `SetMeasure.summary`."""
        return Moments(self.features)

    def number(
        self, generated: Moments, real: Moments | SetStatistics | None
    ) -> float:
        """See `SetMeasure.number`."""
        for what, found in (('generated', generated), ('real', real)):
            if found.count < self.min_pictures:
                raise UserValueError(
                    f'{self.name} needs at least {self.min_pictures} {what} '
                    f'pictures, got {found.count}: a kernel distance (KID) '
                    'is right for any number, and min_pictures=2 gives the '
                    'biased distance all the same'
                )
        if isinstance(real, Moments):
            mean, covariance = real.mean(), real.covariance()
        else:
            mean, covariance = real.mean, real.covariance
        return frechet_distance(
            generated.mean(), generated.covariance(), mean, covariance
        )


class KernelMeasure(SetMeasure):
    """A kernel distance, from the features of all pictures."""

    needs_rows = True

    def summary(self) -> FeatureRows:
        """See `SetMeasure.summary`."""
        return FeatureRows()

    def number(
        self, generated: FeatureRows, real: FeatureRows | SetStatistics | None
    ) -> float:
        """See `SetMeasure.number`."""
        if isinstance(real, SetStatistics):
            rows = real.features
        else:
            rows = real.rows()
        return kernel_distance(generated.rows(), rows)


class InceptionScoreMeasure(SetMeasure):
    """The inception score, which looks at the generated pictures alone.

    Args:
        name: Of the number.
        column: How it is printed.
        classes: Of the classifier.
        splits: Number of parts.
    """

    output = 'logits'
    needs_real = False

    def __init__(
        self, name: str, column: Column, classes: int, splits: int = 10
    ) -> None:
        super().__init__(name, column)
        self.classes, self.splits = classes, splits

    def summary(self) -> SplitScores:
        """See `SetMeasure.summary`."""
        return SplitScores(self.classes, self.splits)

    def number(
        self, generated: SplitScores, real: SetSummary | None = None
    ) -> float:
        """See `SetMeasure.number`."""
        return generated.score()
