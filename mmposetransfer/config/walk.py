"""A walk through a config that holds every part against its class."""

from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module

from mmengine import registry as root
from mmengine.config.lazy import LazyAttr, LazyObject

from mmposetransfer.config.roles import (
    COMPLETE_KINDS,
    EXTRA_KEYS,
    FREE_KEYS,
    KINDS,
    dataloader_keys,
    default_type,
    kind_of_child,
    settings_keys,
)
from mmposetransfer.utils.build_errors import (
    did_you_mean,
    find_type,
    nearest_names,
    registered_names,
    scope_problem,
    unknown_argument_message,
    unknown_type_message,
)
from mmposetransfer.utils.signatures import (
    accepted_arguments,
    required_arguments,
)

# Where a name may be right as it is: how alike (as difflib has it) it has to
# be to a known one before it is taken for a misspelling of that.
ALMOST = 0.87


def _unknown_keys(node, known, path):
    """Keys of a dictionary that are none of the known ones."""
    for key in sorted(set(node) - known):
        yield f"{path}: there is no key '{key}'.{did_you_mean(key, known)}"


def _each(value, path):
    """(path, item) for each item of a list, or for the value itself."""
    if isinstance(value, (list, tuple)):
        return [(f'{path}[{i}]', item) for i, item in enumerate(value)]
    return [(path, value)]


@dataclass(frozen=True)
class Place:
    """Where in a config a value stands, and what is known of it.

    Attributes:
        path: The dotted path, as in ``--cfg-options``.
        kind: What has to stand here, a key of ``KINDS``; None: anything.
        near: The kind of the nearest object around.
        sure: Whether the object around builds all of its parts from the
            registries. A class of another library may use a ``type`` that is
            in none of them, or take keys out before it builds.
    """

    path: str
    kind: str | None = None
    near: str | None = None
    sure: bool = False

    def at(self, path):
        """The same place with another path."""
        return replace(self, path=path)


