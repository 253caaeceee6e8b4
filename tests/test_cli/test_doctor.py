"""``mmposetransfer doctor``: its checks find what is wrong."""

import os
import re
import subprocess
import sys
from collections import namedtuple
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from virtual_env import VirtualEnv

from mmposetransfer.cli import main
from mmposetransfer.doctor import check_all, machine, run_check, software
from mmposetransfer.models.warping import flow_warp as module_of_warp
from mmposetransfer.utils import dependencies

ROOT = Path(__file__).parents[2]
Usage = namedtuple('Usage', 'total used free')


def texts(findings, status):
    return [f.text for f in findings if f.status == status]


def test_nothing_is_wrong_here_and_nothing_is_left(tmp_path):
    findings = list(check_all(tmp_path / 'work_dirs'))
    assert texts(findings, 'FAIL') == []
    assert {f.name for f in findings} == {
        'installation',
        'packages',
        'configs',
        'types',
        'GPU',
        'warp',
        'numba',
        'poses',
        'work directory',
        'shared memory',
    }
    assert os.listdir(tmp_path) == []


def test_missing_poses_are_told_with_the_way_out(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mediapipe', None)  # no import finds it
    (finding,) = run_check('poses', software.check_poses)
    assert finding.status == 'warn'
    assert 'photographs need files of their keypoints' in finding.text
    assert finding.mend == dependencies.mediapipe_line()


def test_report_is_printed_and_aligned(capsys, tmp_path):
    assert main(['doctor', '--work-dir', str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert 'grid_sample on cpu: forward and backward are right' in printed
    assert f'torch {torch.__version__.split("+")[0]}' in printed
    checks = printed[printed.index('\nChecks\n') + 8 :].splitlines()
    rows = [line for line in checks if re.match('  (ok|warn|FAIL|-) ', line)]
    assert len(rows) >= 10
    assert all(row[8:].split(':')[0] and row[24] != ' ' for row in rows)
    assert re.match(r'no problems, (no|\d+) warnings?$', checks[-1])


def test_broken_packages_are_told_with_the_way_out(tmp_path):
    """As where another distribution has overwritten half of the files."""
    for name, code in (
        ('mmengine', 'raise ImportError("half")'),
        ('smplx', 'import not_there'),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / '__init__.py').write_text(code)
    env = os.environ | dict(PYTHONPATH=f'{tmp_path}:{ROOT}')
    done = subprocess.run(
        [sys.executable, '-m', 'mmposetransfer', 'doctor', '--no-env'],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    for report in (
        'importing mmengine fails, ImportError: half',
        'importing smplx fails, ModuleNotFoundError: No module named '
        "'not_there'",
    ):
        assert f'FAIL  packages:       {report}' in done.stdout
    assert (
        'mend it: pip install mmengine "setuptools<82" --no-deps '
        '--force-reinstall' in done.stdout
    )


@pytest.mark.parametrize(
    ('without', 'lacks', 'mend'),
    [
        (['yaml', '_yaml', 'pyyaml-*'], 'yaml', 'pip install pyyaml'),
        # What is known of it is still there.
        (['yaml'], 'yaml', 'pip install --force-reinstall --no-deps pyyaml'),
        (['llvmlite*'], 'llvmlite', 'pip install "llvmlite<0.'),
        (['pil', 'pillow-*'], 'PIL', 'pip install pillow'),
    ],
)
def test_what_a_package_lacks_is_installed_not_the_package(
    tmp_path, without, lacks, mend
):
    env = VirtualEnv(tmp_path / 'env', without)
    done = env.run(
        'python',
        '-m',
        'mmposetransfer',
        'doctor',
        '--no-env',
        cwd=tmp_path,
        check=False,
        PYTHONPATH=str(ROOT),
    )
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    mends = {
        lines[i + 1].strip()
        for i, line in enumerate(lines)
        if f"No module named '{lacks}" in line
    }
    assert len(mends) == 1, done.stdout
    assert mends.pop().startswith(f'mend it: {mend}')


def test_two_distributions_in_one_folder_are_told(monkeypatch):
    versions = dict.fromkeys(('mmcv', 'mmcv-lite'), '2.2.0')
    versions |= {'opencv-python': '4.9', 'opencv-python-headless': '4.11'}
    known = dependencies.installed_version
    monkeypatch.setattr(
        dependencies,
        'installed_version',
        lambda name: versions.get(name) or known(name),
    )
    findings = software.check_packages()
    (failed,) = (f for f in findings if f.status == 'FAIL')
    assert 'mmcv and mmcv-lite are both installed' in failed.text
    assert failed.mend.startswith('pip uninstall -y mmcv mmcv-lite && pip')
    warned = [f for f in findings if 'opencv' in f.text]
    assert warned[0].status == 'warn' and '4.9' in warned[0].text


def test_outdated_package_is_told(monkeypatch):
    monkeypatch.setattr(
        metadata,
        'requires',
        lambda name: [
            'numpy>=1.23',
            'numba>=99',
            'pytest>=99; extra == "tests"',
        ],
    )
    failed = [f for f in software.check_packages() if f.status == 'FAIL']
    assert [f.mend for f in failed] == ['pip install "numba>=99"']
    assert '>=99 is required' in failed[0].text


def test_wrong_warp_is_found(monkeypatch):
    right = module_of_warp

    def half_a_pixel_off(x, flow, **kwargs):
        return right(x, flow + 0.5, **kwargs)

    monkeypatch.setattr(
        'mmposetransfer.models.warping.flow_warp', half_a_pixel_off
    )
    assert software.check_warp().status == 'FAIL'


def test_wrong_gradient_is_found(monkeypatch):
    right = module_of_warp

    def doubled(x, flow, **kwargs):
        return right(x, flow.detach() + 2 * (flow - flow.detach()), **kwargs)

    monkeypatch.setattr('mmposetransfer.models.warping.flow_warp', doubled)
    assert software.check_warp().status == 'FAIL'


@pytest.mark.parametrize(
    'free, status', [(2**20, 'FAIL'), (2 * 2**30, 'warn'), (2**40, 'ok')]
)
def test_room_on_the_disk(free, status, monkeypatch, tmp_path):
    monkeypatch.setattr(
        machine.shutil, 'disk_usage', lambda path: Usage(2**41, 0, free)
    )
    assert machine.check_work_dir(tmp_path / 'new').status == status


def test_folder_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    (tmp_path / 'file').touch()
    found = machine.check_work_dir(tmp_path / 'file' / 'work_dirs')
    assert found.status == 'FAIL' and 'is a file' in found.text

    def refuse(**kwargs):
        raise PermissionError(13, 'Permission denied')

    monkeypatch.setattr(machine.tempfile, 'TemporaryFile', refuse)
    found = machine.check_work_dir(tmp_path)
    assert found.status == 'FAIL' and 'Permission denied' in found.text


@pytest.mark.parametrize('free, status', [(64 * 2**20, 'warn'), (2**33, 'ok')])
def test_shared_memory(free, status, monkeypatch, tmp_path):
    monkeypatch.setattr(
        machine.shutil, 'disk_usage', lambda path: Usage(free, 0, free)
    )
    found = machine.check_shared_memory(tmp_path)
    assert found.status == status
    assert ('--shm-size' in found.mend) == (status == 'warn')


def pretend_torch(monkeypatch, available=False, cuda='13.0', error=None):
    def init():
        if error:
            raise RuntimeError(error)

    fake = SimpleNamespace(
        __version__='2.13.0',
        version=SimpleNamespace(cuda=cuda, hip=None),
        cuda=SimpleNamespace(is_available=lambda: available, init=init),
    )
    monkeypatch.setitem(sys.modules, 'torch', fake)
    return fake


def test_gpu_without_a_build_for_it(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, 'NVIDIA_DRIVER', Path(__file__))
    monkeypatch.delenv('CUDA_VISIBLE_DEVICES', raising=False)
    pretend_torch(monkeypatch, cuda=None)
    found = machine.check_gpu()
    assert found.status == 'warn' and 'CPU build' in found.text
    pretend_torch(monkeypatch, error='The NVIDIA driver is too old')
    found = machine.check_gpu()
    assert found.status == 'warn' and 'driver is too old' in found.text
    monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '')
    assert 'unset' in machine.check_gpu().mend


def test_gpu_without_kernels_for_it(monkeypatch):
    fake = pretend_torch(monkeypatch, available=True)

    def no_kernel(*args, **kwargs):
        raise RuntimeError('no kernel image is available\nfor execution')

    fake.ones = no_kernel
    fake.cuda.device_count = lambda: 1
    fake.cuda.get_device_name = lambda index: 'GeForce'
    fake.cuda.get_device_properties = lambda index: SimpleNamespace(
        total_memory=8 * 2**30
    )
    fake.cuda.get_arch_list = lambda: ['sm_90']
    (found,) = machine.check_gpu()
    assert found.status == 'FAIL'
    assert 'GeForce, 8 GiB' in found.text and 'sm_90' in found.text
    assert 'no kernel image is available (' in found.text


def test_error_of_a_check_is_a_finding():
    def fail():
        raise RuntimeError('two\nlines')

    (found,) = run_check('it', fail)
    assert found.status == 'FAIL' and found.text == 'RuntimeError: two lines'
    assert found.name == 'it'


def test_check_that_lacks_a_required_package_is_skipped():
    def fail():
        raise ModuleNotFoundError('No module', name='torch.nn')

    (found,) = run_check('it', fail)
    assert (found.status, found.text) == ('-', 'needs torch')
