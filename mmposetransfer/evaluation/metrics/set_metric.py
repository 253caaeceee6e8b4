"""Metrics of whole sets of pictures, in memory that does not grow with them.

A set's numbers, such as a Fréchet distance, are no means of samples' scores.
What is kept of a set is its measures' business (`SetMeasure`): sums where
they do, which every process has of its share and the first one adds up.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.dist import get_dist_info
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError

from ..protocols import Protocol
from ..set_measures import SetMeasure
from ..set_statistics import SetStatistics, load_set_statistics
from ..set_summaries import SetSummary
from .base import MODEL, PoseTransferMetric
from .picture_metric import target_masks

__all__ = ['SetMetric', 'check_measures']

# The set of true pictures; methods' names have no slash.
_TRUTH = '/truth'

# What a network made of one sample's pictures: set -> output -> (D,).
Row = dict[str, dict[str, Tensor]]


class SetMetric(PoseTransferMetric):
    """Numbers of the set of a method's pictures.

    Real pictures are the true ones of the pairs, once for each pair, or, as
    ``real_statistics``, what a file says of a whole training set. They are
    prepared as the protocol has it.

    The order of the samples changes nothing but the parts of an inception
    score. Samples that a distributed sampler has repeated to give all
    processes the same number do not count: the last sample of a process is
    held back until the size of the data is known. A number that cannot be
    told, as a Fréchet distance of too few pictures, is left out with a
    warning.

    Args:
        network (nn.Module): RGB in [0, 1] to a dictionary of (N, D); has a
            ``label``.
        measures (Sequence[SetMeasure]): The numbers.
        protocol (str | Protocol): How pictures are prepared.
        real_statistics (str | Path, optional): A file of
            ``mmposetransfer set-statistics``.
        masked (bool): Look at pictures times the limb mask of the target
            pose, as mask-SSIM does.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their sums
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.

    Raises:
        ValueError: If the protocol compares with a training set and no file
            is named, or the file is of another network or protocol.
        FileNotFoundError: If the file is not there.
    """

    predictions = ('pred_img',)
    truth = ('gt_img',)

    protocol: Protocol

    def __init__(
        self,
        network: nn.Module,
        measures: Sequence[SetMeasure],
        protocol: str | Protocol,
        real_statistics: str | Path | None = None,
        masked: bool = False,
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(protocol, prefix, collect_device, collect_dir)
        self.network = network
        self.measures = tuple(measures)
        self.columns = {m.name: m.column for m in self.measures}
        self.masked = masked
        if masked:
            self.truth = (*self.truth, 'tgt_keypoints')
        self._statistics = self._read(real_statistics)
        self._restart()

    @property
    def _looks_at_truth(self) -> bool:
        needed = any(measure.needs_real for measure in self.measures)
        return needed and self._statistics is None

    def _read(self, path: str | Path | None) -> SetStatistics | None:
        """The real set that is not the pairs'."""
        if path is None:
            self._refuse_missing_set()
            return None
        if self.masked:
            raise UserValueError(
                f'{type(self).__name__}: masked=True needs the pose of each '
                'real picture, which a file of statistics does not know; '
                'leave real_statistics out'
            )
        statistics = load_set_statistics(path)
        for what, found, wanted in (
            ('network', statistics.features_of, self.network.label),
            ('protocol', statistics.protocol, self.protocol.name),
        ):
            if found != wanted:
                raise UserValueError(
                    f"'{path}' was made by the {what} '{found}', and "
                    f"{type(self).__name__} compares by '{wanted}': make it "
                    'anew, by `mmposetransfer set-statistics`'
                )
        for measure in self.measures:
            if measure.needs_rows and statistics.features is None:
                raise UserValueError(
                    f"'{path}' lacks the features of all pictures, which "
                    f'{measure.name} needs: make it with --keep-features'
                )
        return statistics

    def _refuse_missing_set(self) -> None:
        if self.protocol.real_set == 'train' and any(
            measure.needs_real for measure in self.measures
        ):
            raise UserValueError(
                f"the protocol '{self.protocol.name}' compares with all "
                'pictures of the training set: name their statistics as '
                'real_statistics, a file that `mmposetransfer set-statistics` '
                'makes of a folder, or take a protocol of another real_set'
            )

    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """What the network makes of the generated pictures.

        Args:
            fields: ``pred_img`` and ``gt_img``, (N, 3, H, W), in [-1, 1];
                ``tgt_keypoints``, (N, 18, 3), where masks are wanted.

        Returns:
            By output of the network, each (N, D).
        """
        return self._seen(self._prepared(fields)[0])

    def score_truth(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """The same of the true pictures."""
        return self._seen(self._prepared(fields)[1])

    @torch.no_grad()
    def _seen(self, images: Tensor) -> dict[str, Tensor]:
        outputs = self.network.to(images.device)(images)
        wanted = {measure.output for measure in self.measures}
        return {name: outputs[name].cpu() for name in sorted(wanted)}

    def _prepared(self, fields: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        pred, target = self.protocol.prepare(
            fields['pred_img'], fields['gt_img']
        )
        if not self.masked:
            return pred, target
        masks = target_masks(fields, self.protocol)
        return pred * masks, target * masks

    def process_methods(self, samples, predictions) -> None:
        """See `PoseTransferMetric.process_methods`."""
        rows: list[Row] = [{} for _ in samples]
        for method, predicted in predictions.items():
            for places, batch in self._batches(samples, predicted, method):
                _note(rows, places, method, self.score(batch))
                if method == MODEL and self._looks_at_truth:
                    _note(rows, places, _TRUTH, self.score_truth(batch))
        rows = self._held + rows
        self._fold(rows[:-1])
        self._held = rows[-1:]

    def _restart(self) -> None:
        self._folded = 0
        self._held: list[Row] = []
        self._sets: dict[str, list[SetSummary]] = {}

    def _fold(self, rows: list[Row]) -> None:
        """Add samples to the sums."""
        rank, processes = get_dist_info()
        for name in dict.fromkeys(name for row in rows for name in row):
            chosen = [i for i, row in enumerate(rows) if name in row]
            places = [(self._folded + i) * processes + rank for i in chosen]
            if name not in self._sets:
                self._sets[name] = [m.summary() for m in self.measures]
            for measure, summary in zip(
                self.measures, self._sets[name], strict=True
            ):
                if name != _TRUTH or measure.needs_real:
                    outputs = [rows[i][name][measure.output] for i in chosen]
                    summary.update(torch.stack(outputs), places)
        self._folded += len(rows)

    def evaluate(self, size: int) -> dict[str, float]:
        """Numbers of all methods.

        Args:
            size: Number of samples of the data, without those that a sampler
                has repeated.

        Raises:
            ValueError: If a process has seen more than one sample too many.
        """
        rank, processes = get_dist_info()
        kept = len(range(rank, size, processes))
        if self._folded > kept:
            raise UserValueError(
                f'{type(self).__name__} has seen '
                f'{self._folded + len(self._held)} samples in process {rank}, '
                f'where {size} samples of the data give it {kept}'
            )
        self._fold(self._held[: kept - self._folded])
        self.results = [(self._folded, self._sets)]
        self._restart()
        return super().evaluate(processes)

    def compute_metrics(
        self, results: list[tuple[int, dict[str, list[SetSummary]]]]
    ) -> dict[str, float]:
        """Numbers of all methods that could be scored.

        Args:
            results: Of each process its number of samples, and what it kept
                of each set.
        """
        total = sum(count for count, _ in results)
        sets: dict[str, list[SetSummary]] = {}
        for _, part in results:
            for name, summaries in part.items():
                if name not in sets:
                    sets[name] = summaries
                else:
                    for mine, other in zip(sets[name], summaries, strict=True):
                        mine.merge(other)
        truth = sets.pop(_TRUTH, [None] * len(self.measures))
        numbers = {}
        for method, summaries in sets.items():
            for index, measure in enumerate(self.measures):
                real = self._statistics or truth[index]
                number = self._number(
                    measure, method, summaries[index], real, total
                )
                if number is not None:
                    path = (method, self.number_name(measure.name))
                    numbers['/'.join(filter(None, path))] = number
        return numbers

    def _number(
        self,
        measure: SetMeasure,
        method: str,
        generated: SetSummary,
        real: SetSummary | SetStatistics | None,
        total: int,
    ) -> float | None:
        """One number; None, with a warning, where it cannot be told."""
        if generated.count < total:
            why = (
                f'only {generated.count} of {total} samples have what it is '
                'made of.'
            )
        else:
            try:
                return measure.number(generated, real)
            except UserValueError as error:
                why = f'{error}.'
        self._warn_left_out(measure.name, method, why)
        return None


def check_measures(chosen: Sequence[str], known: Sequence[str]) -> None:
    """Refuse measures that a metric does not have, or none at all.

    Args:
        chosen: Names.
        known: Those that there are.

    Raises:
        ValueError: Says which there are.
    """
    unknown = sorted(set(chosen) - set(known))
    if unknown or not chosen:
        raise UserValueError(
            f'expected measures out of {known}, got {list(chosen)}'
        )


def _note(
    rows: list[Row],
    places: list[int],
    name: str,
    outputs: dict[str, Tensor],
) -> None:
    """Put a batch's outputs into the rows of its samples."""
    for i, place in enumerate(places):
        rows[place][name] = {key: out[i] for key, out in outputs.items()}
