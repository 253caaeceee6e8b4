"""What a wheel holds, and finding configs and models by package name."""

import os
import runpy
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import setuptools
import yaml
from mmengine.config import Config
from mmengine.config.utils import MODULE2PACKAGE
from mmengine.hub import get_config
from mmengine.infer import BaseInferencer

import mmposetransfer

PACKAGE = Path(mmposetransfer.__file__).parent
ROOT = PACKAGE.parent
CONFIGS = sorted((ROOT / 'configs').rglob('*.py'))
QUICK_START = 'dipt/full_synthfashion_64.py'

if not (ROOT / 'setup.py').exists():
    pytest.skip('needs a checkout of the repository',
                allow_module_level=True)


def models():
    index = yaml.safe_load((ROOT / 'model-index.yml').read_text())
    for path in index['Import']:
        yield from yaml.safe_load((ROOT / path).read_text())['Models']


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    """The package as it goes into a wheel."""
    folder = tmp_path_factory.mktemp('built')
    subprocess.run(
        [sys.executable, 'setup.py', '-q', 'build', '--build-base',
         folder / 'build', '--build-lib', folder / 'lib'],
        cwd=ROOT, check=True, capture_output=True, timeout=120)
    return folder / 'lib'


@pytest.fixture
def installed_in_place():
    if not (PACKAGE / '.mim' / 'configs').exists():
        pytest.skip('needs `pip install -e .`, which links .mim')


def test_wheel_holds_what_the_repository_does(built):
    mim = built / 'mmposetransfer' / '.mim'
    for path in CONFIGS:
        copy = mim / path.relative_to(ROOT)
        assert copy.read_text() == path.read_text()
    assert (mim / 'model-index.yml').is_file()
    assert (mim / 'tools' / 'train.py').is_file()
    assert (mim / 'demo' / 'image_demo.py').is_file()
    for asset in (PACKAGE / 'assets').iterdir():
        assert (built / 'mmposetransfer' / 'assets' / asset.name).is_file()
    assert not list(mim.rglob('__pycache__'))
    assert not (built / 'tests').exists()


def test_config_is_found_in_an_installed_wheel(built, tmp_path):
    code = ('from mmengine.hub import get_config\n'
            'import mmposetransfer\n'
            f"print(get_config('mmposetransfer::{QUICK_START}').filename)\n")
    result = subprocess.run(
        [sys.executable, '-c', code], cwd=tmp_path, text=True, timeout=120,
        env=os.environ | {'PYTHONPATH': str(built)}, capture_output=True)
    assert result.returncode == 0, result.stderr
    found = Path(result.stdout.split()[-1])
    assert found == built / 'mmposetransfer' / '.mim' / 'configs' / QUICK_START


def test_config_is_found_in_an_editable_install(installed_in_place):
    cfg = get_config(f'mmposetransfer::{QUICK_START}')
    assert Path(cfg.filename).samefile(ROOT / 'configs' / QUICK_START)


def test_config_inherits_from_an_installed_package(installed_in_place):
    cfg = Config.fromstring(
        f"_base_ = 'mmposetransfer::{QUICK_START}'\nlog_level = 'ERROR'\n",
        '.py')
    theirs = Config.fromfile(ROOT / 'configs' / QUICK_START)
    assert cfg.model.pop('_scope_') == 'mmposetransfer'
    assert cfg.model == theirs.model and cfg.log_level == 'ERROR'


def test_mmengine_knows_the_package():
    assert 'mmposetransfer' in MODULE2PACKAGE


def test_every_model_has_a_config_and_a_list_of_aliases():
    found = list(models())
    assert found
    for model in found:
        assert (ROOT / model['Config']).is_file(), model['Name']
        assert isinstance(model.get('Alias', []), list), model['Name']


def test_models_are_listed_by_mmengine():
    names = BaseInferencer.list_models('mmposetransfer')
    assert {model['Name'] for model in models()} <= set(names)


def test_lock_file_pins_every_requirement():
    def names(file):
        lines = (ROOT / 'requirements' / file).read_text().splitlines()
        for line in lines:
            if line and not line.startswith('#'):
                yield line.split('=')[0].split('<')[0].split('>')[0].lower()

    pinned = set(names('lock.txt'))
    for file in ('runtime.txt', 'openmmlab.txt', 'tests.txt'):
        assert set(names(file)) <= pinned, file
    assert 'opencv-python-headless' in pinned
    # It wants a desktop's libGL, and would come with mmengine.
    assert 'opencv-python' not in pinned
    lock = (ROOT / 'requirements' / 'lock.txt').read_text().splitlines()
    assert all('==' in line for line in lock
               if line and not line.startswith('#'))


@pytest.mark.parametrize('installed, asked_for', [
    ((), {'mmengine', 'mmcv-lite'}),
    (('mmengine', ), {'mmengine', 'mmcv-lite'}),
    (('mmengine', 'mmcv'), {'mmengine'}),
    (('onedl-mmengine', ), set()),  # mmcv-lite would bring mmengine over it
    (('onedl_mmengine', 'onedl_mmcv'), set()),
])
def test_pip_is_not_asked_to_overwrite_what_is_installed(
        installed, asked_for, tmp_path, monkeypatch):
    for name in installed:
        folder = tmp_path / f'{name.replace("-", "_")}-1.0.dist-info'
        folder.mkdir()
        (folder / 'METADATA').write_text(
            f'Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n')
    monkeypatch.setattr(sysconfig, 'get_path', lambda name: str(tmp_path))
    asked = {}
    monkeypatch.setattr(setuptools, 'setup', lambda **kwargs: asked.update(
        kwargs))
    runpy.run_path(str(ROOT / 'setup.py'))
    names = {line.split('>')[0].split('<')[0]
             for line in asked['install_requires']}
    assert {'torch', 'numpy', 'smplx'} <= names
    assert names & {'mmengine', 'onedl-mmengine', 'mmcv', 'mmcv-lite'} == (
        asked_for)
    # The builds of OpenCV overwrite one another, too.
    assert not any('opencv' in name for name in names)
