"""The report on what is installed, also where something is missing."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import mmposetransfer
from mmposetransfer.doctor.collect_env import collect_env, torchvision_line
from mmposetransfer.utils import dependencies

ROOT = Path(mmposetransfer.__file__).parents[1]


HIDE = """
import sys
import importlib.util

def is_hidden(name):
    return name.partition('.')[0] in {modules!r}

class Hide:
    def find_spec(self, name, path=None, target=None):
        if is_hidden(name):
            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)

find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: (
    None if is_hidden(name) else find_spec(name, package))
sys.meta_path.insert(0, Hide())
"""


def run_without(*modules, folder, then):
    """Run code in a Python in which some modules cannot be found."""
    env = os.environ | {'PYTHONPATH': str(ROOT)}
    code = HIDE.format(modules=modules) + then
    return subprocess.run(
        [sys.executable, '-c', code],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )


RUN_MODULE = (
    'import runpy\n'
    "runpy.run_module('mmposetransfer.doctor.collect_env',\n"
    "                 run_name='__main__')\n"
)


@pytest.fixture(scope='module')
def report():
    return collect_env()


def test_report_holds_the_versions(report):
    assert report['System']['mmposetransfer'] == mmposetransfer.__version__
    assert torch.__version__.startswith(report['Core']['torch'].split()[-1])
    assert report['Core']['numpy'] == f'numpy {np.__version__}'
    assert report['Warp backends']['grid_sample'] == 'available'


def test_every_part_has_a_version_or_the_line_that_installs_it(report):
    parts = dependencies.CORE + dependencies.OPTIONAL
    lines = report['Core'] | report['Optional parts']
    assert set(lines) == {part.module for part in parts}
    for part in parts:
        try:
            __import__(part.module)
        except Exception:
            assert 'pip install' in lines[part.module] or (
                'make full-stack' in lines[part.module]
            )
        else:
            assert any(
                name in lines[part.module] for name in part.distributions
            )


def test_mmcv_backend_is_there_or_says_how_to_get_it(report):
    line = report['Warp backends']['mmcv']
    try:
        import mmcv.ops  # noqa: F401
    except ImportError:
        assert 'pip install' in line and 'MMCV_WITH_OPS=1' in line
    else:
        assert line == 'available'


def test_report_is_printed_without_mmengine(tmp_path):
    result = run_without('mmengine', folder=tmp_path, then=RUN_MODULE)
    assert result.returncode == 0, result.stderr
    assert 'mmengine is not installed: pip install mmengine' in result.stdout
    assert 'grid_sample  available' in result.stdout
    assert 'mmposetransfer needs mmengine' in result.stderr


def test_report_is_printed_without_torch(tmp_path):
    result = run_without('torch', folder=tmp_path, then=RUN_MODULE)
    assert result.returncode == 0, result.stderr
    assert 'torch is not installed: pip install torch' in result.stdout
    assert 'grid_sample  FAILS, ModuleNotFoundError' in result.stdout


def test_import_pulls_in_neither_torchvision_nor_operators(tmp_path):
    code = (
        'import mmposetransfer.apis, mmposetransfer.models, sys\n'
        "assert 'torchvision' not in sys.modules\n"
        "assert 'mmcv.ops' not in sys.modules\n"
    )
    result = run_without('torchvision', folder=tmp_path, then=code)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    'torch_version, line',
    [
        ('2.13.0', 'pip install torchvision==0.28.0'),  # as tried
        ('2.12.0', 'pip install torchvision==0.27.0'),
        ('2.1.2', 'pip install torchvision==0.16.2'),
        (
            '2.13.0+cpu',
            'pip install torchvision==0.28.0 --index-url '
            'https://download.pytorch.org/whl/cpu',
        ),
        (None, 'pip install torch torchvision'),
    ],
)
def test_torchvision_line(torch_version, line):
    assert torchvision_line(torch_version) == line


@pytest.fixture
def installed(monkeypatch):
    """Pretend that just these distributions are installed."""

    def pretend(**versions):
        monkeypatch.setattr(
            dependencies,
            'installed_version',
            lambda name: versions.get(name.replace('-', '_')),
        )

    return pretend


def part(module):
    return next(p for p in dependencies.CORE if p.module == module)


def test_clash_of_two_distributions_is_told_with_the_way_out(installed):
    installed(mmengine='0.10.7', onedl_mmengine='0.10.12')
    message = dependencies.problem(part('mmengine'))
    assert "overwrite each other's files" in message
    assert 'pip uninstall -y mmengine onedl-mmengine && pip install' in message
    with pytest.warns(UserWarning, match='mmengine and onedl-mmengine'):
        dependencies.warn_of_problems()


def test_two_distributions_in_two_folders_do_not_clash(installed, monkeypatch):
    installed(mmengine='0.10.7', onedl_mmengine='0.10.12')
    monkeypatch.setattr(dependencies, 'installed_folder', lambda name: name)
    assert dependencies.problem(part('mmengine')) == ''


@pytest.mark.parametrize('name', ['mmengine', 'onedl_mmengine'])
def test_either_distribution_will_do(installed, name):
    installed(**{name: '1.0'})
    assert dependencies.problem(part('mmengine')) == ''


def test_both_builds_of_opencv_may_be_there(installed):
    installed(opencv_python='4.11', opencv_python_headless='4.11')
    assert dependencies.problem(part('cv2')) == ''
