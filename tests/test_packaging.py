"""What a wheel holds, and finding configs and models by package name."""

import os
import re
import runpy
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

import pytest
import setuptools
import yaml
from mmengine.config import Config
from mmengine.config.utils import MODULE2PACKAGE
from mmengine.hub import get_config
from mmengine.infer import BaseInferencer
from packaging.requirements import Requirement
from virtual_env import VirtualEnv, copy_of_repository

import mmposetransfer
from mmposetransfer.utils.dependencies import MEDIAPIPE_LINE, mediapipe_line

PACKAGE = Path(mmposetransfer.__file__).parent
ROOT = PACKAGE.parent
CONFIGS = sorted((ROOT / 'configs').rglob('*.py'))
QUICK_START = 'dipt/full_synthfashion_64.py'

if not (ROOT / 'setup.py').exists():
    pytest.skip('needs a checkout of the repository', allow_module_level=True)


def models():
    index = yaml.safe_load((ROOT / 'model-index.yml').read_text())
    for path in index['Import']:
        yield from yaml.safe_load((ROOT / path).read_text())['Models']


@pytest.fixture(scope='module')
def source(tmp_path_factory):
    """A copy of the repository, to be built without a trace in it."""
    return copy_of_repository(ROOT, tmp_path_factory.mktemp('copy') / 'source')


