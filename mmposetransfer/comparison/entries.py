"""What is compared: configs under names, made ready for training."""

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mmengine.config import Config

from mmposetransfer.apis import find_config
from mmposetransfer.config.check import check_config
from mmposetransfer.config.file import read_config
from mmposetransfer.errors import UserValueError

from .budget import set_budget, staged_hook

__all__ = ['HOW_READ', 'Entry', 'flat_settings', 'read_entries']

#: Settings of a dataset that say what a method makes of the pairs, not which.
HOW_READ = ('pipeline', 'cached_pipeline', 'cached_keys', 'cache')
# Of the config, but nothing that results depend on.
_NO_SETTINGS = ('work_dir', 'experiment_name', 'log_level', 'launcher')


class Entry(NamedTuple):
    """A method of the comparison.

    Attributes:
        name: Of its folder and its row; that of the config's file, unless
            another is given.
        cfg: Its config, without a seed.
    """

    name: str
    cfg: Config


def read_entries(
    texts: Sequence[str],
    options: dict[str, Any] | None = None,
    budget: int | None = None,
) -> list[Entry]:
    """The methods that are named.

    Args:
        texts: Paths or names of configs, or NAME=CONFIG.
        options: Changes to each config, with dotted keys.
        budget: See `set_budget`; None leaves each config its own length.

    Raises:
        FileNotFoundError: If there is no such config.
        ValueError: If something is wrong with a config, two have one name, or
            they are not tested on the same pairs.
    """
    entries = [_read(text, options, budget) for text in texts]
    names = [entry.name.casefold() for entry in entries]
    for entry in entries:
        if names.count(entry.name.casefold()) > 1:
            raise UserValueError(
                f"two configs have the name '{entry.name}': give one of them "
                'another, as NAME=CONFIG'
            )
    for entry in entries[1:]:
        _check_same_test(entries[0], entry)
    return entries


def _read(
    text: str, options: dict[str, Any] | None, budget: int | None
) -> Entry:
    name, separator, place = text.partition('=')
    if not separator or '/' in name or os.path.exists(text):
        name, place = '', text
    path = find_config(place)
    name = name or Path(path).stem
    if not re.fullmatch(r'\w[\w.+ -]*', name):
        raise UserValueError(
            f"'{name}' cannot be the name of a method, as a folder is called "
            'so: take letters, digits, and any of "._+- "'
        )
    cfg = read_config(path, options)
    check_config(cfg)
    if not (cfg.get('test_dataloader') and cfg.get('train_dataloader')):
        raise UserValueError(
            f"'{path}' has to name data to train on and to test on "
            '(train_dataloader, test_dataloader)'
        )
    staged_hook(cfg)  # the run that it makes is one that resumes
    if budget is not None:
        set_budget(cfg, budget)
    _fit_for_comparison(cfg)
    return Entry(name, cfg)


def _fit_for_comparison(cfg: Config) -> None:
    """Leave out what costs time, and does nothing to the weights."""
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    cfg.resume = 'auto'
    hooks = cfg.setdefault('default_hooks', {})
    hooks.pop('visualization', None)
    hooks['training_time'] = dict(type='TrainingTimeHook')
    for hook in hooks.values():
        if hook and 'max_keep_ckpts' in hook:
            hook['max_keep_ckpts'] = 1


def _check_same_test(first: Entry, other: Entry) -> None:
    """Numbers of other pairs could not stand in one table."""
    settings = [
        flat_settings(entry.cfg.test_dataloader.dataset, HOW_READ)
        for entry in (first, other)
    ]
    for key in {**settings[0], **settings[1]}:
        values = [some.get(key) for some in settings]
        if values[0] != values[1]:
            raise UserValueError(
                f"'{first.name}' and '{other.name}' are not tested on the "
                f'same pairs: test_dataloader.dataset.{key} is '
                f'{values[0]!r} and {values[1]!r}'
            )


def flat_settings(
    config: Any, without: Sequence[str] = _NO_SETTINGS
) -> dict[str, Any]:
    """All that a config says, as plain values by dotted key.

    Args:
        config: Of dictionaries and lists.
        without: Keys of the first level that are left out.

    Returns:
        Such as {'model.generator.base_channels': 16}.
    """
    plain = json.loads(json.dumps(_plain(config), default=str))
    flat: dict[str, Any] = {}
    for key, value in plain.items():
        if key not in without:
            _flatten(key, value, flat)
    return flat


def _plain(config: Any) -> Any:
    return config.to_dict() if hasattr(config, 'to_dict') else config


def _flatten(path: str, value: Any, flat: dict[str, Any]) -> None:
    if isinstance(value, (dict, list)) and value:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            _flatten(f'{path}.{key}', inner, flat)
    else:
        flat[path] = value
