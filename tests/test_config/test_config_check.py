"""Whole configs held against registries and signatures."""

import copy
import sys
from pathlib import Path

import pytest
from mmengine import registry as root
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.evaluator import BaseMetric
from torch import nn

from mmposetransfer.config import ConfigError, check_config
from mmposetransfer.config.check import config_problems
from mmposetransfer.registry import MODELS

CONFIGS = Path(__file__).parents[2] / 'configs'
SHIPPED = sorted(
    path for path in CONFIGS.rglob('*.py') if '_base_' not in path.parts
)
QUICK_START = CONFIGS / 'dipt' / 'full_synthfashion_64.py'


@pytest.fixture
def minimal():
    """A small config without a fault, every part of which is MMEngine's."""
    dataset = dict(
        type='RepeatDataset',
        times=2,
        dataset=dict(
            type='ToyDataset',
            ann_file='',
            pipeline=[dict(type='ToyTransform')],
        ),
    )
    return dict(
        default_scope='mmengine',
        model=dict(type='ToyModel'),
        train_dataloader=dict(
            batch_size=2,
            num_workers=0,
            dataset=dataset,
            sampler=dict(type='DefaultSampler', shuffle=True),
            collate_fn=dict(type='pseudo_collate'),
        ),
        train_cfg=dict(by_epoch=True, max_epochs=2),
        optim_wrapper=dict(
            type='OptimWrapper',
            clip_grad=dict(max_norm=1),
            optimizer=dict(type='Adam', lr=1e-3),
        ),
        param_scheduler=[dict(type='LinearLR', start_factor=0.5, end=5)],
        default_hooks=dict(checkpoint=dict(type='CheckpointHook', interval=1)),
        custom_hooks=[dict(type='EmptyCacheHook', priority='LOW')],
        val_evaluator=dict(type='Evaluator', metrics=[dict(type='ToyMetric')]),
        env_cfg=dict(cudnn_benchmark=True, dist_cfg=dict(backend='gloo')),
        randomness=dict(seed=0),
        visualizer=dict(vis_backends=[dict(type='LocalVisBackend')]),
        my_own_variable=dict(type='NotARegisteredThing'),
    )


@pytest.fixture(autouse=True)
def toys():
    """A model, a dataset and a metric for the minimal config."""

    class ToyModel(nn.Module):
        def __init__(self, width=3, norm_cfg=None, part=None):
            super().__init__()

    class ToyMetric(BaseMetric):
        def __init__(self, level=0, **kwargs):
            super().__init__(**kwargs)

        def process(self, data_batch, data_samples):
            pass

        def compute_metrics(self, results):
            return {}

    class ToyDataset(BaseDataset):
        pass

    class ToyTransform:
        pass

    homes = {
        ToyModel: root.MODELS,
        ToyMetric: root.METRICS,
        ToyDataset: root.DATASETS,
        ToyTransform: root.TRANSFORMS,
    }
    for toy, node in homes.items():
        node.register_module(module=toy)
    yield
    for toy, node in homes.items():
        node.module_dict.pop(toy.__name__)


def problems(cfg):
    return list(config_problems(cfg))


@pytest.mark.parametrize(
    'path', SHIPPED, ids=lambda p: str(p.relative_to(CONFIGS))
)
def test_shipped_configs_are_right(path):
    check_config(Config.fromfile(path))


def test_config_of_mmengines_parts_is_right(minimal):
    assert problems(minimal) == []
    assert problems(Config(minimal)) == []


def test_config_is_left_as_it_was(minimal):
    before = copy.deepcopy(minimal)
    check_config(minimal)
    assert minimal == before


def typed_nodes(node, path=()):
    """Paths of all dictionaries with a 'type'."""
    children = ()
    if isinstance(node, dict):
        if 'type' in node:
            yield path
        children = node.items()
    elif isinstance(node, (list, tuple)):
        children = enumerate(node)
    for key, value in children:
        yield from typed_nodes(value, (*path, key))


def at(cfg, path):
    for key in path:
        cfg = cfg[key]
    return cfg


def dotted(path):
    text = ''.join(
        f'[{key}]' if isinstance(key, int) else f'.{key}' for key in path
    )
    return text.removeprefix('.')


def read_by_runner(cfg):
    """Typed nodes of the quick start's config below keys that count."""
    from mmposetransfer.config.roles import runner_keys

    return [path for path in typed_nodes(cfg) if path[0] in runner_keys()]


def test_no_misspelt_type_of_the_quick_start_passes():
    right = Config.fromfile(QUICK_START).to_dict()
    paths = read_by_runner(right)
    assert len(paths) > 30
    for path in paths:
        cfg = copy.deepcopy(right)
        node = at(cfg, path)
        node['type'] = node['type'][:-2] + node['type'][-1]
        found = problems(cfg)
        assert any(
            problem.startswith(f'{dotted(path)}.type: ') for problem in found
        ), (path, node['type'], found)


