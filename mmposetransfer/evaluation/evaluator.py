"""Hands the predictions of a model and of baselines to metrics."""

from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.structures import BaseDataElement

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import EVALUATOR, METRICS, TASK_UTILS

from .baselines import Baseline, CopyReference, TrueFlowWarp, ZeroFlow
from .metrics.base import MODEL, PoseTransferMetric

__all__ = ['PoseTransferEvaluator']

DEFAULT_BASELINES = (CopyReference, TrueFlowWarp, ZeroFlow)


@EVALUATOR.register_module()
class PoseTransferEvaluator(Evaluator):
    """Score a model and, beside it, methods that need no training.

    Every metric scores the model and each baseline that predicts what the
    metric reads. The numbers of a baseline have its name in front:
    ``SSIM_dsc`` is the model's, ``copy_reference/SSIM_dsc`` a baseline's.
    Metrics that are no `PoseTransferMetric`, such as MMEngine's DumpResults,
    see the model alone; so do all metrics of a plain list, which MMEngine's
    own evaluator runs.

    Args:
        metrics (dict | BaseMetric | Sequence): Configs of the metrics.
        baselines (Sequence[dict | Baseline], optional): Configs of the
            baselines; none where the list is empty. Defaults to
            `CopyReference`, `TrueFlowWarp` and `ZeroFlow`.

    Raises:
        ValueError: If two baselines have one name.

    Examples:
        >>> evaluator = PoseTransferEvaluator(
        ...     metrics=[dict(type='mmposetransfer.ImageQuality')],
        ...     baselines=[dict(type='mmposetransfer.CopyReference')],
        ... )
        >>> [baseline.name for baseline in evaluator.baselines]
        ['copy_reference']
    """

    def __init__(
        self,
        metrics: dict | BaseMetric | Sequence[dict | BaseMetric],
        baselines: Sequence[dict | Baseline] | None = None,
    ) -> None:
        if isinstance(metrics, (dict, BaseMetric)):
            metrics = [metrics]
        # Built here, so that types are found without a default scope.
        super().__init__([_built(metric, METRICS) for metric in metrics])
        if baselines is None:
            baselines = [baseline() for baseline in DEFAULT_BASELINES]
        self.baselines: list[Baseline] = [
            _built(baseline, TASK_UTILS) for baseline in baselines
        ]
        names = [baseline.name for baseline in self.baselines]
        for name in names:
            if names.count(name) > 1:
                raise UserValueError(
                    f"expected baselines of different names, got '{name}' "
                    f'{names.count(name)} times'
                )

    def process(
        self,
        data_samples: Sequence[BaseDataElement | dict[str, Any]],
        data_batch: Any = None,
    ) -> None:
        """Score one batch.

        Args:
            data_samples: Predictions of the model, with inputs and truth.
            data_batch: The loader's batch, for metrics of MMEngine.
        """
        samples = [
            sample.to_dict() if isinstance(sample, BaseDataElement) else sample
            for sample in data_samples
        ]
        methods: dict[str, Sequence[dict[str, Any] | None]] = {MODEL: samples}
        for baseline in self.baselines:
            methods[baseline.name] = [
                baseline.predictions_of(sample) for sample in samples
            ]
        for metric in self.metrics:
            if isinstance(metric, PoseTransferMetric):
                metric.process_methods(samples, methods)
            else:
                metric.process(data_batch, samples)


def _built(config: Any, registry: Any) -> Any:
    """What a config says, or the object that is there already."""
    return registry.build(config) if isinstance(config, dict) else config
