"""What all metrics of pose transfer share: one entry a sample and method."""

import logging
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from torch import Tensor

from mmposetransfer.errors import UserKeyError, UserValueError

from ..columns import Column
from ..protocols import Protocol, get_protocol

__all__ = ['MODEL', 'PoseTransferMetric']

# The method that is evaluated, beside baselines. Its numbers have no method's
# name in front of theirs.
MODEL = ''

# What one sample scored: name -> a number or nested lists of numbers.
Scores = dict[str, Any]


class PoseTransferMetric(BaseMetric):
    """A metric that only scores: predictions against what is known.

    A class names the fields that it reads, makes scores of a batch in
    `score`, and numbers of the scores of all samples in `summarize`. Who made
    the predictions is none of its business: `PoseTransferEvaluator` hands it
    those of the model and of baselines, MMEngine's own evaluator those of the
    model. The scores of each sample are kept, so that any number of processes
    gives the same numbers.

    Args:
        protocol (str | Protocol, optional): How pictures are compared: a name
            that `get_protocol` knows, or the protocol itself. It becomes part
            of the name of every number. None for a metric to which no
            protocol matters.
        prefix (str, optional): Put before the names of all numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.

    Attributes:
        predictions: Fields that a method has to predict to be scored.
        optional_predictions: Fields that are read where a method predicts
            them.
        truth: Fields of the data, inputs too, that are read besides.
        optional_truth: Those of them that are read where the data hold them.
        columns: Name of a number, without its protocol -> how it is printed;
            what is not in here is listed below the tables.
    """

    default_prefix = ''

    predictions: tuple[str, ...] = ()
    optional_predictions: tuple[str, ...] = ()
    truth: tuple[str, ...] = ()
    optional_truth: tuple[str, ...] = ()
    columns: Mapping[str, Column] = {}

    def __init__(
        self,
        protocol: str | Protocol | None = None,
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix, collect_dir)
        if isinstance(protocol, str):
            protocol = get_protocol(protocol)
        self.protocol = protocol

    @abstractmethod
    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """Score a batch.

        Args:
            fields: All fields of ``predictions`` and ``truth``, and those of
                ``optional_predictions`` and ``optional_truth`` that there
                are, as batches (N, ...) on one device.

        Returns:
            Scores by name; the first axis of each is the batch's.
        """

    def summarize(self, scores: dict[str, Tensor]) -> dict[str, float]:
        """Numbers out of the scores of all samples; by default their means.

        Args:
            scores: What `score` returned, as batches of all samples: double
                or int64. What only some samples had is not in here.

        Returns:
            Numbers by name, without the protocol's.
        """
        return {
            name: float(values.double().mean())
            for name, values in scores.items()
        }

    def means_of_counted(
        self, scores: dict[str, Tensor], why_not: str
    ) -> dict[str, float]:
        """Means over the samples that count, for `summarize`.

        Args:
            scores: Of all samples; those with 0 in ``counted`` do not count.
            why_not: What is the matter with them, for a warning, such as
                'have no joint'.

        Returns:
            Numbers by name; none where no sample counts.
        """
        counted = scores['counted'] > 0
        rest = len(counted) - int(counted.sum())
        if rest:
            print_log(
                f'{type(self).__name__}: {rest} of {len(counted)} samples '
                f'{why_not}, and do not count.',
                logger='current',
                level=logging.WARNING,
            )
        if rest == len(counted):
            return {}
        return {
            name: float(values[counted].double().mean())
            for name, values in scores.items()
            if name != 'counted'
        }

    def number_name(self, name: str) -> str:
        """The name of a number with that of the protocol, if there is one."""
        return self.protocol.numbered(name) if self.protocol else name

    def process(
        self, data_batch: Any, data_samples: Sequence[dict[str, Any]]
    ) -> None:
        """Score the model on one batch.

        Args:
            data_batch: Not used.
            data_samples: Samples that hold truth and predictions.
        """
        self.process_methods(data_samples, {MODEL: data_samples})

    def process_methods(
        self,
        samples: Sequence[dict[str, Any]],
        predictions: Mapping[str, Sequence[dict[str, Any] | None]],
    ) -> None:
        """Score some methods on one batch.

        Args:
            samples: Inputs and truth.
            predictions: Method -> what it predicts for each sample, None
                where it cannot; ``MODEL`` is the model. A method other than
                the model is passed over where it does not predict what this
                metric reads.

        Raises:
            KeyError: If the model does not predict, or the data do not hold,
                a field that this metric reads.
        """
        rows: list[dict[str, Scores | None]] = [{} for _ in samples]
        for method, predicted in predictions.items():
            scores = self._score_samples(samples, predicted, method)
            for row, score in zip(rows, scores, strict=True):
                row[method] = score
        self.results.extend(rows)

    def evaluate(self, size: int) -> dict[str, float]:
        """Numbers of all samples, with a warning for those that are none.

        Args:
            size: Number of samples of the data, without those that a sampler
                has repeated.

        Returns:
            Numbers by name, as 'SSIM_dsc', 'copy_reference/SSIM_dsc'.
        """
        numbers = super().evaluate(size)
        senseless = [
            name for name, value in numbers.items() if not np.isfinite(value)
        ]
        if senseless:
            print_log(
                f'{", ".join(senseless)} ({type(self).__name__}): not a '
                'finite number. Either there is nothing to measure, such as '
                'a visible pixel, or a sample has NaN in it, as predictions '
                'have after a training that has diverged.',
                logger='current',
                level=logging.WARNING,
            )
        return numbers

    def compute_metrics(
        self, results: list[dict[str, Scores | None]]
    ) -> dict[str, float]:
        """Numbers of all methods that could be scored.

        Args:
            results: One entry for each sample: method -> scores or None.

        Returns:
            Numbers by name, as 'SSIM_dsc', 'copy_reference/SSIM_dsc'.
        """
        numbers = {}
        for method in dict.fromkeys(name for row in results for name in row):
            scores = self._whole_columns(
                method, [row.get(method) for row in results]
            )
            for name, number in (
                self.summarize(scores) if scores else {}
            ).items():
                path = (method, self.number_name(name))
                numbers['/'.join(filter(None, path))] = number
        return numbers

    def _score_samples(
        self,
        samples: Sequence[dict[str, Any]],
        predicted: Sequence[dict[str, Any] | None],
        method: str,
    ) -> list[Scores | None]:
        """Scores of each sample, those of one shape computed together."""
        scores: list[Scores | None] = [None] * len(samples)
        for places, batch in self._batches(samples, predicted, method):
            for place, entry in zip(places, self._entries(batch), strict=True):
                scores[place] = entry
        return scores

    def _batches(
        self,
        samples: Sequence[dict[str, Any]],
        predicted: Sequence[dict[str, Any] | None],
        method: str,
    ) -> Iterator[tuple[list[int], dict[str, Tensor]]]:
        """Fields of samples of one shape, and which samples they are of.

        Samples for which a baseline predicts nothing are in none.
        """
        groups: dict[tuple[Any, ...], dict[int, dict[str, Tensor]]] = {}
        pairs = zip(samples, predicted, strict=True)
        for place, (sample, made) in enumerate(pairs):
            fields = self._fields(sample, made, method)
            if fields is not None:
                shapes = tuple(
                    (name, tuple(value.shape))
                    for name, value in fields.items()
                )
                groups.setdefault(shapes, {})[place] = fields
        for group in groups.values():
            yield list(group), _stacked(list(group.values()))

    def _fields(
        self,
        sample: dict[str, Any],
        predicted: dict[str, Any] | None,
        method: str,
    ) -> dict[str, Tensor] | None:
        """What is read of one sample; None where a baseline lacks it."""
        predicted = predicted or {}
        fields = {}
        for name in self.predictions:
            if predicted.get(name) is None:
                if method != MODEL:
                    return None
                self._refuse(name, sample, 'the model does not predict it')
            fields[name] = predicted[name]
        for name in self.optional_predictions:
            if predicted.get(name) is not None:
                fields[name] = predicted[name]
        for name in self.truth:
            if sample.get(name) is None:
                self._refuse(name, sample, 'the dataset does not provide it')
            fields[name] = sample[name]
        for name in self.optional_truth:
            if sample.get(name) is not None:
                fields[name] = sample[name]
        return fields

    def _refuse(self, field: str, sample: dict[str, Any], why: str) -> None:
        """Say which field is not there."""
        name = type(self).__name__
        raise UserKeyError(
            f"{name} needs '{field}', which the data sample of the pair "
            f'{sample.get("ref_id", "?")} -> {sample.get("tgt_id", "?")} '
            f"lacks ({why}). Take {name} out of the config's evaluators if "
            'that is meant.'
        )

    def _entries(self, batch: dict[str, Tensor]) -> list[Scores]:
        """The scores of each sample of a batch, as plain numbers."""
        count = len(next(iter(batch.values())))
        scores = self.score(batch)
        for name, values in scores.items():
            if values.ndim == 0 or len(values) != count:
                raise UserValueError(
                    f"expected '{name}' of {type(self).__name__}.score to "
                    f'have one entry for each of {count} samples, got the '
                    f'shape {tuple(values.shape)}'
                )
        rows = {name: values.tolist() for name, values in scores.items()}
        return [
            {name: values[i] for name, values in rows.items()}
            for i in range(count)
        ]

    def _whole_columns(
        self, method: str, rows: list[Scores | None]
    ) -> dict[str, Tensor]:
        """Scores by name, of all samples; what some lack is left out."""
        scores: dict[str, list[Any]] = {}
        for row in rows:
            for name, value in (row or {}).items():
                scores.setdefault(name, []).append(value)
        # A mean over other samples could not be compared.
        partial = {
            name: len(values)
            for name, values in scores.items()
            if len(values) < len(rows)
        }
        for count in sorted(set(partial.values())):
            names = ', '.join(n for n, got in partial.items() if got == count)
            self._warn_left_out(
                names,
                method,
                f'only {count} of {len(rows)} samples have what it is made '
                'of, such as the true flow.',
            )
        return {
            name: torch.from_numpy(np.array(values))
            for name, values in scores.items()
            if name not in partial
        }

    def _warn_left_out(self, names: str, method: str, why: str) -> None:
        """Say which number is not there, and why."""
        print_log(
            f'{names} of {method or "the model"} ({type(self).__name__}) is '
            f'left out: {why}',
            logger='current',
            level=logging.WARNING,
        )


def _stacked(fields: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Fields of several samples as batches, all on the device of the last."""
    batch = {
        name: torch.stack([sample[name] for sample in fields])
        for name in fields[0]
    }
    device = list(batch.values())[-1].device  # of the truth, where it is read
    return {name: value.to(device) for name, value in batch.items()}
