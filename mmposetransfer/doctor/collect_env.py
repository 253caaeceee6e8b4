"""What is installed here: ``python -m mmposetransfer.doctor.collect_env``.

Prints versions, the warp backends and the optional parts, and for each that
is missing the line that installs it. It runs where MMEngine or torch is
missing or broken, as that is when it is wanted.
"""

import platform
from importlib import import_module
from importlib.util import find_spec

from mmposetransfer.utils.broken_imports import (
    lacks_requirement,
    mending_line,
)
from mmposetransfer.utils.dependencies import (
    CORE,
    OPTIONAL,
    Part,
    installed_distributions,
    installed_version,
    problem,
)
from mmposetransfer.version import __version__

# Optional parts that may be installed and yet fail to import.
_TRIED_BY_IMPORT = {'torchvision', 'mmdet', 'mmpose', 'mmagic', 'mediapipe'}

MMCV_OPS_LINE = (
    'pip install "setuptools<81" wheel && pip uninstall -y mmcv-lite && '
    'MMCV_WITH_OPS=1 pip install --no-deps --no-build-isolation '
    'mmcv==2.2.0 (compiles for half an hour)'
)


def collect_env() -> dict[str, dict[str, str]]:
    """Look at what is installed.

    Returns:
        dict: For each section of the report (``'System'``, ``'Core'``,
        ``'Warp backends'``, ``'Optional parts'``) what was found, by name.
    """
    return {
        'System': _system(),
        'Core': {part.module: _core_line(part) for part in CORE},
        'Warp backends': {
            'grid_sample': _or_error(lambda: _import('torch') and 'available'),
            'mmcv': _or_error(_mmcv_backend),
        },
        'Optional parts': {
            part.module: optional_line(part) for part in OPTIONAL
        },
    }


def _import(module: str):
    return import_module(module)


def _or_error(look) -> str:
    """What ``look`` finds, or the error it meets, on one line."""
    try:
        return look()
    except Exception as error:  # a broken package may raise anything
        return _failure(error)


def _failure(error):
    return f'FAILS, {type(error).__name__}: {" ".join(str(error).split())}'


def _system() -> dict[str, str]:
    """MMEngine's own report, less torch's page of build flags."""
    found = {'mmposetransfer': __version__}
    try:
        from mmengine.utils.dl_utils import collect_env as of_mmengine

        details = of_mmengine()
    except Exception:  # no MMEngine, or a Python without distutils
        details = {
            'sys.platform': platform.platform(),
            'Python': platform.python_version(),
        }
    skip = {'PyTorch compiling details', 'numpy_random_seed'}
    return found | {k: str(v) for k, v in details.items() if k not in skip}


def _versions(part: Part) -> str:
    return (
        ', '.join(
            f'{name} {version}'
            for name, version in installed_distributions(part).items()
        )
        or 'installed'
    )


def _core_line(part: Part) -> str:
    broken = problem(part)
    if broken:
        return broken
    try:
        _import(part.module)
    except Exception as error:  # a broken package may raise anything
        return f'{_failure(error)}: {mending_line(error, part)}'
    return _versions(part)


def _mmcv_backend() -> str:
    if find_spec('mmcv') is None or find_spec('mmcv._ext') is None:
        return f'no compiled operators: {MMCV_OPS_LINE}'
    _import('mmcv.ops').modulated_deform_conv2d  # noqa: B018
    return 'available'


def optional_line(part: Part) -> str:
    """The versions of an optional part, or the line that installs it."""
    if find_spec(part.module) is None:
        return f'missing ({part.purpose}): {_install_line(part)}'
    if part.module not in _TRIED_BY_IMPORT:
        return _versions(part)
    try:
        _import(part.module)
    except Exception as error:  # a broken package may raise anything
        mend = (
            mending_line(error, part)
            if lacks_requirement(error, part)
            else _install_line(part)
        )
        return f'{_versions(part)} {_failure(error)}: {mend}'
    return _versions(part)


def _install_line(part: Part) -> str:
    if part.module != 'torchvision':
        return part.install
    return torchvision_line(installed_version('torch'))


def torchvision_line(torch_version: str | None) -> str:
    """The line that installs the torchvision of a torch release.

    torchvision 0.(n + 15) belongs to torch 2.n, and both have to come from
    the same index: beside torch's CPU build only its CPU build imports.
    """
    if torch_version is None or not torch_version.startswith('2.'):
        return 'pip install torch torchvision'
    release, _, build = torch_version.partition('+')
    _, minor, patch = release.split('.')[:3]
    line = f'pip install torchvision==0.{int(minor) + 15}.{patch}'
    if build:
        line += f' --index-url https://download.pytorch.org/whl/{build}'
    return line


def format_env() -> str:
    """The report as text."""
    lines = []
    for title, rows in collect_env().items():
        lines += ['', title]
        width = max(map(len, rows))
        lines += [
            f'  {name:<{width}}  {value}' for name, value in rows.items()
        ]
    return '\n'.join(lines[1:])


def main() -> None:
    """Print the report."""
    print(format_env())


if __name__ == '__main__':
    main()
