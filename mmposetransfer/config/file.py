"""Read a config, and say what is wrong with one that cannot be read."""

from argparse import ArgumentError
from textwrap import shorten

from mmengine.config import Config, DictAction
from mmengine.utils import import_modules_from_strings

from mmposetransfer.config.roles import runner_keys
from mmposetransfer.errors import UserValueError
from mmposetransfer.utils.build_errors import did_you_mean

__all__ = [
    'OptionsAction',
    'change_config',
    'import_custom_modules',
    'read_config',
]


def read_config(path, options=None):
    """Read a config and make changes to it.

    Args:
        path (str | Path): A .py, .json or .yaml file; a .py is run.
        options (dict, optional): Changes; their keys are dotted paths.

    Returns:
        mmengine.Config: The config with the changes.

    Raises:
        ValueError: If the file, a file that it is based on, an import that
            it asks for, or a change is wrong.
    """
    try:
        cfg = Config.fromfile(path)
    except Exception as error:  # the user's code may raise anything
        raise UserValueError(
            f"the config '{path}' cannot be read: {_reason(error)}"
        ) from error
    return change_config(cfg, options)


def change_config(cfg, options):
    """Make changes to a config.

    Args:
        cfg (mmengine.Config): Changed in place.
        options (dict | None): Changes; their keys are dotted paths.

    Returns:
        mmengine.Config: The same object.

    Raises:
        ValueError: If there is no place for a change.
    """
    known = runner_keys() | set(cfg) | {'image_size'}
    for key, value in (options or {}).items():
        top = key.split('.')[0]
        if top not in known:
            raise UserValueError(
                f"the config has no key '{top}' that {key} could "
                f'change.{did_you_mean(top, known)}'
            )
        try:
            cfg.merge_from_dict({key: value})
        except (
            AttributeError,
            IndexError,
            KeyError,
            TypeError,
            ValueError,
        ) as error:
            reason = str(error.args[0]) if error.args else type(error).__name__
            raise UserValueError(
                f"the config's {key} cannot be set to {value!r}: "
                f'{shorten(reason, 200)}'
            ) from error
    return cfg


def import_custom_modules(cfg):
    """Import what the ``custom_imports`` of a config name.

    Raises:
        ValueError: If an import fails, and was not allowed to.
    """
    custom = cfg.get('custom_imports')
    if not custom:
        return
    try:
        import_modules_from_strings(**custom)
    except Exception as error:  # a user's module may raise anything
        raise UserValueError(
            f"the config's custom_imports: {_reason(error)}"
        ) from error


def _reason(error):
    if isinstance(error, ImportError):
        while error.__cause__ or error.__context__:
            # MMEngine's own message lists the whole search path.
            error = error.__cause__ or error.__context__
        return (
            f'an import that it asks for failed with '
            f'{type(error).__name__}: {error}'
        )
    line = error.lineno if isinstance(error, SyntaxError) else _line(error)
    place = f'line {line}: ' if line else ''
    return f'{place}{type(error).__name__}: {error}'


def _line(error):
    """The line of the config, or of its base, that raised; None elsewhere."""
    line, traceback = None, error.__traceback__
    while traceback is not None:
        # Where MMEngine runs a config it puts what it is based on.
        if '_base_' in traceback.tb_frame.f_globals:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


class OptionsAction(DictAction):
    """MMEngine's KEY=VALUE arguments; one without '=' is told as such.

    MMEngine takes all blanks out of a value, also out of a path.
    """

    @staticmethod
    def _parse_iterable(val):
        plain = val.strip('\'"')
        if ',' in plain or plain[:1] in ('(', '['):
            return DictAction._parse_iterable(val)
        return DictAction._parse_int_float_bool(plain)

    def __call__(self, parser, namespace, values, option_string=None):
        """Add the pairs to the dictionary of the ones before."""
        for value in values:
            if '=' not in value:
                raise ArgumentError(self, f"expected KEY=VALUE, got '{value}'")
        try:
            super().__call__(parser, namespace, values, option_string)
        except (AssertionError, ValueError) as error:
            raise ArgumentError(self, f'{values}: {error}') from error