def test_no_misspelt_argument_of_the_quick_start_passes():
    right = Config.fromfile(QUICK_START).to_dict()
    tried = 0
    for path in read_by_runner(right):
        if path == ('model_wrapper_cfg',):  # takes torch's arguments too
            continue
        for key in set(at(right, path)) - {'type'}:
            if len(key) < 5:  # too short to tell a misspelling by likeness
                continue
            cfg = copy.deepcopy(right)
            node = at(cfg, path)
            node[key[:-2] + key[-1]] = node.pop(key)
            assert any(
                problem.startswith(f'{dotted(path)}: ')
                for problem in problems(cfg)
            ), (path, key)
            tried += 1
    assert tried > 50


@pytest.mark.parametrize(
    'change, expected',
    [
        (
            dict(train_dataloaders={}),
            "train_dataloaders: .*'train_dataloader'",
        ),
        (dict(custom_hook=[]), "custom_hook: .*Did you mean 'custom_hooks'"),
    ],
)
def test_top_level_key_a_letter_off(minimal, change, expected):
    key = next(iter(change))
    minimal.pop(key.rstrip('s') if key.endswith('ers') else 'custom_hooks')
    with pytest.raises(ConfigError, match=expected):
        check_config(minimal | change)


def test_missing_model(minimal):
    minimal.pop('model')
    assert problems(minimal) == [
        "model: missing; a config has to name the 'model' to build."
    ]


CASES = [
    (
        'model',
        dict(type='ToyModl'),
        "model.type: 'ToyModl' is not registered .* Did you mean 'ToyModel'",
    ),
    (
        'model',
        dict(type='ToyModel', widths=3),
        "model: 'ToyModel' has no argument 'widths'. Did you mean 'width'",
    ),
    (
        'model',
        dict(type='ToyModel', part=[dict(type='ToyModl')]),
        r"model.part\[0\].type: 'ToyModl' is not registered",
    ),
    (
        'model',
        dict(type='mmnosuch.Net'),
        "model.type: .*no package 'mmnosuch' is installed",
    ),
    ('model', dict(type=3), 'model.type: expected a class or the name of one'),
    (
        'model',
        dict(type='CheckpointHook'),
        "model.type: 'CheckpointHook' is a hook, and a model is wanted here",
    ),
    (
        'model',
        dict(type='ToyModel', _delete_=True),
        "model: '_delete_' has nothing to delete",
    ),
    (
        'model',
        dict(type='ToyModel', _scope_='mmnosuch'),
        "model._scope_: no package 'mmnosuch' is installed",
    ),
    (
        'train_dataloader.dataset.dataset.pipeline',
        [dict(type='ToyTransfrm')],
        r'train_dataloader.dataset.dataset.pipeline\[0\].type: .*'
        "Did you mean 'ToyTransform'",
    ),
    (
        'train_dataloader.sampler',
        dict(type='DefaultSampler', shufle=True),
        "train_dataloader.sampler: .* no argument 'shufle'.*'shuffle'",
    ),
    (
        'train_dataloader.batchsize',
        3,
        "train_dataloader: there is no key 'batchsize'. Did you mean "
        "'batch_size'",
    ),
    (
        'train_dataloader.collate_fn',
        dict(type='pseudo_colate'),
        "train_dataloader.collate_fn.type: .*'pseudo_collate'",
    ),
    (
        'train_dataloader.dataset',
        dict(type='RepeatDataset', times=2),
        "train_dataloader.dataset: 'RepeatDataset' needs the "
        "argument 'dataset'",
    ),
    (
        'train_cfg',
        dict(by_epoch=False, max_epochs=2),
        "train_cfg: 'IterBasedTrainLoop' has no argument 'max_epochs'",
    ),
    ('val_cfg', dict(interval=2), "val_cfg: 'ValLoop' has no argument"),
    (
        'optim_wrapper.optimizer',
        dict(type='Adam', learning_rate=1),
        "optim_wrapper.optimizer: 'Adam' has no argument 'learning_rate'",
    ),
    (
        'optim_wrapper.optimizer',
        dict(type='Adm', lr=1),
        "optim_wrapper.optimizer.type: .*Did you mean .*'Adam'",
    ),
    (
        'optim_wrapper.constructor',
        'DefaultOptimWrapperConstructr',
        "optim_wrapper.constructor: .*'DefaultOptimWrapperConstructor'",
    ),
    (
        'param_scheduler',
        [dict(type='LinearLR', start_facto=0.5)],
        r"param_scheduler\[0\]: .*'start_facto'. Did you mean 'start_factor'",
    ),
    (
        'default_hooks.checkpoint',
        dict(type='CheckpointHook', intervall=1),
        "default_hooks.checkpoint: .*'intervall'. Did you mean 'interval'",
    ),
    (
        'default_hooks.checkpoint',
        dict(interval=1),
        "default_hooks.checkpoint: there is no 'type', which has "
        'to name a hook',
    ),
    (
        'val_evaluator.metrics',
        [dict(type='ToyMetric', levl=3)],
        r"val_evaluator.metrics\[0\]: 'ToyMetric' has no argument 'levl'",
    ),
    (
        'env_cfg',
        dict(cudnn_benchmak=True),
        "env_cfg: there is no key 'cudnn_benchmak'. Did you mean "
        "'cudnn_benchmark'",
    ),
    ('randomness', dict(sed=0), "randomness: .*'sed'. Did you mean 'seed'"),
    (
        'visualizer',
        dict(vis_backend=[]),
        "visualizer: 'Visualizer' has no argument 'vis_backend'",
    ),
    (
        'default_scope',
        'mmposetransfr',
        "default_scope: no package 'mmposetransfr' is installed",
    ),
    (
        'custom_imports',
        dict(imports='no_such_module'),
        "custom_imports: importing 'no_such_module' failed with "
        'ModuleNotFound',
    ),
]


