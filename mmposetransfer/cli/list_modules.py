"""List what configs can name, or tell all about one type.

    mmposetransfer list-modules                   all, by registry
    mmposetransfer list-modules MODELS            of one registry
    mmposetransfer list-modules --pattern '*flow*'
    mmposetransfer list-modules FlowRegressor     arguments and defaults

A type may be another library's, such as mmengine.CheckpointHook.
"""

import sys
from fnmatch import fnmatch
from importlib import import_module

from mmposetransfer import registry as nodes
from mmposetransfer.utils.build_errors import (
    did_you_mean,
    find_type,
    registered_names,
)
from mmposetransfer.utils.setup_env import register_all_modules
from mmposetransfer.utils.type_help import (
    as_config,
    origin,
    plain_docstring,
    summary,
)

from .arguments import command_parser
from .columns import print_columns

__all__ = ['main']

REGISTRIES = {
    name: getattr(nodes, name)
    for name in nodes.__all__
    if isinstance(getattr(nodes, name), nodes.Registry)
}


def parse_args(argv=None):
    """Read the command line."""
    parser = command_parser('list-modules', __doc__)
    parser.add_argument(
        'name',
        nargs='?',
        metavar='REGISTRY | TYPE',
        help='a registry, such as MODELS, or a type, such as FlowRegressor',
    )
    parser.add_argument(
        '--pattern',
        default='*',
        help="names to list, such as '*Loss'; upper and lower case are alike",
    )
    parser.add_argument(
        '--all',
        action='store_true',
        help="list MMEngine's and MMCV's types, too, which configs can name "
        'as well',
    )
    parser.add_argument(
        '--import',
        dest='imports',
        action='append',
        default=[],
        metavar='MODULE',
        help='a module of yours that registers types, as '
        "in a config's custom_imports; may be repeated",
    )
    return parser.parse_args(argv)


def main(argv=None):
    """Print the list, or the documentation of one type.

    Args:
        argv (list[str], optional): Arguments; default: the command line's.
    """
    args = parse_args(argv)
    register_all_modules()
    for module in args.imports:
        try:
            import_module(module)
        except ImportError as error:
            sys.exit(f"error: importing '{module}' failed: {error}")
    name = args.name
    if name is None:
        _print_registries(REGISTRIES, args.pattern, args.all)
    elif name.upper() in REGISTRIES:
        chosen = {name.upper(): REGISTRIES[name.upper()]}
        _print_registries(chosen, args.pattern, args.all)
    else:
        _print_type(name)


def _print_registries(registries, pattern, with_parents):
    found = False
    for title, registry in registries.items():
        types = _types(registry, with_parents)
        types = {
            name: obj
            for name, obj in types.items()
            if fnmatch(name.lower(), pattern.lower())
        }
        if types:
            if found:
                print()
            print(f'{title} ({len(types)})')
            _print_by_module(types)
            found = True
    if not found:
        names = set().union(*(_types(r, True) for r in registries.values()))
        near = did_you_mean(pattern.strip('*'), names)
        where = f' in {list(registries)[0]}' if len(registries) == 1 else ''
        more = '' if with_parents else " --all lists MMEngine's types, too."
        sys.exit(f"error: nothing{where} is called '{pattern}'.{near}{more}")


def _types(registry, with_parents):
    """Name -> class; those of the parents where they are not hidden."""
    types = dict(registry.module_dict)
    if with_parents and registry.parent is not None:
        types = _types(registry.parent, True) | types
    return types


def _print_by_module(types):
    groups = {}
    for name, obj in sorted(types.items()):
        package = obj.__module__.rpartition('.')[0] or obj.__module__
        groups.setdefault(package, []).append((name, summary(obj)))
    for package in sorted(groups):
        print(f'  {package}')
        print_columns(groups[package], indent=4)


def _print_type(name):
    found = {}
    for title, registry in REGISTRIES.items():
        obj = find_type(name, registry)
        if obj is not None:  # a dotted path is found through every registry
            found.setdefault(id(obj), (title, obj))
    if not found:
        names = set(REGISTRIES).union(
            *(registered_names(r) for r in REGISTRIES.values())
        )
        sys.exit(
            f"error: no registry and no type is called '{name}'."
            f'{did_you_mean(name, names)} Types of a module of yours '
            'are known with --import MODULE.'
        )
    texts = [_description(name, title, obj) for title, obj in found.values()]
    print('\n\n\n'.join(texts))


def _description(name, registry, obj):
    lines = [f'{obj.__module__}.{obj.__qualname__}, of {registry}']
    if origin(obj):
        lines.append(origin(obj))
    lines += [
        '',
        plain_docstring(obj) or 'It has no docstring.',
        '',
        'In a config:',
        '',
        as_config(name, obj),
    ]
    return '\n'.join(lines)
