"""All numbers of one method on the test pairs, and its pictures."""

import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import torch
from mmengine.logging import print_log
from torch import Tensor, nn

from mmposetransfer.datasets.clothing import is_synthfashion_name
from mmposetransfer.errors import UserImportError
from mmposetransfer.evaluation import (
    Baseline,
    Column,
    PoseTransferEvaluator,
    PoseTransferMetric,
)
from mmposetransfer.evaluation.table import table_cells
from mmposetransfer.io.image_io import write_image
from mmposetransfer.models.methods.base import BaseTransferer
from mmposetransfer.pose_estimators import (
    PoseEstimator,
    build_pose_estimator,
)
from mmposetransfer.registry import METRICS
from mmposetransfer.structures import PoseTransferDataSample
from mmposetransfer.visualization import image_to_rgb

__all__ = ['COST_COLUMNS', 'DataOnly', 'Number', 'milliseconds', 'score']

# All that needs no download. Numbers of few pictures are right beside each
# other, as all methods have as many.
METRIC_CONFIGS: tuple[dict[str, Any], ...] = (
    dict(type='ImageQuality', protocol='dsc'),
    dict(type='ImageQuality', protocol='gfla'),
    dict(type='ImageQuality', protocol='official'),
    dict(type='ImageQuality', protocol='torchmetrics'),
    dict(type='MultiScaleSSIM'),
    dict(type='MaskedQuality'),
    dict(type='Lite0Distance'),
    dict(type='Lite0SetDistance', min_pictures=2),
    dict(type='Sharpness'),
    dict(type='PCKh', estimator='mediapipe'),
    dict(type='PersonMaskIoU', estimator='mediapipe'),
    dict(type='FlowQuality'),
    dict(type='FlowErrors'),
    dict(type='SynthFashionIS', splits=1),
    dict(type='SynthAttributeRecall'),
)
# Those that know nobody else than SynthFashion's people.
SYNTHFASHION = ('SynthFashionIS', 'SynthAttributeRecall')
# Fewest pixels on a side, where a metric has such a bound.
SMALLEST = dict(MultiScaleSSIM=88)
COST_COLUMNS = dict(
    parameters=Column('cost', 'weights', 2, 'lower', 'M'),
    milliseconds=Column('cost', 'time of a picture', 1, 'lower', 'ms'),
    training=Column('cost', 'time of training', 1, 'lower', 'min'),
)


class Number(NamedTuple):
    """A number of a method, and how it is printed.

    Attributes:
        row: Title of the baseline that it is of; '' for the method itself.
        number: Its name, without that of the protocol.
        protocol: The protocol's name; '' for none.
        value: The number.
        column: The arguments of its `Column`.
    """

    row: str
    number: str
    protocol: str
    value: float
    column: dict[str, Any]


class DataOnly(BaseTransferer):
    """Predicts nothing: its samples hold what the data hold."""

    def transfer(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """No prediction."""
        return {}

    def updates(self, inputs: dict[str, Tensor]) -> Iterator:
        """No step."""
        return iter(())


@torch.no_grad()
def score(
    model: nn.Module,
    batches: Iterable[dict],
    count: int,
    pictures: Path,
    baseline: Baseline | None = None,
    beside: Sequence[Baseline] = (),
) -> list[Number]:
    """Score a method by all metrics that read what it predicts.

    Args:
        model: Makes samples of batches, by ``test_step``.
        batches: Of the test set, in order.
        count: How many pairs the test set has.
        pictures: Folder for the generated pictures, 000000.png and so on.
        baseline: Predicts in place of the model, where it can.
        beside: Baselines to be scored with the method.

    Returns:
        The numbers; none where the baseline predicts nothing.
    """
    evaluator, place = None, 0
    for batch in batches:
        samples = model.test_step(batch)
        if baseline is not None:
            samples = [_predicted(baseline, sample) for sample in samples]
            if None in samples:
                return []
        if evaluator is None:
            evaluator = PoseTransferEvaluator(_metrics(samples[0]), beside)
        evaluator.process(samples)
        for sample in samples:
            if 'pred_img' in sample:
                _write(pictures, place, sample)
            place += 1
    if evaluator is None:
        return []
    cells, _ = table_cells(evaluator.evaluate(count), evaluator, '')
    return [
        Number(c.row, c.number, c.protocol, c.value, asdict(c.column))
        for c in cells
    ]


def _predicted(
    baseline: Baseline, sample: PoseTransferDataSample
) -> PoseTransferDataSample | None:
    """A sample with what a baseline predicts."""
    predictions = baseline.predictions_of(sample.to_dict())
    if predictions is None:
        return None
    for name, value in predictions.items():
        setattr(sample, name, value)
    return sample


def _metrics(sample: PoseTransferDataSample) -> list[PoseTransferMetric]:
    """Those that read nothing but what a sample holds."""
    there = set(sample.keys())
    metrics = []
    for config in METRIC_CONFIGS:
        if min(sample.gt_img.shape[-2:]) < SMALLEST.get(config['type'], 0):
            continue
        if config['type'] in SYNTHFASHION and not is_synthfashion_name(
            str(sample.get('tgt_id'))
        ):
            continue
        cls = METRICS.get(config['type'])
        if not {*cls.predictions, *cls.truth} <= there:
            continue
        try:
            metric = METRICS.build(_with_estimator(config))
        except UserImportError as error:
            print_log(f'{config["type"]} is left out: {error}', 'current')
            continue
        # What they read may depend on their arguments.
        if {*metric.predictions, *metric.truth} <= there:
            metrics.append(metric)
    return metrics


def _with_estimator(config: dict[str, Any]) -> dict[str, Any]:
    """Metrics of all methods share what looks for people."""
    if 'estimator' not in config:
        return dict(config)
    return dict(config, estimator=_estimator(config['estimator']))


@cache
def _estimator(name: str) -> PoseEstimator:
    return build_pose_estimator(name)


def _write(folder: Path, place: int, sample: PoseTransferDataSample) -> None:
    picture = image_to_rgb(sample.pred_img)
    write_image(folder / f'{place:06d}.png', picture[..., ::-1])


@torch.no_grad()
def milliseconds(model: nn.Module, pairs: Sequence[dict]) -> float:
    """Of one picture in a batch of one, from the loader's batch to the result.

    Args:
        model: Ready for use.
        pairs: Batches of one, at least two, of which the first counts not.

    Returns:
        float: The median, so that what else a machine does matters little.
    """
    times = []
    for pair in pairs:
        begin = time.perf_counter()
        model.test_step(pair)
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begin)
    return 1000 * statistics.median(times[1:])
