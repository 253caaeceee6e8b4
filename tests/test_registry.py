"""The registries: their place in MMEngine's tree, other libraries, errors."""

import sys
from importlib import import_module

import pytest
from mmengine import registry as root
from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import nn

from mmposetransfer import registry
from mmposetransfer.models import FlowWarp

NODES = sorted(
    name
    for name in registry.__all__
    if isinstance(getattr(registry, name), registry.Registry)
)


@pytest.fixture(autouse=True)
def our_scope():
    """The default scope of a run of ours, whatever ran before."""
    with DefaultScope.overwrite_default_scope('mmposetransfer'):
        yield


@pytest.fixture
def toy_library(tmp_path, monkeypatch):
    """An installed library of the ecosystem that knows nothing of ours."""
    package = tmp_path / 'toylib'
    package.mkdir()
    (package / '__init__.py').touch()
    (package / 'registry.py').write_text(
        'from mmengine.registry import MODELS as ROOT, Registry\n'
        "MODELS = Registry('model', parent=ROOT, scope='toylib',\n"
        "                  locations=['toylib.models'])\n"
    )
    (package / 'models.py').write_text(
        'from torch import nn\n'
        'from toylib.registry import MODELS\n'
        '@MODELS.register_module()\n'
        'class Toy(nn.Module):\n'
        '    def __init__(self, inner=None):\n'
        '        super().__init__()\n'
        '        self.inner = MODELS.build(inner) if inner else None\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module('toylib.registry')
    root.MODELS.children.pop('toylib')
    for name in ('toylib', 'toylib.registry', 'toylib.models'):
        sys.modules.pop(name, None)


@pytest.fixture
def net():
    """A class registered for the time of a test."""

    @registry.MODELS.register_module()
    class TemporaryNet(nn.Module):
        def __init__(self, width, depth=2):
            super().__init__()
            self.width = width

    yield TemporaryNet
    registry.MODELS.module_dict.pop('TemporaryNet')


def test_every_kind_of_thing_has_a_node():
    assert {
        'MODELS',
        'DATASETS',
        'TRANSFORMS',
        'HOOKS',
        'METRICS',
        'LOOPS',
        'VISUALIZERS',
        'OPTIM_WRAPPER_CONSTRUCTORS',
        'INFERENCERS',
    } <= set(NODES)


@pytest.mark.parametrize('name', NODES)
def test_node_is_a_child_of_mmengines(name):
    node = getattr(registry, name)
    parent = getattr(root, name)
    assert node.parent is parent
    assert parent.children['mmposetransfer'] is node
    assert node.scope == 'mmposetransfer'


@pytest.mark.parametrize('name', NODES)
def test_node_imports_what_registers_into_it(name):
    node = getattr(registry, name)
    assert node._locations
    for module in node._locations:
        assert import_module(module)


def test_misspelt_type_is_answered_with_the_nearest(net):
    with pytest.raises(KeyError, match="Did you mean 'TemporaryNet'"):
        registry.MODELS.build(dict(type='TemporarNet', width=1))


def test_nearest_type_may_be_mmengines():
    with pytest.raises(KeyError, match="Did you mean 'CheckpointHook'"):
        registry.HOOKS.build(dict(type='CheckpontHook'))


def test_misspelt_argument_is_answered_with_the_nearest(net):
    with pytest.raises(
        TypeError,
        match="'TemporaryNet' has no argument 'widht'. Did you mean 'width'",
    ):
        registry.MODELS.build(dict(type='TemporaryNet', widht=1))
    assert registry.MODELS.build(dict(type=net, width=7)).width == 7


def test_misspelt_argument_in_a_sequence_is_found(net):
    with pytest.raises(TypeError, match="no argument 'dept'"):
        registry.MODELS.build(
            [
                dict(type='TemporaryNet', width=1),
                dict(type='TemporaryNet', width=1, dept=3),
            ]
        )


def test_missing_library_is_named():
    with pytest.raises(KeyError, match="no package 'mmnosuch' is installed"):
        registry.MODELS.build(dict(type='mmnosuch.Net'))


def test_failed_import_of_a_library_is_named(tmp_path, monkeypatch):
    package = tmp_path / 'brokenlib'
    package.mkdir()
    (package / '__init__.py').touch()
    (package / 'registry.py').write_text('import no_such_dependency\n')
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        KeyError,
        match='brokenlib.registry.* failed with '
        ".*No module named 'no_such_dependency'",
    ):
        registry.MODELS.build(dict(type='brokenlib.Net'))


def test_dotted_path_of_a_class_builds_it_or_says_what_is_wrong():
    layer = registry.MODELS.build(
        dict(type='torch.nn.Linear', in_features=2, out_features=3)
    )
    assert isinstance(layer, nn.Linear)
    with pytest.raises(KeyError, match="'torch' holds no such object"):
        registry.MODELS.build(dict(type='torch.nn.Lineal'))


def test_root_builds_ours_by_scope():
    with DefaultScope.overwrite_default_scope('mmengine'):
        built = root.MODELS.build(dict(type='mmposetransfer.FlowWarp'))
    assert isinstance(built, FlowWarp)


def test_root_builds_ours_by_default_scope():
    assert isinstance(root.MODELS.build(dict(type='FlowWarp')), FlowWarp)


@pytest.mark.parametrize(
    'inner',
    [
        dict(type='mmposetransfer.FlowWarp'),
        dict(type='FlowWarp', _scope_='mmposetransfer'),
    ],
)
def test_other_library_holds_ours(toy_library, inner):
    with DefaultScope.overwrite_default_scope('toylib'):
        built = toy_library.MODELS.build(dict(type='Toy', inner=inner))
    assert isinstance(built.inner, FlowWarp)


def test_ours_builds_what_another_library_holds(toy_library):
    built = registry.MODELS.build(dict(type='toylib.Toy'))
    assert type(built).__module__ == 'toylib.models'
    with DefaultScope.overwrite_default_scope('toylib'):
        assert type(registry.MODELS.build(dict(type='Toy'))) is type(built)


def test_misspelt_type_of_another_library_is_answered(toy_library):
    with pytest.raises(
        KeyError,
        match="'toylib.Tois' is not registered in "
        "'toylib::model'. Did you mean 'Toy'",
    ):
        registry.MODELS.build(dict(type='toylib.Tois'))


def test_custom_imports_register_a_users_module(tmp_path, monkeypatch):
    (tmp_path / 'users_nets.py').write_text(
        'from torch import nn\n'
        'from mmposetransfer.registry import MODELS\n'
        '@MODELS.register_module()\n'
        'class UsersNet(nn.Module):\n'
        '    pass\n'
    )
    (tmp_path / 'config.py').write_text(
        "custom_imports = dict(imports=['users_nets'])\n"
        "model = dict(type='UsersNet')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    cfg = Config.fromfile(tmp_path / 'config.py')
    try:
        assert type(registry.MODELS.build(cfg.model)).__name__ == 'UsersNet'
    finally:
        registry.MODELS.module_dict.pop('UsersNet')
        sys.modules.pop('users_nets')


def test_scheduler_keys_that_steer_the_build_are_no_arguments():
    param = nn.Parameter(nn.Linear(1, 1).weight.detach())
    optimizer = registry.OPTIMIZERS.build(
        dict(type='SGD', params=[param], lr=1.0)
    )
    scheduler = registry.PARAM_SCHEDULERS.build(
        dict(
            type='LinearLR',
            start_factor=0.5,
            begin=0,
            end=2,
            convert_to_iter_based=True,
        ),
        default_args=dict(optimizer=optimizer, epoch_length=5),
    )
    assert scheduler.end == 10
