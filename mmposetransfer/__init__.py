"""mmposetransfer: human pose transfer on MMEngine.

Importing the package registers its name with MMEngine, so that
``mmposetransfer::dipt/...`` config names and ``mmposetransfer.X`` types
resolve from any library of the ecosystem. It imports neither torchvision
nor compiled operators.
"""

import warnings
from importlib.util import find_spec

from .utils.broken_imports import mending_line
from .utils.dependencies import part_of, warn_of_problems
from .version import __version__

__all__ = ['__version__']


def _register_name() -> None:
    """Add the package to MMEngine's closed list of config owners.

    Its folder is to be found by importing it (the name of a module inside
    it): by the name of the distribution MMEngine would look in
    site-packages, where an editable install has nothing.
    """
    try:
        from mmengine.config.utils import MODULE2PACKAGE
    except Exception as error:  # `mmposetransfer doctor` says more
        warnings.warn(
            f'mmengine is installed but broken ({error!r}): '
            f'{mending_line(error, part_of("mmengine"))}'
        )
        return
    MODULE2PACKAGE.setdefault('mmposetransfer', 'mmposetransfer.version')


warn_of_problems()
if find_spec('mmengine') is not None:
    _register_name()
