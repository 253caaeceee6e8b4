"""``list-models`` and ``list-modules``."""

import ast
import re
import sys

import pytest

from mmposetransfer.apis import list_models
from mmposetransfer.cli import main
from mmposetransfer.cli.list_models import summary
from mmposetransfer.registry import HOOKS, METRICS, MODELS
from mmposetransfer.utils.type_help import as_config
from mmposetransfer.utils.type_help import summary as type_summary


def run(capsys, *argv):
    main(list(argv))
    return capsys.readouterr().out


def test_models_are_listed_with_what_they_are(capsys):
    lines = run(capsys, 'list-models').splitlines()
    names = [line.split()[0] for line in lines]
    assert names == list_models()
    # The columns are aligned, and every config says what it is.
    starts = {re.match(r'\S+ +', line).end() for line in lines}
    assert len(starts) == 1
    assert all(len(line) > starts.copy().pop() for line in lines)


def test_models_are_listed_by_pattern_and_path(capsys):
    (line,) = run(capsys, 'list-models', '*FULL*_64', '--paths').splitlines()
    name, path = line.split()
    assert name == 'dipt/full_synthfashion_64' and path.endswith(f'{name}.py')


def test_misspelt_pattern_of_models_is_answered(capsys):
    with pytest.raises(SystemExit, match="Did you mean 'dipt/wo_flow_"):
        main(['list-models', '*wo_flwo_deepfashion'])


@pytest.mark.parametrize(
    'text, expected',
    [
        ('# One. Two.\nmodel = 1\n', 'One'),
        ('# Goes on\n# over lines: so.\n', 'Goes on over lines: so'),
        ('# To be run as:\n# --cfg-options\n', 'To be run as'),
        ('model = 1\n# Late.\n', ''),
    ],
)
def test_summary_is_the_first_sentence(text, expected, tmp_path):
    (tmp_path / 'config.py').write_text(text)
    assert summary(tmp_path / 'config.py') == expected


def test_every_registered_type_is_listed_where_it_is_from(capsys):
    printed = run(capsys, 'list-modules')
    for title, node in (('MODELS', MODELS), ('METRICS', METRICS)):
        own = printed[printed.index(f'{title} (') :].split('\n\n')[0]
        # Other tests may have registered types of their own.
        ours = {
            name: cls
            for name, cls in node.module_dict.items()
            if cls.__module__.startswith('mmposetransfer.')
        }
        assert ours
        for name, cls in ours.items():
            package = cls.__module__.rpartition('.')[0]
            assert f'  {package}\n' in own
            assert re.search(rf'^    {name}  +\S', own, re.M), name


def test_one_registry_and_pattern(capsys):
    printed = run(capsys, 'list-modules', 'models', '--pattern', '*GATE')
    assert 'SoftGate' in printed and 'FlowWarp' not in printed
    assert 'METRICS' not in printed


def test_all_holds_those_of_mmengine(capsys):
    assert 'EMAHook' not in run(capsys, 'list-modules', 'HOOKS')
    printed = run(capsys, 'list-modules', 'HOOKS', '--all')
    assert 'EMAHook' in printed and 'StagedTrainingHook' in printed


def test_type_is_told_with_arguments_and_defaults(capsys):
    printed = run(capsys, 'list-modules', 'FlowRegressor')
    assert 'flow_regressor.FlowRegressor, of MODELS' in printed
    assert 'Returns' not in printed  # of the class, not of its methods
    call = ast.parse(printed[printed.index('dict(') :], mode='eval').body
    values = {k.arg: ast.unparse(k.value) for k in call.keywords}
    assert values == dict(
        type="'FlowRegressor'",
        backbone="dict(type='FlowUNet')",
        head="dict(type='PyramidFlowHead')",
        flow_scale='0.05',
    )


def test_arguments_of_a_base_class_are_told():
    class Base:
        def __init__(self, needed, width=3):
            pass

    class Own(Base):
        def __init__(self, depth=2, **kwargs):
            super().__init__(**kwargs)

    assert as_config('Own', Own) == (
        "dict(\n    type='Own',\n    depth=2,\n    needed=...,\n    width=3)"
    )


@pytest.mark.parametrize('name', ['mmengine.EMAHook', 'EMAHook'])
def test_type_of_another_library_is_told(name, capsys):
    printed = run(capsys, 'list-modules', name)
    assert printed.rstrip().endswith(
        'begin_epoch=0)  # and others, which it hands on'
    )


@pytest.mark.parametrize(
    'argv, answer',
    [
        (['FlowRegresor'], "Did you mean 'FlowRegressor'"),
        (['MODEL'], "Did you mean 'MODELS'"),
        (['--pattern', 'FlowWarpp'], "Did you mean 'FlowWarp'"),
        (['--import', 'no_such_module'], 'no_such_module'),
    ],
)
def test_misspelling_is_answered(argv, answer):
    with pytest.raises(SystemExit, match=answer):
        main(['list-modules', *argv])


def test_summary_of_a_type_is_plain_text():
    class Plain:
        """Does ``that`` as :func:`~a.b` on
        two lines.

        More.
        """

    assert type_summary(Plain) == 'Does that as a.b on two lines.'
    assert type_summary(type('Silent', (Plain,), {})) == ''


def test_users_modules_are_listed(tmp_path, monkeypatch, capsys):
    (tmp_path / 'users_hooks.py').write_text(
        'from mmengine.hooks import Hook\n'
        'from mmposetransfer.registry import HOOKS\n'
        '@HOOKS.register_module()\n'
        'class UsersHook(Hook):\n'
        '    """Does as the user wants."""\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    try:
        printed = run(
            capsys,
            'list-modules',
            'hooks',
            '--import',
            'users_hooks',
            '--pattern',
            'users*',
        )
        assert printed == (
            'HOOKS (1)\n  users_hooks\n'
            '    UsersHook  Does as the user wants.\n'
        )
    finally:
        HOOKS.module_dict.pop('UsersHook', None)
        sys.modules.pop('users_hooks', None)