class ConfigWalker:
    """Goes through a config and yields what is wrong, with its path."""

    def __init__(self, scope):
        self.scope = scope

    def top_level(self, key, value):
        """Problems below a top-level key.

        Keys that the Runner does not read are the user's own variables, and
        count where they are used.
        """
        if key.endswith('_dataloader'):
            for path, node in _each(value, key):
                if isinstance(node, dict):
                    yield from _unknown_keys(node, dataloader_keys(), path)
                    yield from self._children(node, Place(path, 'dataloader'))
        elif settings_keys(key) and isinstance(value, dict):
            yield from _unknown_keys(value, settings_keys(key), key)
        elif kind_of_child(None, key):
            place = Place(key, kind_of_child(None, key))
            yield from self._visit(value, place)

    def _visit(self, value, place):
        """Problems of a value and of all that it holds."""
        if isinstance(value, (list, tuple)):
            for path, item in _each(value, place.path):
                yield from self._visit(item, place.at(path))
        elif isinstance(value, (LazyObject, LazyAttr)):
            problem = _build_lazy(value)[1]
            if problem:
                yield f'{place.path}: {problem}'
        elif isinstance(value, dict) and value:
            before, self.scope = self.scope, value.get('_scope_', self.scope)
            problem = '_scope_' in value and scope_problem(self.scope)
            if problem:
                yield f'{place.path}._scope_: {problem}.'
            else:
                yield from self._node(value, place)
            self.scope = before

    def _node(self, node, place):
        path, kind = place.path, place.kind
        if '_delete_' in node:
            yield (
                f"{path}: '_delete_' has nothing to delete, as no '_base_' "
                'sets this key. Remove it.'
            )
        obj = None
        name = dict.get(node, 'type') or default_type(kind, node)
        if name is not None:
            obj, problem = self._resolve(name, place)
            if problem:
                yield f'{path}.type: {problem}'
            if obj is not None:
                yield from _argument_problems(obj, node, place)
        elif kind in COMPLETE_KINDS and path != 'default_hooks':
            yield f"{path}: there is no 'type', which has to name a {kind}."
        constructor = dict.get(node, 'constructor')
        if kind == 'optim wrapper' and constructor is not None:
            kind_here = replace(place, kind='optim wrapper constructor')
            _, problem = self._resolve(constructor, kind_here)
            if problem:
                yield f'{path}.constructor: {problem}'
        yield from self._children(node, place, obj, group=name is None)

    def _children(self, node, place, obj=None, group=False):
        """Problems of the values of a dictionary.

        In a group, such as default_hooks, all are of the group's kind.
        """
        around = place.kind or place.near
        sure = place.sure if obj is None else _builds_all_parts(obj)
        for key, value in dict.items(node):
            if key not in FREE_KEYS:
                kind = place.kind if group else None
                kind = kind or kind_of_child(around, key)
                path = f'{place.path}.{key}'
                yield from self._visit(value, Place(path, kind, around, sure))

    def _resolve(self, name, place):
        """(class or None, problem or '') for the ``type`` of a config."""
        if isinstance(name, (LazyObject, LazyAttr)):
            return _build_lazy(name)
        if not isinstance(name, str):
            problem = f'expected a class or the name of one, got {name!r}.'
            return (name, '') if callable(name) else (None, problem)
        first = place.kind or place.near or 'model'
        try:
            obj = self._find(name, first)
        except Exception as error:  # from the modules that register types
            return None, (
                f"looking for '{name}', an import failed with "
                f'{type(error).__name__}: {error}'
            )
        if obj is not None:
            return obj, ''
        return self._resolve_elsewhere(name, place, first)

    def _resolve_elsewhere(self, name, place, first):
        """The same for a type that its own registry does not know."""
        with suppress(ImportError):
            import_module('mmcv.cnn')  # registers 'BN', 'ReLU', ...
        for other in KINDS:
            with suppress(Exception):  # told where that kind is wanted
                obj = self._find(name, other)
                if obj is not None and place.kind is None:
                    return obj, ''
                if obj is not None:
                    return None, (
                        f"'{name}' is a {other}, and a {place.kind} "
                        'is wanted here.'
                    )
        registry = self._registry(KINDS[first][0])
        if (
            place.kind
            or place.sure
            or nearest_names(name, registered_names(registry), cutoff=ALMOST)
        ):
            return None, unknown_type_message(name, registry)
        return None, ''  # it may be in a registry of its library's own

    def _find(self, name, kind):
        for registry in KINDS[kind]:
            obj = find_type(name, self._registry(registry))
            if obj is not None:
                return obj
        return None

    def _registry(self, name):
        """A root registry's child for the scope that holds here."""
        node = getattr(root, name)
        with node.switch_scope_and_registry(self.scope) as registry:
            return registry


def _builds_all_parts(obj: object) -> bool:
    return getattr(obj, '__module__', '').startswith(
        ('mmposetransfer.', 'mmcv.transforms.')
    )


def _build_lazy(lazy):
    """(object or None, problem or '') for what a config imports."""
    try:
        return lazy.build(), ''
    except Exception as error:  # whatever the imported module raises
        return None, str(error)


def _argument_problems(obj, node, place):
    """Arguments that a class does not take, or lacks."""
    given = set(node) - {'type', '_scope_', '_delete_'}
    given -= EXTRA_KEYS.get(place.kind, set())
    names, open_ended = accepted_arguments(obj)
    # A constructor of the user's may take out what the wrapper does not know.
    open_ended |= place.kind == 'optim wrapper' and 'constructor' in node
    called = getattr(obj, '__name__', str(obj))
    if not open_ended and (place.kind or place.sure):
        message = unknown_argument_message(obj, given)
        if message:
            yield f'{place.path}: {message}'
            return
    else:
        for key in sorted(given - names):
            near = nearest_names(key, names - given, count=1, cutoff=ALMOST)
            if near:
                yield (
                    f"{place.path}: '{called}' has no argument '{key}'. "
                    f"Did you mean '{near[0]}'?"
                )
    if place.kind in COMPLETE_KINDS:
        for key in sorted(required_arguments(obj) - given):
            yield f"{place.path}: '{called}' needs the argument '{key}'."
