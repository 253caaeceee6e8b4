"""Configs with a value of another kind anywhere."""

import json

import pytest
from fuzzing import TIMES, examples, junk, places, replaced  # noqa: F401
from hypothesis import example, given
from hypothesis import strategies as st
from mmengine.config import Config
from tiny_training import CONFIGS

from mmposetransfer.config.check import ConfigError, check_config
from mmposetransfer.config.file import change_config

BASE = Config.fromfile(CONFIGS / 'dipt' / 'full_synthfashion_64.py')
PLAIN = json.loads(json.dumps(BASE._cfg_dict.to_dict()))
PLACES = [path for path in places(PLAIN) if path]


def _check(cfg):
    try:
        check_config(cfg)
    except ConfigError as error:
        assert error.problems and all(': ' in p for p in error.problems)
        return error.problems
    return []


def test_undamaged():
    assert not _check(Config(PLAIN))


@examples(60)
@example(('train_dataloader', 'dataset'), [])
@example(('train_dataloader', 'dataset'), None)
@given(st.sampled_from(PLACES), junk())
def test_any_value_anywhere(path, new):
    """It is right, or the check names what is wrong with it."""
    try:
        cfg = Config(replaced(PLAIN, path, new))
    except (KeyError, TypeError, ValueError):  # of keys that MMEngine keeps
        return
    _check(cfg)


@examples(40)
@given(st.sampled_from(PLACES), st.text(max_size=3))
def test_any_key_anywhere(path, suffix):
    *rest, key = path
    parent = PLAIN
    for step in rest:
        parent = parent[step]
    if not isinstance(parent, dict):
        return
    renamed = {
        (f'{k}{suffix}' if k == key else k): v for k, v in parent.items()
    }
    try:
        cfg = Config(replaced(PLAIN, rest, renamed))
    except (KeyError, TypeError, ValueError):
        return
    _check(cfg)


@examples(40)
@given(
    st.sampled_from(PLACES),
    st.sampled_from(['', '.x', '.9', '..', 'x']),
    junk(),
)
def test_options_of_any_kind(path, suffix, value):
    cfg = Config(PLAIN)
    try:
        change_config(cfg, {'.'.join(map(str, path)) + suffix: value})
    except ValueError as error:
        assert "the config's " in str(error)
        return
    _check(cfg)


@pytest.mark.parametrize('text', ['', '[', 'a = 1', '{"a": 1', '\0'])
@pytest.mark.parametrize('ending', ['.json', '.yaml', '.py', '.txt'])
def test_files_of_any_text(tmp_path, text, ending):
    from mmposetransfer.config.file import read_config

    path = tmp_path / f'config{ending}'
    path.write_text(text)
    try:
        cfg = read_config(path)
    except ValueError as error:
        assert f"config{ending}' cannot be read: " in str(error)
    else:
        assert isinstance(cfg, Config)
