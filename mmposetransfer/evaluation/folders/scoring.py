"""Score the results of a folder by metrics and beside baselines."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import torch

from mmposetransfer.errors import UserValueError

from ..baselines import Baseline
from ..evaluator import PoseTransferEvaluator
from ..metrics import PoseTransferMetric
from .matching import Entry
from .reading import UnreadableError, read_batches
from .sheets import SheetLayout

__all__ = ['FolderScores', 'score_entries']


class FolderScores(NamedTuple):
    """What the results of a folder scored.

    Attributes:
        numbers: Name -> number, as an evaluator returns them.
        evaluator: The evaluator, which knows how they are printed.
        count: How many pairs they are of.
        unreadable: What could not be read, a message each.
    """

    numbers: dict[str, float]
    evaluator: PoseTransferEvaluator
    count: int
    unreadable: list[str]


@torch.no_grad()
def score_entries(
    entries: Sequence[Entry],
    metrics: Sequence[PoseTransferMetric],
    baselines: Sequence[Baseline] = (),
    layout: SheetLayout | None = None,
    batch_size: int = 16,
    workers: int = 2,
    device: str = 'cpu',
    allow_unreadable: bool = False,
    track: Callable[[Iterable[int]], Iterator[int]] = iter,
) -> FolderScores:
    """Read results a batch at a time, and score them.

    The same entries in the same order and batches give the same numbers to
    the last digit on one machine; of the pictures no more than two batches
    are in memory.

    Args:
        entries: The results, and what belongs to each.
        metrics: What scores them.
        baselines: Methods to be scored beside them.
        layout: Of the results, if they are sheets.
        batch_size: Entries that are scored together.
        workers: Threads that read files.
        device: Where metrics compute.
        allow_unreadable: Whether entries with a damaged file are left out,
            and told, in place of an error.
        track: Goes through the numbers of entries, to show how far it is.

    Returns:
        Numbers, and what they are of.

    Raises:
        ValueError: For pictures that cannot be compared, and for damaged
            files unless they are allowed.
    """
    evaluator = PoseTransferEvaluator(list(metrics), list(baselines))
    protocols = {m.protocol.name: m.protocol for m in metrics if m.protocol}
    batches = read_batches(
        entries, layout, list(protocols.values()), batch_size, workers
    )
    unreadable: list[str] = []
    count = 0

    def samples() -> Iterator[int]:
        nonlocal count
        for batch in batches:
            errors = [s for s in batch if isinstance(s, UnreadableError)]
            if errors and not allow_unreadable:
                raise errors[0]
            unreadable.extend(map(str, errors))
            good = [s for s in batch if not isinstance(s, UnreadableError)]
            if good:
                evaluator.process([_on(device, sample) for sample in good])
            count += len(good)
            yield from range(len(batch))

    for _ in track(samples()):
        pass
    if not count:
        raise UserValueError(
            'there is no pair whose pictures can all be read, so nothing is '
            f'scored: {"; ".join(unreadable[:3]) or "there are none"}'
        )
    return FolderScores(
        evaluator.evaluate(count), evaluator, count, unreadable
    )


def _on(device: str, sample: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.to(device) if isinstance(value, torch.Tensor) else value
        for name, value in sample.items()
    }
