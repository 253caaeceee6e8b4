"""What belongs nowhere else: signatures, processes, packages, messages.

Nothing here imports MMEngine or torch when it is imported, but for ``dist``.
"""

from .setup_env import register_all_modules
from .signatures import accepted_arguments

__all__ = ['accepted_arguments', 'register_all_modules']
