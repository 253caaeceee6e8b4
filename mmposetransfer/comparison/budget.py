"""One length of training for methods whose configs have different ones."""

import copy
from collections.abc import Sequence
from typing import Any, cast

from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmposetransfer.engine.stage import Stage, merge
from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import DATASETS, MODELS, SCOPE
from mmposetransfer.utils.build_errors import find_type

__all__ = ['set_budget', 'staged_hook']

# Arguments of schedulers that are times, and schedulers that have no others:
# a decay of so much a step would be another one in other steps.
_TIMES = ('begin', 'end', 'T_max', 'step_size', 'milestones')
_SCALED = (
    'Constant',
    'CosineAnnealing',
    'Linear',
    'MultiStep',
    'Poly',
    'Step',
)


def staged_hook(cfg: Config) -> dict[str, Any]:
    """The config of the hook that says how long a run is.

    Args:
        cfg: Of a run.

    Raises:
        ValueError: If there is none.
    """
    for hook in _hooks(cfg, 'StagedTrainingHook'):
        return hook
    raise UserValueError(
        f"'{cfg.filename}' does not train in stages: its custom_hooks have no "
        'StagedTrainingHook, so that no length of training can be set'
    )


def set_budget(cfg: Config, steps: int) -> None:
    """Have the generator of a config learn for so many steps.

    All stages become longer or shorter by one factor, and so does what they
    count: when components begin to learn, when BatchNorm freezes, schedules
    of learning rates. So do arguments that a class of the model names in its
    ``COUNTED_IN_UPDATES``, and how far a moving average of the weights looks
    back. Stages in which a component called ``generator...`` learns add up to
    ``steps``; of a config without any all stages do. So what is trained
    before the generator, such as a flow regressor, comes on top, and methods
    with and without it give their generators as many steps.

    Args:
        cfg: Of a run; its stages are changed in place.
        steps: At least as many as there are such stages.

    Raises:
        ValueError: If the config has no stages, or a schedule whose decay is
            one a step.
    """
    hook = staged_hook(cfg)
    stages = [Stage(**copy.deepcopy(dict(s))) for s in hook['stages']]
    batches = [_epoch_length(cfg, stage) for stage in stages]
    lengths = [
        stage.length * (count if stage.iters is None else 1)
        for stage, count in zip(stages, batches, strict=True)
    ]
    counted = [
        length
        for stage, length in zip(stages, lengths, strict=True)
        if any(name.startswith('generator') for name in stage.components)
    ]
    factor = steps / sum(counted or lengths)
    hook['stages'] = [
        _scaled(dict(config), stage, count, factor)
        for config, stage, count in zip(
            hook['stages'], stages, batches, strict=True
        )
    ]
    with DefaultScope.overwrite_default_scope(_scope(cfg)):
        _scale_arguments(cfg.model, factor)
    for average in _hooks(cfg, 'EMAHook'):
        if 'momentum' in average:
            average['momentum'] = _faster(average['momentum'], factor)


def _hooks(cfg: Config, kind: str) -> list[dict[str, Any]]:
    """Configs of the custom hooks of a type."""
    return [
        hook
        for hook in cfg.get('custom_hooks') or ()
        if str(hook['type']).split('.')[-1] == kind
    ]


def _scope(cfg: Config) -> str:
    return cfg.get('default_scope') or SCOPE


def _epoch_length(cfg: Config, stage: Stage) -> int:
    """Batches that the loader of a stage has, in one process."""
    loader = merge(cfg.train_dataloader, stage.train_dataloader)
    with DefaultScope.overwrite_default_scope(_scope(cfg)):
        length = len(DATASETS.build(loader['dataset']))
    size = loader['batch_size']
    return length // size if loader.get('drop_last') else -(-length // size)


def _scaled(
    config: dict[str, Any], stage: Stage, batches: int, factor: float
) -> dict[str, Any]:
    """A stage of so many times as many iterations."""
    # A stage has made a dict of a list.
    components = cast(dict[str, int], stage.components)
    unit = factor * (batches if stage.iters is None else 1)
    iters = _count(stage.length * unit)
    changes: dict[str, Any] = dict(
        epochs=None,
        iters=iters,
        val_interval=None,
        components={
            name: min(round(start * unit), iters - 1)
            for name, start in components.items()
        },
    )
    if stage.freeze_norm is not None:
        freeze = round(stage.freeze_norm * unit)
        changes['freeze_norm'] = min(freeze, iters - 1)
    if stage.param_scheduler is not None:
        changes['param_scheduler'] = _schedule(
            stage.param_scheduler, batches, factor
        )
    return {**config, **changes}


def _schedule(schedule: Any, batches: int, factor: float) -> Any:
    """Schedulers, by component or not, in iterations of other number."""
    if isinstance(schedule, Sequence):
        return [_schedule(one, batches, factor) for one in schedule]
    if 'type' not in schedule:
        return {
            name: _schedule(some, batches, factor)
            for name, some in schedule.items()
        }
    kind = str(schedule['type'])
    known = kind.removesuffix('LR').removesuffix('Momentum')
    if known not in _SCALED:
        raise UserValueError(
            f'a budget cannot make the schedule {kind} shorter or longer, '
            f'only {", ".join(_SCALED)}: choose one of those, or leave the '
            'budget out'
        )
    unit = factor * (batches if schedule.get('by_epoch', True) else 1)
    scaled = {
        key: value
        for key, value in schedule.items()
        if key != 'convert_to_iter_based'
    }
    for key in set(scaled) & set(_TIMES):
        scaled[key] = (
            [_count(time * unit) for time in scaled[key]]
            if isinstance(scaled[key], Sequence)
            else round(scaled[key] * unit)
            if key in ('begin', 'end')
            else _count(scaled[key] * unit)
        )
    return dict(scaled, by_epoch=False)


def _scale_arguments(node: Any, factor: float) -> None:
    """Numbers of updates in the config of a model, in place."""
    if isinstance(node, dict):
        kind = find_type(str(node.get('type')), MODELS)
        for name in getattr(kind, 'COUNTED_IN_UPDATES', ()):
            if name in node:
                node[name] *= factor
        node = list(node.values())
    if isinstance(node, (list, tuple)):
        for child in node:
            _scale_arguments(child, factor)


def _faster(momentum: float, factor: float) -> float:
    """Of an average over ``factor`` times as many updates, as weighted."""
    return 1 - (1 - momentum) ** (1 / factor)


def _count(number: float) -> int:
    return max(1, round(number))
