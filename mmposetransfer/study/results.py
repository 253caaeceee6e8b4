"""What the answers of a study say: rates, intervals, agreement.

The measures are those of the paper's table 2: R2G, the share of photographs
judged generated; G2R, the share of generated pictures judged real; and how
often a method was judged the better one. Practice does not count.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from .agreement import krippendorff_alpha
from .database import StudyDatabase
from .design import GENERATED, REAL, Trial

__all__ = ['Judgement', 'Measure', 'study_judgements', 'study_results']

# Of intervals.
_LEVEL = 0.95
_RESAMPLES = 10_000


@dataclass(frozen=True)
class Judgement:
    """A counted answer.

    Attributes:
        participant: Whose it is.
        trial: What was shown.
        judged: What they said: 'real' or 'generated', or the better method.
    """

    participant: int
    trial: Trial
    judged: str


@dataclass(frozen=True)
class Measure:
    """A share of judgements.

    Attributes:
        name: 'R2G', 'G2R' or 'judged better'.
        method: Of which method.
        against: The other method of 'judged better', else ''.
        hits: How many judgements were so.
        judgements: Of how many.
        participants: Of how many people.
        wilson: Wilson's 95% interval of the share, which takes all
            judgements as independent.
        bootstrap: 95% interval of the share by drawing participants again
            (10,000 times, percentiles), which takes people as differing; None
            of fewer than two.
        alpha: Krippendorff's alpha, how far people agree on the pictures
            that more than one of them judged; None where it is not defined.
            That of R2G and G2R is of both together.
    """

    name: str
    method: str
    against: str
    hits: int
    judgements: int
    participants: int
    wilson: tuple[float, float]
    bootstrap: tuple[float, float] | None
    alpha: float | None

    @property
    def share(self) -> float:
        """In [0, 1]."""
        return self.hits / self.judgements


def study_judgements(
    database: StudyDatabase, finished_only: bool = False
) -> list[Judgement]:
    """The answers of a study that count.

    Args:
        database: Of the study.
        finished_only: Whether to leave out who has not answered everything.
    """
    finished = database.finished() if finished_only else None
    return [
        Judgement(number, trial, trial.left if side == 'left' else trial.right)
        for number, trial, side in database.answers()
        if not trial.practice and (finished is None or number in finished)
    ]


def study_results(
    judgements: Iterable[Judgement], methods: Iterable[str]
) -> list[Measure]:
    """All measures of a study.

    Args:
        judgements: From `study_judgements`.
        methods: In the order in which they are told.

    Returns:
        list[Measure]: Those with judgements. Of each two methods that were
        shown side by side, both are there.
    """
    judgements, methods = list(judgements), list(methods)
    found = []
    for method in methods:
        found += _real_or_fake(
            method, [j for j in judgements if j.trial.method == method]
        )
    for method in methods:
        for other in methods:
            both = [
                j
                for j in judgements
                if {j.trial.left, j.trial.right} == {method, other}
            ]
            found += _measure(
                'judged better', method, other, both, method, _alpha(both)
            )
    return found


def _real_or_fake(
    method: str, judgements: list[Judgement]
) -> Iterator[Measure]:
    alpha = _alpha(judgements)
    for name, shown, judged in (
        ('R2G', REAL, GENERATED),
        ('G2R', GENERATED, REAL),
    ):
        of_kind = [j for j in judgements if j.trial.shown == shown]
        yield from _measure(name, method, '', of_kind, judged, alpha)


def _measure(
    name: str,
    method: str,
    against: str,
    judgements: list[Judgement],
    hit: str,
    alpha: float | None,
) -> Iterator[Measure]:
    """One measure, if there are judgements."""
    if not judgements:
        return
    people = Counter(j.participant for j in judgements)
    hits = Counter(j.participant for j in judgements if j.judged == hit)
    wilson = stats.binomtest(hits.total(), people.total()).proportion_ci(
        _LEVEL, 'wilson'
    )
    yield Measure(
        name,
        method,
        against,
        hits.total(),
        people.total(),
        len(people),
        (float(wilson.low), float(wilson.high)),
        _bootstrap(
            np.array([hits[person] for person in people]),
            np.array([*people.values()]),
        ),
        alpha,
    )


def _bootstrap(
    hits: np.ndarray, judgements: np.ndarray
) -> tuple[float, float] | None:
    """Interval of the share by drawing participants again.

    Args:
        hits: (P,) of each participant.
        judgements: (P,) likewise.
    """
    if len(hits) < 2:
        return None
    if len({*hits.tolist()}) == len({*judgements.tolist()}) == 1:
        share = float(hits[0] / judgements[0])
        return share, share
    interval = stats.bootstrap(
        (hits, judgements),
        lambda h, n, axis: h.sum(axis) / n.sum(axis),
        paired=True,
        vectorized=True,
        n_resamples=_RESAMPLES,
        batch=1000,
        confidence_level=_LEVEL,
        method='percentile',
        rng=np.random.default_rng(0),
    ).confidence_interval
    return float(interval.low), float(interval.high)


def _alpha(judgements: list[Judgement]) -> float | None:
    """Agreement on pictures, or on pairs of pictures."""
    said = defaultdict(list)
    for judgement in judgements:
        trial = judgement.trial
        said[trial.scene, trial.shown].append(judgement.judged)
    return krippendorff_alpha(said.values())
