"""Checks of what is installed, by using it."""

from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path

import mmposetransfer
from mmposetransfer.doctor.collect_env import MMCV_OPS_LINE, optional_line
from mmposetransfer.doctor.finding import (
    FAILED,
    OK,
    WARNING,
    Finding,
    missing_package,
)
from mmposetransfer.utils.broken_imports import mending_line
from mmposetransfer.utils.dependencies import (
    CORE,
    OPTIONAL,
    installed_distributions,
    installed_folder,
    part_of,
    problem,
)
from mmposetransfer.version import __version__

__all__ = [
    'check_configs',
    'check_numba',
    'check_package',
    'check_packages',
    'check_poses',
    'check_registries',
    'check_warp',
]

PACKAGE = Path(mmposetransfer.__file__).resolve().parent
REINSTALL = 'pip install -e . (in a checkout), or pip install the wheel again'


def check_package():
    """Whether pip knows the package that is imported."""
    where = f'mmposetransfer {__version__} in {PACKAGE}'
    try:
        version = metadata.version('mmposetransfer')
    except metadata.PackageNotFoundError:
        return Finding(OK, f'{where}, found by PYTHONPATH or the folder')
    if version != __version__:
        return Finding(
            WARNING,
            f'{where}, but pip installed {version}: the command and '
            'the list of requirements are those of the other',
            REINSTALL,
        )
    return Finding(OK, where)


def check_packages():
    """Whether what is required is there, new enough, alone and imports."""
    findings = [f for part in CORE for f in _check_part(part)]
    findings += [Finding(FAILED, text, mend) for text, mend in _outdated()]
    findings += _broken_optional()
    if not any(f.status == FAILED for f in findings):
        findings.insert(
            0, Finding(OK, f'all {len(CORE)} that are required can be used')
        )
    return findings


def _check_part(part):
    message = problem(part)
    if message:
        text, _, mend = message.partition(': ')
        return [Finding(FAILED, text, mend)]
    try:
        import_module(part.module)
    except Exception as error:
        if missing_package(error) not in ('', part.module):
            return []
        text = f'importing {part.module} fails, {type(error).__name__}: '
        return [
            Finding(
                FAILED,
                text + ' '.join(str(error).split()),
                mending_line(error, part),
            )
        ]
    versions = installed_distributions(part)
    folders = {installed_folder(name) for name in versions} - {None}
    # Builds of OpenCV get along in one folder, if they are the same.
    if len(set(versions.values())) > 1 and len(folders) < 2:
        names = ', '.join(f'{n} {v}' for n, v in versions.items())
        return [
            Finding(
                WARNING,
                f'{names} lie in one folder, and are of several versions',
                f'pip uninstall -y {" ".join(versions)} && {part.install}',
            )
        ]
    return []


def _outdated():
    """(what, command) of each requirement that the environment breaks."""
    from packaging.requirements import Requirement

    try:
        lines = metadata.requires('mmposetransfer') or []
    except metadata.PackageNotFoundError:
        return
    for requirement in map(Requirement, lines):
        if requirement.marker and not requirement.marker.evaluate(
            {'extra': ''}
        ):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            continue  # told above, or there under another name
        if not requirement.specifier.contains(version, prereleases=True):
            wanted = f'{requirement.name}{requirement.specifier}'
            yield (
                f'{requirement.name} {version} is installed, '
                f'{requirement.specifier} is required',
                f'pip install "{wanted}"',
            )


def _broken_optional():
    """Optional packages that are there and cannot be imported."""
    for part in OPTIONAL:
        if find_spec(part.module) is not None:
            line = optional_line(part)
            if 'FAILS' in line:
                text, _, mend = line.rpartition(': ')
                yield Finding(WARNING, f'{text} ({part.purpose})', mend)


def check_configs():
    """Whether the configs are found, beside the code or in ``.mim``."""
    for folder in (PACKAGE.parent, PACKAGE / '.mim'):
        configs = [
            path
            for path in folder.glob('configs/*/*.py')
            if path.parent.name != '_base_'
        ]
        if configs and (folder / 'model-index.yml').is_file():
            return Finding(OK, f'{len(configs)} in {folder / "configs"}')
    return Finding(
        FAILED,
        f'neither {PACKAGE.parent} nor {PACKAGE}/.mim has '
        'configs and model-index.yml',
        REINSTALL,
    )


