"""The metrics that a command names, built once for each protocol."""

from collections.abc import Iterable, Mapping, Sequence
from inspect import Parameter
from typing import Any

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import METRICS
from mmposetransfer.utils.build_errors import did_you_mean
from mmposetransfer.utils.signatures import (
    accepted_arguments,
    argument_defaults,
)

from ..metrics import PoseTransferMetric
from ..protocols import Protocol

__all__ = ['DEFAULT_METRICS', 'build_metrics', 'known_metrics']

DEFAULT_METRICS = ('ImageQuality', 'Lite0Distance', 'Sharpness')


def known_metrics(fields: Iterable[str]) -> dict[str, type]:
    """The registered metrics that can be computed of some fields.

    Args:
        fields: What there is of a sample, such as ``pred_img``, ``gt_img``.

    Returns:
        Name in the registry -> class.
    """
    METRICS.import_from_location()
    there = {*fields}
    return {
        name: cls
        for name, cls in sorted(METRICS.module_dict.items())
        if issubclass(cls, PoseTransferMetric)
        and {*cls.predictions, *cls.truth} <= there
    }


def build_metrics(
    names: Sequence[str],
    protocols: Sequence[Protocol],
    fields: Iterable[str],
    options: Mapping[str, Any] | None = None,
) -> list[PoseTransferMetric]:
    """Build metrics, each for every protocol if it takes one.

    Args:
        names: Of metrics, or of their numbers, such as 'ImageQuality' or
            'SSIM'.
        protocols: By which pictures are compared.
        fields: What there is of a sample.
        options: 'METRIC.ARGUMENT' -> value, for some of the metrics.

    Returns:
        The metrics of the first protocol, then those of the next; those that
        take none at the end.

    Raises:
        ValueError: For a metric or argument that there is not, for one that
            is not given but needed, and for a metric that needs more than
            there is.
    """
    known = known_metrics(fields)
    chosen = list(dict.fromkeys(_find(name, known) for name in names))
    arguments = _arguments(options or {}, chosen, known)
    by_protocol = [_takes_protocol(known[name]) for name in chosen]
    built = [
        METRICS.build(
            dict(type=known[name], protocol=protocol, **arguments[name])
        )
        for protocol in protocols
        for name, takes in zip(chosen, by_protocol, strict=True)
        if takes
    ]
    built += [
        METRICS.build(dict(type=known[name], **arguments[name]))
        for name, takes in zip(chosen, by_protocol, strict=True)
        if not takes
    ]
    return built


def _takes_protocol(cls: type) -> bool:
    return 'protocol' in accepted_arguments(cls)[0]


def _find(name: str, known: Mapping[str, type]) -> str:
    """A metric by its own name or that of one of its numbers."""
    if name in known:
        return name
    numbers = {
        number: metric
        for metric, cls in known.items()
        for number in cls.columns
    }
    if name in numbers:
        return numbers[name]
    cls = METRICS.module_dict.get(name)
    if cls is not None:
        needs = ', '.join(
            (*getattr(cls, 'predictions', ()), *getattr(cls, 'truth', ()))
        )
        raise UserValueError(
            f'the metric {name} cannot be computed of pictures alone'
            f'{f": it needs {needs}" if needs else ""}. Those that can are '
            f'{", ".join(known)}.'
        )
    raise UserValueError(
        f"there is no metric '{name}'."
        f'{did_you_mean(name, [*known, *numbers])} Known are '
        f'{", ".join(known)}.'
    )


def _arguments(
    options: Mapping[str, Any],
    chosen: Sequence[str],
    known: Mapping[str, type],
) -> dict[str, dict[str, Any]]:
    """The arguments of each chosen metric."""
    arguments: dict[str, dict[str, Any]] = {name: {} for name in chosen}
    for key, value in options.items():
        metric, _, argument = key.partition('.')
        if metric not in arguments:
            raise UserValueError(
                f"the option '{key}' is of no metric that is computed: those "
                f'are {", ".join(chosen)}, as {chosen[0]}.ARGUMENT=VALUE'
            )
        accepted, others = accepted_arguments(known[metric])
        if argument not in accepted and not others:
            raise UserValueError(
                f"{metric} has no argument '{argument}'."
                f'{did_you_mean(argument, accepted)} It takes '
                f'{", ".join(sorted(accepted))}.'
            )
        arguments[metric][argument] = value
    for metric, given in arguments.items():
        _refuse_incomplete(metric, known[metric], given)
    return arguments


def _refuse_incomplete(
    metric: str, cls: type, given: Mapping[str, Any]
) -> None:
    """Say which arguments a metric cannot do without."""
    lacks = [
        name
        for name, default in argument_defaults(cls).items()
        if default is Parameter.empty and name not in given
    ]
    if lacks:
        options = ' '.join(f'{metric}.{name}=VALUE' for name in lacks)
        raise UserValueError(
            f'{metric} cannot be computed without {" and ".join(lacks)}: '
            f'name them by --options {options}'
        )
