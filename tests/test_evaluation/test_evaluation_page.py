"""The examples of docs/evaluation.md run, and its lists are complete."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from mmengine.config import Config

from mmposetransfer.config.check import check_config
from mmposetransfer.evaluation import get_protocol, metrics
from mmposetransfer.evaluation.evaluator import DEFAULT_BASELINES
from mmposetransfer.evaluation.folders import SCHEMES
from mmposetransfer.evaluation.protocols import published

PAGE = Path(__file__).parents[2] / 'docs' / 'evaluation.md'
if not PAGE.is_file():
    pytest.skip('needs a checkout of the repository', allow_module_level=True)
TEXT = PAGE.read_text()
CONFIG, SAVE_BEST, SETS, CLASSIFIERS, PROTOCOL = re.findall(
    r'^```python\n(.*?)^```', TEXT, re.M | re.S
)


def test_its_configs_are_right(tmp_path):
    path = tmp_path / 'evaluation_config.py'
    path.write_text(CONFIG + SAVE_BEST)
    cfg = Config.fromfile(path)
    check_config(cfg)
    kinds = [metric.type for metric in cfg.test_evaluator.metrics]
    assert kinds == ['ImageQuality', 'ImageQuality', 'FlowQuality']
    assert cfg.default_hooks.checkpoint.save_best == 'SSIM_dsc'


def test_its_config_of_sets_is_right(tmp_path):
    path = tmp_path / 'inception_config.py'
    path.write_text(SETS)
    cfg = Config.fromfile(path)
    check_config(cfg)
    kinds = [metric.type for metric in cfg.test_evaluator.metrics]
    assert kinds == ['InceptionDistance', 'Lite0SetDistance']


def test_its_config_of_classifiers_is_right(tmp_path):
    path = tmp_path / 'fashion_config.py'
    path.write_text(CLASSIFIERS)
    cfg = Config.fromfile(path)
    check_config(cfg)
    kinds = [metric.type for metric in cfg.test_evaluator.metrics]
    assert kinds == ['FashionIS', 'AttributeRecall']


def test_every_metric_is_in_its_table():
    for name in metrics.__all__:
        if name not in ('PoseTransferMetric', 'SetMetric'):
            assert f'| `{name}` |' in TEXT


def test_its_protocol_is_a_variant(monkeypatch, capsys):
    monkeypatch.setattr(published, '_protocols', dict(published._protocols))
    exec(PROTOCOL, {})
    assert get_protocol('dsc_q75') == replace(
        get_protocol('dsc'), name='dsc_q75', jpeg_quality=75
    )
    assert capsys.readouterr().out.startswith("Protocol(name='dsc'")


def test_its_lists_are_complete():
    for head, names in (
        ('protocol', [p.name for p in published.COMPARISONS]),
        ('protocol of a paper', [p.name for p in published.PAPERS]),
        ('`--scheme`', [*SCHEMES]),
    ):
        table = TEXT[TEXT.index(f'| {head} |') :].split('\n\n')[0]
        rows = table.splitlines()[2:]
        first = ' '.join(row.split('|')[1] for row in rows)
        assert re.findall(r'`(\w+)`', first) == names
    for baseline in DEFAULT_BASELINES:
        assert f'| `{baseline.__name__}` | `{baseline.name}` |' in TEXT
