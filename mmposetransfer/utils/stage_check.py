"""What is wrong inside of the stages of a training run.

A stage holds changes to other keys of the config, which count only when
its turn comes: a slip in the last stage would be found after days.
"""

from dataclasses import fields
from textwrap import shorten

from mmposetransfer.utils.build_errors import did_you_mean

__all__ = ['stage_problems']


def _staged_hooks(cfg):
    hooks = dict.get(cfg, 'custom_hooks') or []
    for i, hook in enumerate(hooks):
        name = hook.get('type') if isinstance(hook, dict) else None
        if str(name).split('.')[-1] == 'StagedTrainingHook':
            for j, stage in enumerate(hook.get('stages') or []):
                if isinstance(stage, dict):
                    yield f'custom_hooks[{i}].stages[{j}]', stage


def _changed(cfg, key, changes, walker):
    """Problems that the changes bring to a top-level key."""
    from mmposetransfer.engine.stage import merge

    base = dict.get(cfg, key) or {}
    known = set(walker.top_level(key, base))
    try:
        merged = merge(base, changes)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        reason = shorten(str(error), 120)
        yield f"{key}: the config's {key} cannot take these changes: {reason}"
        return
    for problem in walker.top_level(key, merged):
        if problem not in known:
            yield problem


def stage_problems(cfg, walker):
    """Each problem of a stage as ``path: what is wrong``.

    Schedulers are not looked at: the walk through the config finds them.

    Args:
        cfg (dict): The whole config.
        walker (ConfigWalker): Checks what the changes amount to.
    """
    from mmposetransfer.engine.stage import Stage

    known = {field.name for field in fields(Stage)}
    for path, stage in _staged_hooks(cfg):
        unknown = sorted(set(stage) - known)
        for key in unknown:
            yield f"{path}: there is no key '{key}'.{did_you_mean(key, known)}"
        if not unknown:
            try:
                Stage(**stage)
            except (TypeError, ValueError) as error:
                yield f'{path}: {error}'
        for key in ('train_dataloader', 'optim_wrapper'):
            if isinstance(stage.get(key), dict):
                for problem in _changed(cfg, key, stage[key], walker):
                    yield f'{path}.{problem}'
