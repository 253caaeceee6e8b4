"""What the names in docstrings mean: our own by short name, others' by link.

Docstrings say ``FlowWarp`` or ``Tensor``. A name of ours is found without
its package where it is the only one; those of Python, torch, NumPy, MMEngine
and MMCV lead to their documentation, by the rules below and without asking
the network, as an inventory would have to.
"""

import builtins
import inspect
import re
import sys
from collections import abc
from contextlib import suppress
from importlib import import_module

from docutils import nodes

PYTHON = 'https://docs.python.org/3/library/'
TORCH = 'https://docs.pytorch.org/docs/stable/'
NUMPY = 'https://numpy.org/doc/stable/reference/'
MMENGINE = 'https://mmengine.readthedocs.io/en/latest/api/generated/'
MMCV = 'https://mmcv.readthedocs.io/en/latest/api/transforms.html'

# What becomes a link by its short name alone.
LINKED = ('class', 'function', 'data')
# What docstrings write -> the whole name.
ALIASES = {
    'Tensor': 'torch.Tensor',
    'ndarray': 'numpy.ndarray',
    'Path': 'pathlib.Path',
    'callable': 'collections.abc.Callable',
    'array_like': 'numpy.typing.ArrayLike',
    'Config': 'mmengine.config.Config',
    'OptimWrapperDict': 'mmengine.optim.OptimWrapperDict',
    'Optimizer': 'torch.optim.Optimizer',
    'Runner': 'mmengine.runner.Runner',
    'InstanceData': 'mmengine.structures.InstanceData',
}
PREFIXES = {
    'np.': 'numpy.',
    'nn.': 'torch.nn.',
    'abc.': 'collections.abc.',
    't.': 'typing.',
}
PAGES = {
    'torch.Tensor': f'{TORCH}tensors.html#torch.Tensor',
    'torch.device': f'{TORCH}tensor_attributes.html#torch.device',
    'torch.dtype': f'{TORCH}tensor_attributes.html#torch.dtype',
    'numpy.typing.ArrayLike': f'{NUMPY}typing.html#numpy.typing.ArrayLike',
    'None': f'{PYTHON}constants.html#None',
    'os.PathLike': f'{PYTHON}os.html#os.PathLike',
    'pathlib.Path': f'{PYTHON}pathlib.html#pathlib.Path',
}
# The same for all that is on one page.
FOLDERS = {
    'argparse.': f'{PYTHON}argparse.html#',
    'collections.abc.': f'{PYTHON}collections.abc.html#',
    'numpy.random.': f'{NUMPY}random/generator.html#',
    'typing.': f'{PYTHON}typing.html#',
}


def whole_name(name):
    """The importable name of what a docstring writes."""
    name = ALIASES.get(name, name)
    for short, long in PREFIXES.items():
        if name.startswith(short):
            return long + name.removeprefix(short)
    if name in abc.__all__:
        return f'collections.abc.{name}'
    return name


def external_url(name):
    """Where others document a whole name, or None."""
    if name in PAGES:
        return PAGES[name]
    if hasattr(builtins, name):
        return PYTHON + _builtin_page(name)
    for start, page in FOLDERS.items():
        if name.startswith(start):
            return page + name
    package, _, rest = name.partition('.')
    last = rest.split('.')[-1]
    if package == 'torch' and rest:
        if name.startswith('torch.utils.data'):
            return f'{TORCH}data.html#torch.utils.data.{last}'
        name = re.sub(r'^torch\.(nn|optim)\..*(?=\.)', r'torch.\1', name)
        return f'{TORCH}generated/{name}.html'
    if package == 'numpy' and rest:
        return f'{NUMPY}generated/{name}.html'
    if package == 'mmengine' and '.' in rest:
        folder, *parts = rest.split('.')
        # Methods are on the page of their class.
        page = next((part for part in parts if part[0].isupper()), last)
        return f'{MMENGINE}mmengine.{folder}.{page}.html'
    if package == 'mmcv' and rest.startswith('transforms'):
        return MMCV
    return None


def _builtin_page(name):
    thing = getattr(builtins, name)
    if isinstance(thing, type) and issubclass(thing, BaseException):
        return f'exceptions.html#{name}'
    page = (
        'stdtypes'
        if name
        in (
            'dict',
            'list',
            'tuple',
            'set',
            'frozenset',
            'str',
            'bytes',
            'bytearray',
            'range',
            'memoryview',
        )
        else 'functions'
    )
    return f'{page}.html#{name}'


def own_name(app, name):
    """The one documented object whose name ends like this, or None."""
    found = [
        key
        for key, entry in app.env.get_domain('py').objects.items()
        if key.endswith(f'.{name}') and not entry.aliased
    ]
    return found[0] if len(found) == 1 else None


def is_importable(name):
    """Whether a dotted name is that of a module or of something in one."""
    module, _, attribute = name.rpartition('.')
    with suppress(ImportError):
        import_module(name)
        return True
    with suppress(ImportError):
        return hasattr(import_module(module), attribute)
    return False


def imported_name(name):
    """The whole name of what a module of ours knows by a short one."""
    for module, content in sorted(sys.modules.items()):
        if module.startswith('mmposetransfer'):
            thing = getattr(content, name, None)
            if inspect.isclass(thing) or inspect.isfunction(thing):
                return f'{thing.__module__}.{thing.__qualname__}'
    return name


def resolve(app, env, node, contnode):
    """Find what Sphinx did not."""
    if node.get('refdomain') != 'py':
        return None
    name = whole_name(node['reftarget'])
    if '.' not in name and not hasattr(builtins, name):
        name = imported_name(name)
    found = own_name(app, name) or own_name(app, node['reftarget'])
    if found:
        domain = env.get_domain('py')
        return domain.resolve_xref(
            env, node['refdoc'], app.builder, 'obj', found, node, contnode
        )
    url = external_url(name)
    if url is None:  # a name that is true, but described nowhere
        return contnode if '.' in name and is_importable(name) else None
    return nodes.reference('', '', contnode, internal=False, refuri=url)


def link_literals(app, doctree, docname):
    """Make ``FlowWarp`` in the text of a guide a link to what it is."""
    builder = app.builder
    for literal in list(doctree.findall(nodes.literal)):
        name = literal.astext().removesuffix('()')
        if isinstance(
            literal.parent, (nodes.reference, nodes.title)
        ) or not re.fullmatch(r'[\w.]*[A-Za-z]\w{4,}', name):
            continue
        objects = app.env.get_domain('py').objects
        found = name if name in objects else own_name(app, name)
        entry = objects.get(found)
        if entry is None or entry.objtype not in LINKED and name != found:
            continue
        uri = builder.get_relative_uri(docname, entry.docname)
        link = nodes.reference(
            '', '', internal=True, refuri=f'{uri}#{entry.node_id}'
        )
        literal.replace_self(link)
        link += literal


def setup(app):
    """Register with Sphinx."""
    app.connect('doctree-resolved', link_literals)
    app.connect('missing-reference', resolve)
    return dict(parallel_read_safe=True)