@pytest.mark.parametrize(
    'path, value, expected',
    CASES,
    ids=[f'{i}-{case[0]}' for i, case in enumerate(CASES)],
)
def test_problem_is_told_with_its_path(minimal, path, value, expected):
    *parents, key = path.split('.')
    at(minimal, parents)[key] = value
    with pytest.raises(ConfigError, match=expected) as info:
        check_config(minimal)
    assert len(info.value.problems) == 1


@pytest.mark.parametrize(
    'path, value',
    [
        ('model.norm_cfg', dict(type='BN', requires_grad=True)),
        ('model.part', dict(type='of the sort that no registry knows')),
        (
            'optim_wrapper',
            dict(
                constructor='DefaultOptimWrapperConstructor',
                generator=dict(optimizer=dict(type='SGD', lr=1)),
            ),
        ),
        ('param_scheduler', dict(generator=[dict(type='ConstantLR')])),
        ('train_dataloader', None),
        ('val_evaluator', [dict(type='ToyMetric', prefix='toy')]),
        ('optim_wrapper.optimizer.type', nn.Module),
        (
            'custom_imports',
            dict(imports=['no_such_module'], allow_failed_imports=True),
        ),
    ],
)
def test_what_is_right_passes(minimal, path, value):
    *parents, key = path.split('.')
    at(minimal, parents)[key] = value
    assert problems(minimal) == []


def test_all_problems_are_told_at_once(minimal):
    minimal['model']['widht'] = 1
    minimal['train_dataloader']['batchsize'] = 1
    minimal['default_hooks']['checkpoint']['type'] = 'CheckpontHook'
    with pytest.raises(ConfigError) as info:
        check_config(minimal)
    assert len(info.value.problems) == 3
    assert str(info.value).startswith('The config has 3 problems:\n  - ')


def test_error_names_the_file(tmp_path):
    path = tmp_path / 'my_config.py'
    path.write_text("model = dict(type='NoSuchModel')\n")
    with pytest.raises(ConfigError, match='my_config.py has 1 problem:'):
        check_config(Config.fromfile(path))


def test_python_style_config_with_a_failing_import(tmp_path):
    path = tmp_path / 'lazy_config.py'
    path.write_text(
        'from mmengine.hooks import CheckpointHook\n'
        'from mmposetransfer.models import NoSuchModel\n'
        'model = dict(type=NoSuchModel)\n'
        'default_hooks = dict(\n'
        '    checkpoint=dict(type=CheckpointHook, intervall=2))\n'
    )
    with pytest.raises(ConfigError) as info:
        check_config(Config.fromfile(path, lazy_import=True))
    first, second = sorted(info.value.problems)
    assert first.startswith('default_hooks.checkpoint: ')
    assert "'interval'" in first
    assert first != second and 'NoSuchModel' in second


def test_failing_import_behind_a_type_is_named(tmp_path, monkeypatch, minimal):
    package = tmp_path / 'halflib'
    package.mkdir()
    (package / '__init__.py').touch()
    (package / 'registry.py').write_text(
        'from mmengine.registry import HOOKS as ROOT, Registry\n'
        "HOOKS = Registry('hook', parent=ROOT, scope='halflib',\n"
        "                 locations=['halflib.hooks'])\n"
    )
    (package / 'hooks.py').write_text('import no_such_dependency\n')
    monkeypatch.syspath_prepend(tmp_path)
    minimal['custom_hooks'] = [dict(type='halflib.Hook')]
    try:
        with pytest.raises(
            ConfigError,
            match=r'custom_hooks\[0\].type: .*an '
            "import failed with .*'no_such_dependency'",
        ):
            check_config(minimal)
    finally:
        root.HOOKS.children.pop('halflib')
        for name in ('halflib', 'halflib.registry'):
            sys.modules.pop(name)


def test_parts_of_our_own_classes_are_all_built_from_registries(minimal):
    """There a type that no registry knows cannot be right."""

    class Holder(nn.Module):
        def __init__(self, part):
            super().__init__()

    Holder.__module__ = 'mmposetransfer.models.holder'
    MODELS.register_module(module=Holder)
    try:
        minimal['model'] = dict(
            type='mmposetransfer.Holder', part=dict(type='something else')
        )
        assert len(problems(minimal)) == 1
    finally:
        MODELS.module_dict.pop('Holder')