@pytest.fixture(scope='module')
def sdist(source, tmp_path_factory):
    """The source distribution, as a file."""
    folder = tmp_path_factory.mktemp('sdist')
    code = (
        'import sys\n'
        'from setuptools import build_meta\n'
        'build_meta.build_sdist(sys.argv[1])\n'
    )
    subprocess.run(
        [sys.executable, '-c', code, folder],
        cwd=source,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (file,) = folder.iterdir()
    return file


@pytest.fixture(scope='module')
def installed(sdist, tmp_path_factory):
    """An environment with the wheel that is built from the sdist."""
    env = VirtualEnv(tmp_path_factory.mktemp('wheel') / 'env')
    env.pip_install('--ignore-installed', sdist)
    lend_compiled(env.site / 'mmposetransfer')
    return env


def lend_compiled(package):
    """Give an installed package what numba has compiled of the checkout.

    It would compile the same for half a minute.
    """
    for path in PACKAGE.rglob('*.nb[ic]'):
        if '.mim' not in path.parts:
            copy = package / path.relative_to(PACKAGE)
            copy.parent.mkdir(exist_ok=True)
            shutil.copy(path, copy)
    for path in PACKAGE.rglob('*.py'):  # numba compares dates
        if '.mim' not in path.parts:
            shutil.copystat(path, package / path.relative_to(PACKAGE))


@pytest.fixture
def installed_in_place():
    if not (PACKAGE / '.mim' / 'configs').exists():
        pytest.skip('needs `pip install -e .`, which links .mim')


def test_sdist_holds_the_whole_repository(source, sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition('/')[2] for name in archive.getnames()}
    files = {
        path.relative_to(source).as_posix()
        for path in source.rglob('*')
        if path.is_file()
    }
    files = {name for name in files if '.egg-info/' not in name}
    assert {
        'docs/extending.md',
        'projects/example_project/pyproject.toml',
        'tests/test_packaging.py',
        'setup.py',
    } <= files
    assert files <= names
    assert not any('__pycache__' in name or '.mim' in name for name in names)


def test_wheel_holds_what_the_repository_does(installed):
    package = installed.site / 'mmposetransfer'
    for path in CONFIGS:
        copy = package / '.mim' / path.relative_to(ROOT)
        assert copy.read_text() == path.read_text()
    assert (package / '.mim' / 'tools' / 'train.py').is_file()
    assert (package / '.mim' / 'demo' / 'image_demo.py').is_file()
    assert (package / 'py.typed').is_file()
    for asset in (PACKAGE / 'assets').rglob('*'):
        if asset.is_file() and '__pycache__' not in asset.parts:
            assert (package / asset.relative_to(PACKAGE)).is_file()
    for path in PACKAGE.rglob('*.py'):
        if '.mim' not in path.parts:
            assert (package / path.relative_to(PACKAGE)).is_file()
    for folder in ('tests', 'projects', 'docs', 'crisp_flow'):
        assert not (installed.site / folder).exists()


LOOK_UP = f"""
import sys
from pathlib import Path
import yaml
import mmposetransfer
from mmengine.hub import get_config, get_model
from mmengine.infer import BaseInferencer
from mmposetransfer.apis import find_config, list_models

package = Path(mmposetransfer.__file__).parent
assert package.parent == Path(sys.argv[1])
mim = package / '.mim'
config = mim / 'configs' / '{QUICK_START}'
assert Path(get_config('mmposetransfer::{QUICK_START}').filename) == config
assert find_config('dipt/full_synthfashion_64') == config
model = get_model('mmposetransfer::{QUICK_START}')
assert type(model).__name__ == 'DIPT'
assert 'dipt/full_deepfashion' in list_models()
# As mim does: from the index to the metafiles to the configs.
index = yaml.safe_load((mim / 'model-index.yml').read_text())
models = [model for path in index['Import']
          for model in yaml.safe_load((mim / path).read_text())['Models']]
assert all((mim / model['Config']).is_file() for model in models)
names = BaseInferencer.list_models('mmposetransfer')
assert {{model['Name'] for model in models}} <= set(names)
print(len(models))
"""


def test_models_and_configs_are_found_without_a_checkout(installed, tmp_path):
    done = installed.run('python', '-c', LOOK_UP, installed.site, cwd=tmp_path)
    assert int(done.stdout.split()[-1]) == len(list(models()))


def test_installed_command_trains_in_an_empty_folder_by_torchrun(
    installed, tmp_path
):
    options = [
        'train_dataloader.num_workers=0',
        'train_dataloader.batch_size=1',
        'train_dataloader.persistent_workers=False',
        'train_dataloader.dataset.num_pairs=2',
        'custom_hooks.0.stages.1.components.discriminator=0',
        'model.loss_perceptual=None',
    ]
    options += [f'custom_hooks.0.stages.{i}.epochs=1' for i in range(3)]
    installed.run(
        'python',
        '-m',
        'torch.distributed.run',
        '--standalone',
        '-m',
        'mmposetransfer',
        'train',
        'dipt/full_synthfashion_64',
        '--launcher',
        'pytorch',
        '--cfg-options',
        *options,
        cwd=tmp_path,
    )
    assert os.listdir(tmp_path) == ['work_dirs']
    work_dir = tmp_path / 'work_dirs' / 'full_synthfashion_64'
    assert (work_dir / 'epoch_3.pth').is_file()
    (log,) = work_dir.glob('*/*.log')
    assert 'Distributed training: True' in log.read_text()


def test_installed_command_is_there(installed, tmp_path):
    done = installed.run('mmposetransfer', '--help', cwd=tmp_path)
    assert 'list-models' in done.stdout


@pytest.mark.parametrize('way', ['editable', 'develop'])
def test_checkout_is_linked_by(way, source, tmp_path):
    env = VirtualEnv(tmp_path / 'env')
    shutil.rmtree(source / 'mmposetransfer' / '.mim', ignore_errors=True)
    if way == 'editable':
        env.pip_install('--ignore-installed', '-e', source)
    else:
        env.run(
            'python',
            'setup.py',
            '-q',
            'develop',
            '--no-deps',
            cwd=source,
            PIP_NO_BUILD_ISOLATION='0',
            PIP_IGNORE_INSTALLED='1',
            PIP_NO_INDEX='1',
        )
    mim = source / 'mmposetransfer' / '.mim'
    for name in ('configs', 'demo', 'tools', 'model-index.yml'):
        assert (mim / name).is_symlink() and (mim / name).exists(), name
    inherit = (
        'import mmposetransfer\n'
        'from mmengine.config import Config\n'
        f'base = "_base_ = \'mmposetransfer::{QUICK_START}\'"\n'
        'print(mmposetransfer.__file__)\n'
        'print(Config.fromstring(base, ".py").model.type)\n'
    )
    done = env.run('python', '-c', inherit, cwd=tmp_path)
    file, kind = done.stdout.split()
    assert Path(file).samefile(source / 'mmposetransfer' / '__init__.py')
    assert kind == 'DIPT'
    assert env.run('mmposetransfer', '--version').stdout.startswith(
        f'mmposetransfer {mmposetransfer.__version__}'
    )


def test_config_is_found_in_an_editable_install(installed_in_place):
    cfg = get_config(f'mmposetransfer::{QUICK_START}')
    assert Path(cfg.filename).samefile(ROOT / 'configs' / QUICK_START)


def test_config_inherits_from_an_installed_package(installed_in_place):
    cfg = Config.fromstring(
        f"_base_ = 'mmposetransfer::{QUICK_START}'\nlog_level = 'ERROR'\n",
        '.py',
    )
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
    assert all(
        '==' in line for line in lock if line and not line.startswith('#')
    )


def test_lock_file_has_mediapipe_where_there_is_a_wheel():
    """And nowhere else, as the line that installs it says."""
    (line,) = re.findall(
        r'^mediapipe==.*$',
        (ROOT / 'requirements' / 'lock.txt').read_text(),
        re.M,
    )
    marker = Requirement(line).marker
    # As PyPI has them: manylinux x86_64, macosx universal2, win_amd64.
    built_for = {
        ('linux', 'x86_64'): True,
        ('linux', 'aarch64'): False,
        ('darwin', 'x86_64'): True,
        ('darwin', 'arm64'): True,
        ('win32', 'AMD64'): True,
        ('win32', 'ARM64'): False,
    }
    for (system, machine), is_built in built_for.items():
        for minor in range(10, 15):
            there = is_built and minor <= 12
            assert there == marker.evaluate(
                dict(
                    python_version=f'3.{minor}',
                    sys_platform=system,
                    platform_machine=machine,
                )
            )
            line = mediapipe_line((3, minor), system, machine)
            assert (line == MEDIAPIPE_LINE) == there
            assert there or 'pip install rtmlib onnxruntime' in line


@pytest.mark.parametrize(
    'installed, asked_for',
    [
        ((), {'mmengine', 'mmcv-lite'}),
        (('mmengine',), {'mmengine', 'mmcv-lite'}),
        (('mmengine', 'mmcv'), {'mmengine'}),
        (('onedl-mmengine',), set()),  # mmcv-lite would bring mmengine over it
        (('onedl_mmengine', 'onedl_mmcv'), set()),
    ],
)
def test_pip_is_not_asked_to_overwrite_what_is_installed(
    installed, asked_for, tmp_path, monkeypatch
):
    for name in installed:
        folder = tmp_path / f'{name.replace("-", "_")}-1.0.dist-info'
        folder.mkdir()
        (folder / 'METADATA').write_text(
            f'Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n'
        )
    monkeypatch.setattr(sysconfig, 'get_path', lambda name: str(tmp_path))
    asked = {}
    monkeypatch.setattr(
        setuptools, 'setup', lambda **kwargs: asked.update(kwargs)
    )
    runpy.run_path(str(ROOT / 'setup.py'))
    names = {
        line.split('>')[0].split('<')[0] for line in asked['install_requires']
    }
    assert {'torch', 'numpy', 'smplx'} <= names
    assert names & {'mmengine', 'onedl-mmengine', 'mmcv', 'mmcv-lite'} == (
        asked_for
    )
    # The builds of OpenCV overwrite one another, too.
    assert not any('opencv' in name for name in names)
