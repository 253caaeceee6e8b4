"""What is wrong with a ``type`` or an argument, and what was meant."""

import difflib
from importlib import import_module

from mmposetransfer.utils.signatures import accepted_arguments


def find_type(name, registry):
    """The class called ``name`` in a registry or its parents, or None."""
    try:
        obj = registry.get(name)
    except RuntimeError:  # MMEngine's answer to a dotted name it cannot find
        return None
    return obj if callable(obj) else None  # it finds modules by name, too


def nearest_names(name, candidates, count=3, cutoff=0.5):
    """The registered or accepted names closest to a misspelt one."""
    return difflib.get_close_matches(
        str(name), sorted(map(str, candidates)), n=count, cutoff=cutoff
    )


def did_you_mean(name, candidates):
    """A sentence with the names closest to a misspelt one, or ''."""
    near = nearest_names(name, candidates)
    return f' Did you mean {", ".join(map(repr, near))}?' if near else ''


def unknown_type_message(name, registry):
    """What to tell a user whose ``type`` is in no registry.

    Args:
        name (str): The type as written, with its scope if it has one.
        registry (mmengine.Registry): Where it was looked for.

    Returns:
        str: One sentence with what is wrong, one with the way out.
    """
    scope, real_name = registry.split_scope_key(name)
    if scope is not None:
        problem = scope_problem(scope)
        if problem:
            return f"'{name}' cannot be found: {problem}."
        registry = registry.root.children.get(scope, registry.root)
    near = did_you_mean(real_name, registered_names(registry))
    return (
        f"'{name}' is not registered in '{registry.scope}::"
        f"{registry.name}'.{near} A class of your own has to be imported "
        "first: list its module in the config's 'custom_imports'."
    )


def registered_names(registry):
    """The names of all types that a registry and its parents know."""
    names = set()
    while registry is not None:
        names.update(registry.module_dict)
        registry = registry.parent
    return names


def scope_problem(scope):
    """Why the types of another library are out of reach, or ''."""
    module = f'{scope}.registry'
    try:
        import_module(module)
    except Exception as error:  # whatever an installed library may raise
        missing = getattr(error, 'name', None)
        if missing == scope:
            return f"no package '{scope}' is installed"
        if missing == module:
            return f"'{scope}' holds no such object and no registries"
        return (
            f"importing '{module}' failed with {type(error).__name__}: {error}"
        )
    return ''


def unknown_argument_message(obj, kwargs):
    """What to tell a user who passed arguments that ``obj`` does not take.

    Returns:
        str: The message, or an empty string when all arguments are known.
    """
    names, open_ended = accepted_arguments(obj)
    if open_ended:
        return ''
    called = getattr(obj, '__name__', str(obj))
    return ' '.join(
        f"'{called}' has no argument '{key}'.{did_you_mean(key, names)}"
        for key in sorted(set(kwargs) - names)
    )
