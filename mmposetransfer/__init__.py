"""mmposetransfer: human pose transfer on MMEngine.

Importing the package registers its name with MMEngine, so that
``mmposetransfer::dipt/...`` config names and ``mmposetransfer.X`` types
resolve from any library of the ecosystem. It imports neither torchvision
nor compiled operators.
"""

from mmengine.config.utils import MODULE2PACKAGE

from .version import __version__

# MMEngine resolves `scope::config` names through a closed list of packages.
MODULE2PACKAGE.setdefault('mmposetransfer', 'mmposetransfer')

__all__ = ['__version__']
