"""Helpers around the library: environment report, config check, set-up.

The exports are loaded when first asked for, so that
``python -m mmposetransfer.utils.collect_env`` runs where MMEngine does not.
"""

from importlib import import_module

_HOMES = {
    'ConfigError': 'config_check',
    'FoundPictures': 'folders',
    'LeftOut': 'left_out',
    'Picture': 'folders',
    'accepted_arguments': 'signatures',
    'check_config': 'config_check',
    'find_pictures': 'folders',
    'register_all_modules': 'setup_env',
}

__all__ = sorted(_HOMES)


def __getattr__(name):
    if name not in _HOMES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(f'{__name__}.{_HOMES[name]}'), name)
