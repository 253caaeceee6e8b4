"""The fence ``{api} PACKAGE`` on a page: what a package exports, told once.

A table of everything in its ``__all__``, then what each object does. Objects
that a subpackage exports too are described on its page; here they are linked.
"""

import inspect
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType

from sphinx.domains.python import PyObject
from sphinx.util.docstrings import prepare_docstring

API = Path(__file__).resolve().parents[1] / 'api'
FENCE = re.compile(r'^```\{api\} (\S+)\n```$', re.M)
KINDS = dict(Classes='autoclass', Functions='autofunction', Data='py:data')


@cache
def described_packages():
    """Package -> page of docs/api that has it."""
    return {
        package: page.name
        for page in sorted(API.glob('*.md'))
        for package in FENCE.findall(page.read_text())
    }


def exports(package):
    """What a package exports: name -> object."""
    module = import_module(package)
    return {name: getattr(module, name) for name in module.__all__}


def home(package, name):
    """The innermost described package that exports that object."""
    target = exports(package)[name]
    for inner in sorted(described_packages(), key=len, reverse=True):
        if (
            inner.startswith(f'{package}.')
            and exports(inner).get(name) is target
        ):
            return inner
    return package


def kind(thing):
    """Under which heading an object goes."""
    if inspect.isclass(thing):
        return 'Classes'
    # Compiled functions are objects that wrap one.
    function = (
        getattr(thing, 'py_func', inspect.unwrap(thing))
        if callable(thing)
        else thing
    )
    return 'Functions' if isinstance(function, FunctionType) else 'Data'


def api_lines(package):
    """The reStructuredText of a package's page."""
    groups = {heading: [] for heading in KINDS}
    for name, thing in exports(package).items():
        groups[kind(thing)].append(name)
    lines, described = [f'.. py:module:: {package}', ''], []
    for heading, names in groups.items():
        if not names:
            continue
        names = sorted(names, key=str.lower)
        lines += [
            f'.. rubric:: {heading}',
            '',
            '.. list-table::',
            '   :widths: 35 65',
            '',
        ]
        for name in names:
            lines += [
                f'   * - :py:obj:`~{home(package, name)}.{name}`',
                f'     - {summary(package, name)}',
            ]
        lines.append('')
        described += [
            (KINDS[heading], name)
            for name in names
            if home(package, name) == package
        ]
    for directive, name in described:
        # py:data takes the module from above, autodoc wants it said.
        whole = name if directive == 'py:data' else f'{package}.{name}'
        lines += [
            f'.. {directive}:: {whole}',
            *_body(directive, package, name),
            '',
        ]
    return lines


def summary(package, name):
    """The first paragraph's first line; of data the comment above it."""
    thing = exports(package)[name]
    if kind(thing) == 'Data':
        return re.split(r'(?<=\w\.) ', ' '.join(comment(package, name)))[0]
    text = inspect.getdoc(thing) or ''
    return prepare_docstring(text)[0]


def _body(directive, package, name):
    if directive == 'autoclass':
        return [
            '   :members:',
            '   :special-members: __call__',
            '   :show-inheritance:',
        ]
    if directive == 'autofunction':
        return []
    value = exports(package)[name]
    value = sorted(value) if isinstance(value, frozenset) else value
    names = (
        [f'``{entry}``' for entry in value]
        if isinstance(value, (dict, list, tuple))
        else []
    )
    lines = comment(package, name)
    if any(line.startswith(' ') for line in lines):  # set out by hand
        lines = ['.. code-block:: text', '', *(f'   {x}' for x in lines)]
    return [
        '',
        *(f'   {line}' for line in lines),
        '',
        *([f'   {", ".join(names)}'] if names else []),
    ]


@cache
def comment(package, name):
    """Lines of the comment above an assignment in a package's files."""
    module = import_module(package)
    folder = Path(module.__file__)
    files = (
        folder.parent.rglob('*.py')
        if hasattr(module, '__path__')
        else [folder]
    )
    # Of a paragraph of assignments the comment at its top.
    pattern = re.compile(
        rf'((?:^#.*\n)+)(?:^[^#\n].*\n)*?{name}(?:: [^=\n]+)? = ', re.M
    )
    for file in sorted(files):
        match = pattern.search(file.read_text())
        if match:
            text = re.sub(r'^#:? ?', '', match[1].rstrip(), flags=re.M)
            return re.sub(
                r'(?<!`)`([^`]+)`(?!`)', r'``\1``', text
            ).splitlines()
    return []


def expand(app, docname, source):
    """Put the reStructuredText of the packages into a page's source."""
    source[0] = FENCE.sub(
        lambda match: '\n'.join(
            ['```{eval-rst}', *api_lines(match[1]), '```']
        ),
        source[0],
    )


def _skip_tuple_fields(app, what, name, obj, skip, options):
    """Fields of named tuples are told by the class's docstring."""
    doc = getattr(obj, '__doc__', None) or ''
    return True if doc.startswith('Alias for field number') else None


def setup(app):
    """Register with Sphinx."""
    app.connect('source-read', expand)
    app.connect('autodoc-skip-member', _skip_tuple_fields)
    for field in PyObject.doc_field_types:
        if field.name == 'variable':
            field.label = 'Attributes'
    return dict(parallel_read_safe=True)
