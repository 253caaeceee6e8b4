"""The command itself: help, mistakes, and what it shares with the tools."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from mmposetransfer import cli
from mmposetransfer.cli import infer, test, train

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize('argv', [['--help'], ['-h'], ['help']])
def test_help_lists_every_command(argv, capsys):
    assert cli.main(argv) is None
    printed = capsys.readouterr().out
    for name, what in cli.COMMANDS.items():
        assert f'  {name} ' in printed and what in printed
    assert max(map(len, printed.splitlines())) < 80


@pytest.mark.parametrize('argv', [['--help'], ['trian'], ['--version']])
def test_help_and_misspelling_import_neither_torch_nor_networks(argv):
    code = (
        'import sys\n'
        'from mmposetransfer.cli import main\n'
        f'main({argv!r})\n'
        "assert not {'torch', 'numba', 'cv2'} & set(sys.modules)\n"
    )
    subprocess.run(
        [sys.executable, '-c', code], cwd=ROOT, check=True, timeout=60
    )


def test_misspelt_command_is_answered(capsys):
    assert cli.main(['list_model']) == 2
    assert "Did you mean 'list-models'" in capsys.readouterr().err


def test_no_command_is_answered_with_the_help(capsys):
    assert cli.main([]) == 2
    assert 'list-models' in capsys.readouterr().err


@pytest.mark.parametrize('command', sorted(cli.COMMANDS))
def test_every_command_has_help_under_its_own_name(command, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([command, '--help'])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f'usage: mmposetransfer {command} ')


@pytest.mark.parametrize(
    'path, module',
    [
        ('tools/train.py', train),
        ('tools/test.py', test),
        ('demo/image_demo.py', infer),
    ],
)
def test_tools_are_the_same_code(path, module):
    spec = importlib.util.spec_from_file_location('tool', ROOT / path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.main is module.main


@pytest.mark.parametrize('command', ['train', 'test', 'infer'])
def test_misspelt_model_is_answered(command, capsys):
    arguments = dict(
        train=['dipt/full_synthfashon'],
        test=['dipt/full_synthfashon', 'x'],
        infer=['me.png', 'dipt/full_synthfashon', '--keypoints', 'k.csv'],
    )
    with pytest.raises(
        SystemExit,
        match='error: there is no config file.*'
        "Did you mean 'dipt/full_synthfashion'",
    ):
        cli.main([command, *arguments[command]])


def test_reader_that_has_seen_enough_gets_no_traceback():
    done = subprocess.run(
        f'{sys.executable} -m mmposetransfer --help | true',
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0 and 'Broken' not in done.stderr
