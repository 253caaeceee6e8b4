"""The command itself: help, mistakes, and what it shares with the tools."""

import subprocess
import sys
from importlib import import_module
from inspect import signature
from pathlib import Path
from runpy import run_path

import pytest

from mmposetransfer import cli

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize('argv', [['--help'], ['-h'], ['help']])
def test_help_lists_every_command(argv, capsys):
    assert cli.main(argv) is None
    printed = capsys.readouterr().out
    groups = [block.splitlines() for block in printed.split('\n\n')]
    for title, group in cli.GROUPS.items():
        (lines,) = [g for g in groups if g[0] == f'{title}:']
        assert [line.split()[0] for line in lines[1:]] == list(group)
        for line, (name, what) in zip(lines[1:], group.items(), strict=True):
            assert line.startswith(f'  {name} ') and line.endswith(what)
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


# Those of the library's own developers stay code of their own.
TOOLS = [
    path
    for path in sorted((ROOT / 'tools').rglob('*.py'))
    if path.parent.name not in ('analysis_tools', 'body_tools')
]


def test_tools_by_path_are_commands(capsys, monkeypatch):
    found = set()
    for path in TOOLS:
        monkeypatch.setattr(sys, 'argv', [str(path), '--help'])
        with pytest.raises(SystemExit) as ended:
            run_path(str(path), run_name='__main__')
        assert ended.value.code == 0
        usage = capsys.readouterr().out.split()
        assert usage[:2] == ['usage:', 'mmposetransfer']
        found.add(usage[2])
        assert len(path.read_text().splitlines()) < 10
    assert found == set(cli.COMMANDS) - {
        'infer',  # demo/image_demo.py
        'list-models',
        'list-modules',
        'doctor',
    }


@pytest.mark.parametrize('command', sorted(cli.COMMANDS))
def test_commands_are_called_alike(command):
    module = import_module(f'mmposetransfer.cli.{command.replace("-", "_")}')
    assert str(signature(module.main)) == '(argv=None)'


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
