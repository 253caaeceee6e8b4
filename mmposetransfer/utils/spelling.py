"""Messages in the words of whoever reads them.

A message says which argument mends what is wrong. Who calls on behalf of
another one spells that argument otherwise: the inferencer's ``target_name``
is the ``image_name`` of `load_keypoints`, and ``--target-name`` on the command
line. So each layer says how it spells what it hands down (`spelled`), and
messages ask for the word of the outermost (`spell`).
"""

from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ['spell', 'spelled']

_UNSET = object()
# What each layer says, the innermost first.
_layers: ContextVar[tuple[dict, ...]] = ContextVar('layers', default=())


@contextmanager
def spelled(**words):
    """Say how arguments are spelled by the caller of what the block calls.

    Args:
        **words (str): Argument -> what the caller calls it: an argument of
            its own, or an option such as '--batch-size'.

    Examples:
        >>> with spelled(target_name='--target-name'):
        ...     with spelled(image_name='target_name'):
        ...         spell('image_name')
        '--target-name'
    """
    token = _layers.set((words, *_layers.get()))
    try:
        yield
    finally:
        _layers.reset(token)


def spell(argument, value=_UNSET):
    """What the caller calls an argument, and how it gives it a value.

    Args:
        argument (str): As the code that raises calls it.
        value (Any, optional): What to set it to.

    Returns:
        str: Such as ``image_name`` or ``device='cpu'``; on the command line
        ``--target-name``, ``--device cpu`` and, of a value that is True,
        ``--skip-missing``.
    """
    for words in _layers.get():
        argument = words.get(argument, argument)
    if value is _UNSET:
        return argument
    if not argument.startswith('--'):
        return f'{argument}={value!r}'
    return argument if value is True else f'{argument} {value}'
