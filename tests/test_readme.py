"""The README's code runs and its files are there."""

import re
from pathlib import Path

import pytest
from mmengine.config import Config
from tiny_training import run_training, tiny_config

ROOT = Path(__file__).parents[1]
README = (ROOT / 'README.md').read_text()


def code_blocks(language):
    return re.findall(rf'```{language}\n(.*?)```', README, re.S)


def test_flow_head_of_the_readme_trains(tmp_path, monkeypatch):
    head, = [code for code in code_blocks('python') if 'register_module' in
             code]
    change, = [code for code in code_blocks('python') if '_base_' in code]
    assert len(head.splitlines()) <= 20
    (tmp_path / 'my_flow_head.py').write_text(head)
    monkeypatch.syspath_prepend(tmp_path)
    changed = Config.fromstring(
        change.replace("'configs/", f"'{ROOT}/configs/"), '.py')
    cfg = tiny_config(tmp_path / 'run')
    cfg.model.flow_regressor.head = changed.model.flow_regressor.head
    cfg.custom_hooks[0].stages = cfg.custom_hooks[0].stages[:1]
    cfg.train_cfg.max_epochs = 2
    runner = run_training(cfg)
    assert type(runner.model.flow_regressor.head).__name__ == head.split(
        'class ')[1].split('(')[0]


@pytest.mark.parametrize('path', sorted(set(re.findall(
    r'(?:configs|tools|demo|docs|requirements)/[\w./-]+\.\w+', README))))
def test_files_that_the_readme_names_are_there(path):
    assert (ROOT / path).exists()


def test_make_targets_that_the_readme_names_are_there():
    makefile = (ROOT / 'Makefile').read_text()
    for target in set(re.findall(r'^make ([a-z-]+)', README, re.M)):
        assert re.search(rf'^{target}:', makefile, re.M), target
