"""What a registered type is for and how a config names it, as text."""

import inspect
import re

from mmposetransfer.utils.signatures import (
    accepted_arguments,
    argument_defaults,
)

__all__ = ['as_config', 'origin', 'plain_docstring', 'summary']


def summary(obj):
    """What a docstring's first paragraph says, on one line.

    Args:
        obj (Callable): The class or function.

    Returns:
        str: Without markup; '' where it has no docstring of its own.
    """
    if not vars(obj).get('__doc__'):  # that of a base class says little
        return ''
    paragraph = plain_docstring(obj).partition('\n\n')[0]
    return ' '.join(paragraph.split())


def plain_docstring(obj):
    """The docstring of a class or function without Sphinx's markup."""
    doc = (inspect.getdoc(obj) or '').strip()
    return re.sub(r':\w+:`~?\.?([^`]*)`|``([^`]*)``', r'\1\2', doc)


def origin(obj):
    """Where a class or function is written, as ``file:line``."""
    try:
        line = inspect.getsourcelines(obj)[1]
        return f'{inspect.getsourcefile(obj)}:{line}'
    except (OSError, TypeError):
        return ''


def as_config(name, obj):
    """The part of a config that names a type, with all of its arguments.

    Args:
        name (str): The type's name in the registry.
        obj (Callable): The class or function.

    Returns:
        str: Python, several lines; ``...`` stands for what is required.

    Examples:
        >>> from mmposetransfer.models import GANLoss
        >>> print(as_config('GANLoss', GANLoss))
        dict(
            type='GANLoss',
            gan_type='vanilla',
            loss_weight=1.0)
    """
    rows = [f'type={name!r}']
    for argument, default in argument_defaults(obj).items():
        required = default is inspect.Parameter.empty
        rows.append(f'{argument}={"..." if required else _code(default)}')
    text = 'dict(\n' + ',\n'.join(f'    {row}' for row in rows) + ')'
    open_ended = accepted_arguments(obj)[1]
    return f'{text}  # and others, which it hands on' if open_ended else text


def _code(value):
    """A default as one writes it in a config."""
    if isinstance(value, dict) and all(
        isinstance(k, str) and k.isidentifier() for k in value
    ):
        items = ', '.join(f'{k}={_code(v)}' for k, v in value.items())
        return f'dict({items})'
    if inspect.isclass(value) or inspect.isroutine(value):
        return f'{value.__module__}.{value.__qualname__}'
    return repr(value)
