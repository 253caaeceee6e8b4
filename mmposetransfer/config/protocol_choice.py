"""Other evaluation protocols than a config has, for one run."""

from collections.abc import Sequence
from typing import Any

from mmengine.config import Config

from mmposetransfer.errors import UserValueError
from mmposetransfer.evaluation import get_protocol
from mmposetransfer.registry import METRICS
from mmposetransfer.utils.build_errors import find_type
from mmposetransfer.utils.signatures import accepted_arguments

__all__ = ['choose_protocols']


def choose_protocols(cfg: Config, names: Sequence[str]) -> None:
    """Have the test of a config measure by some protocols.

    Each metric of ``test_evaluator`` that takes a protocol is computed once
    by each of them, in place of those that the config names.

    Args:
        cfg: Changed in place.
        names: Of protocols.

    Raises:
        ValueError: If there is no such protocol, or no metric takes one.
    """
    names = list(dict.fromkeys(names))
    for name in names:
        get_protocol(name)
    evaluator = cfg.get('test_evaluator') or []
    if isinstance(evaluator, dict) and 'metrics' in evaluator:
        evaluator['metrics'] = _by_protocols(evaluator['metrics'], names)
    else:
        cfg.test_evaluator = _by_protocols(evaluator, names)


def _by_protocols(
    metrics: dict[str, Any] | Sequence[dict[str, Any]], names: list[str]
) -> list[dict[str, Any]]:
    """Metrics that differ in their protocols alone become one for each."""
    if isinstance(metrics, dict):
        metrics = [metrics]
    changed: list[dict[str, Any]] = []
    for metric in metrics:
        cls = find_type(metric['type'], METRICS)
        if cls is None or 'protocol' not in accepted_arguments(cls)[0]:
            changed.append(metric)
            continue
        for name in names:
            chosen = dict(metric, protocol=name)
            if chosen not in changed:
                changed.append(chosen)
    if not any('protocol' in metric for metric in changed):
        raise UserValueError(
            "no metric of the config's test_evaluator takes a protocol, such "
            "as dict(type='ImageQuality') does"
        )
    return changed
