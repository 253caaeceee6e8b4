"""What an import that failed wants, and the line that installs it.

Nothing here imports MMEngine or torch.
"""

import re
import sys
from importlib import metadata

from .dependencies import CORE, Part, installed_version

__all__ = [
    'distribution_of',
    'lacks_requirement',
    'mending_line',
    'wanted_module',
]

# Of modules that are called otherwise than what pip installs.
_DISTRIBUTIONS = dict(
    PIL='pillow',
    absl='absl-py',
    attr='attrs',
    cv2='opencv-python-headless',
    dateutil='python-dateutil',
    google='protobuf',
    markdown_it='markdown-it-py',
    mpl_toolkits='matplotlib',
    skimage='scikit-image',
    sklearn='scikit-learn',
    yaml='pyyaml',
)
# Some of setuptools' modules, the first of which went with release 82, and the
# second with Python 3.12.
_SETUPTOOLS = ('pkg_resources', 'distutils')
# The desktop build of OpenCV on a machine without a desktop.
_GL_LINE = (
    'pip uninstall -y opencv-python opencv-contrib-python && '
    'pip install --force-reinstall --no-deps opencv-python-headless'
)


def wanted_module(error: BaseException) -> str:
    """The package, without sub-modules, that an import wanted, or ''."""
    name = (
        getattr(error, 'name', None)
        if isinstance(error, ImportError)
        else None
    )
    return (name or '').partition('.')[0]


def lacks_requirement(error: BaseException, part: Part) -> bool:
    """Whether a part lacks what the line that installs it does not bring."""
    module = wanted_module(error)
    known = {'', part.module, *(core.module for core in CORE)}
    return module not in known and (
        distribution_of(module) not in part.install.split()
    )


def mending_line(error: BaseException, part: Part | None = None) -> str:
    """The command that mends an import.

    Args:
        error: What importing something raised.
        part: What was imported. Where an import within it has failed, that
            one is mended, not the part.

    Returns:
        The command, or '' where there is none: the error is of another kind,
        and there is no part that could be installed again.
    """
    if 'libGL' in str(error):
        return _GL_LINE
    module = wanted_module(error)
    if part is not None and module in ('', part.module):
        install = part.install.replace(' --no-deps', '')
        return f'{install} --no-deps --force-reinstall'
    if not module:
        return ''
    if module in _SETUPTOOLS:
        return 'pip install "setuptools<82"'
    if module in sys.stdlib_module_names:
        return f'another build of Python, as this one lacks its {module}'
    distribution = distribution_of(module)
    wanted = distribution + _versions_wanted(part, distribution)
    again = (
        ' --force-reinstall --no-deps'
        if installed_version(distribution)
        else ''
    )
    quote = '"' if re.search(r'[<>=!~]', wanted) else ''
    return f'pip install{again} {quote}{wanted}{quote}'


def distribution_of(module: str) -> str:
    """The name under which pip installs a module.

    Args:
        module: Its top-level name, such as 'yaml'.

    Returns:
        The installed distribution that says it has the module; else the one
        that is known to have it; else one of the same name.
    """
    owners = metadata.packages_distributions().get(module)
    return _plain(owners[0] if owners else _DISTRIBUTIONS.get(module, module))


def _versions_wanted(part, distribution):
    """What a part asks for, or else any, such as '<0.51,>=0.50', or ''."""
    parts = (part,) if part else CORE
    for owner in (name for part in parts for name in part.distributions):
        try:
            lines = metadata.requires(owner) or []
        except metadata.PackageNotFoundError:
            continue
        for line in lines:
            line, _, marker = line.partition(';')
            found = re.match(r'([\w.-]+)(.*)', line)
            if (
                found
                and _plain(found[1]) == distribution
                and 'extra' not in marker
            ):
                return re.sub(r'[ ()]', '', found[2])
    return ''


def _plain(name):
    return re.sub(r'[-_.]+', '-', name).lower()