def check_registries():
    """Whether all modules that register types can be imported."""
    from mmposetransfer import registry
    from mmposetransfer.utils.setup_env import register_all_modules

    register_all_modules(set_default_scope=False)
    nodes = [
        node
        for node in vars(registry).values()
        if isinstance(node, registry.Registry)
    ]
    count = sum(len(node.module_dict) for node in nodes)
    return Finding(OK, f'{count} registered')


def check_warp():
    """Whether each backend warps, and back-propagates, as it should."""
    import torch

    from mmposetransfer.models.warping import available_backends

    devices = ['cpu'] + ['cuda'] * torch.cuda.is_available()
    done = []
    for backend in available_backends():
        for device in devices:
            wrong = _warp_error(backend, device)
            if wrong > 1e-5:
                mend = (
                    MMCV_OPS_LINE
                    if backend == 'mmcv'
                    else ('pip install --force-reinstall torch')
                )
                return Finding(
                    FAILED,
                    f'{backend} on {device} is wrong by {wrong:.2g}',
                    mend,
                )
            done.append(f'{backend} on {device}')
    return Finding(OK, f'{", ".join(done)}: forward and backward are right')


def _warp_error(backend, device):
    """Largest error of values and gradients for a known flow.

    With x = 3 * column + 5 * row, sampling at the pixel plus (0.5, -0.25)
    gives x + 0.25, and the derivative by the flow is (3, 5).
    """
    import torch

    from mmposetransfer.models.warping import flow_warp

    rows, columns = torch.meshgrid(
        torch.arange(6.0), torch.arange(7.0), indexing='ij'
    )
    x = (3 * columns + 5 * rows).expand(1, 1, 6, 7).to(device)
    flow = torch.tensor([0.5, -0.25]).view(1, 2, 1, 1).expand(1, 2, 6, 7)
    flow = flow.clone().to(device).requires_grad_()
    warped = flow_warp(x, flow, backend=backend)
    warped.sum().backward()
    inside = (..., slice(1, -1), slice(1, -1))
    slopes = torch.tensor([3.0, 5.0], device=device).view(1, 2, 1, 1)
    return max(
        (warped - x - 0.25)[inside].abs().max().item(),
        (flow.grad - slopes)[inside].abs().max().item(),
    )


def check_numba():
    """Whether the rasterizer compiles, and counts a triangle's pixels."""
    import numpy as np

    from mmposetransfer.geometry import rasterize

    corners = np.float32([[0, 0, 1], [8, 0, 1], [0, 8, 1]])
    drawn = rasterize(corners, np.array([[0, 1, 2]]), (9, 9)).face >= 0
    columns, rows = np.meshgrid(np.arange(9), np.arange(9))
    if not (drawn == (columns + rows < 8)).all():
        return Finding(
            FAILED,
            'the rasterizer draws a wrong triangle',
            'pip install --force-reinstall numba numpy',
        )
    return Finding(OK, 'compiles the rasterizer, which draws a triangle right')


def check_poses():
    """Whether people can be looked for in photographs, offline."""
    import numpy as np

    from mmposetransfer.pose_estimators import build_pose_estimator

    part = part_of('mediapipe')
    if find_spec(part.module) is None:
        return Finding(
            WARNING,
            'mediapipe is missing: photographs need files of their keypoints',
            part.install,
        )
    if 'FAILS' in optional_line(part):
        return Finding(WARNING, 'mediapipe is broken, as told above')
    grey = np.full((64, 64, 3), 128, np.uint8)
    (persons,) = build_pose_estimator('auto')([grey])
    if len(persons):
        return Finding(
            WARNING,
            'mediapipe sees a person where there is none',
            f'{part.install} --force-reinstall',
        )
    return Finding(OK, 'mediapipe looks for people in photographs')
