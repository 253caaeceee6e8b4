"""Which keyword arguments a class or function takes, seen from outside."""

import ast
import inspect
import textwrap
from collections.abc import Callable

_NAMED = (
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)


def accepted_arguments(obj: Callable) -> tuple[set[str], bool]:
    """The keyword arguments that a class or function takes.

    A constructor that hands its ``**kwargs`` on to ``super().__init__``, and
    uses them for nothing else, takes the arguments of its base class too.

    Args:
        obj: A class, a function or a ``functools.partial``.

    Returns:
        The names; then whether any other name may be right as well, as with
        a ``**kwargs`` of another use, or a builtin without a signature.
    """
    parameters, open_ended = _parameters(obj)
    return set(parameters), open_ended


def argument_defaults(obj: Callable) -> dict[str, object]:
    """The same arguments with their defaults, in the order of the signature.

    Returns:
        Name -> default; ``inspect.Parameter.empty`` where one is required.
    """
    parameters, _ = _parameters(obj)
    return {name: p.default for name, p in parameters.items()}


def _parameters(obj):
    """({name: parameter}, whether there may be others)."""
    found = {}
    for function in _chain(obj):
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):
            return found, True
        for p in parameters:
            if p.kind in _NAMED and p.name != 'self':
                found.setdefault(p.name, p)
        rest = [p.name for p in parameters if p.kind is p.VAR_KEYWORD]
        if not rest:
            return found, False
        if not _only_for_super(function, rest[0]):
            return found, True
    return found, False


def required_arguments(obj: Callable) -> set[str]:
    """The arguments without which a class or function cannot be called."""
    try:
        parameters = inspect.signature(obj).parameters.values()
    except (TypeError, ValueError):
        return set()
    return {
        p.name for p in parameters if p.kind in _NAMED and p.default is p.empty
    }


def _chain(obj):
    """The callables whose arguments ``obj`` takes if each hands them on."""
    if not inspect.isclass(obj) or obj.__init__ is object.__init__:
        return [obj]
    return [
        vars(base)['__init__']
        for base in obj.__mro__[:-1]
        if '__init__' in vars(base)
    ]


def _only_for_super(function: Callable, rest: str) -> bool:
    """Whether ``**rest`` goes to ``super().__init__`` and nowhere else."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return False
    uses = sum(
        isinstance(node, ast.Name) and node.id == rest
        for node in ast.walk(tree)
    )
    handed_on = sum(
        keyword.arg is None
        and isinstance(keyword.value, ast.Name)
        and keyword.value.id == rest
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _is_super_init(node)
        for keyword in node.keywords
    )
    return uses == handed_on


def _is_super_init(node: ast.Call) -> bool:
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr == '__init__'
        and isinstance(node.func.value, ast.Call)
        and isinstance(node.func.value.func, ast.Name)
        and node.func.value.func.id == 'super'
    )
