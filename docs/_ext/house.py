"""What Sphinx cannot be told by settings alone.

- Docstrings write ``FlowWarp`` without its package, which Sphinx finds by the
  end of its name only in the types of arguments.
- A package and the one within it may export the same object, which is
  described where the inner one is.
- Formulas become MathML, which browsers draw themselves; MathJax would be
  loaded from a network whenever a page is read.
- A Markdown file outside of docs/, which GitHub opens, is no page here.
"""

import posixpath
import re
from functools import cache
from importlib import import_module
from pathlib import Path

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml

API = Path(__file__).parents[1] / 'api'
_OUTSIDE = re.compile(r'\[([^]]+)\]\(((?:\.\./)+[\w./-]+\.md)(?:#[\w-]*)?\)')


def find(app, env, node, contnode):
    """One of our names by its end, where it is the only one."""
    if node.get('refdomain') != 'py':
        return None
    name = node['reftarget']
    end = name.rpartition('.')[2] if name.startswith('mmposetr') else name
    domain = env.get_domain('py')
    found = [
        key
        for key, entry in domain.objects.items()
        if key.endswith(f'.{end}') and not entry.aliased
    ]
    if len(found) != 1:
        return None  # the inventories have those of others
    return domain.resolve_xref(
        env, node['refdoc'], app.builder, 'obj', *found, node, contnode
    )


@cache
def packages():
    """All that the pages of the API describe."""
    text = '\n'.join(page.read_text() for page in API.glob('*.md'))
    return re.findall(r'^\.\. automodule:: (\S+)', text, re.M)


def is_described_within(app, what, name, obj, skip, options):
    """Skip what an inner package exports, too, and fields of named tuples."""
    outer, last = app.env.current_document.autodoc_module, name.split('.')[-1]
    if what == 'module' and any(
        inner.startswith(f'{outer}.')
        and getattr(import_module(inner), last, None) is obj
        for inner in packages()
    ):
        return True
    is_field = (getattr(obj, '__doc__', None) or '').startswith('Alias for f')
    return True if is_field else None


def link_files(app, docname, source):
    """Let links to Markdown files outside of docs/ fetch them."""

    def turn(match):
        path = posixpath.join(posixpath.dirname(docname), match[2])
        if not posixpath.normpath(path).startswith('..'):
            return match[0]
        return f'{{download}}`{match[1].replace("`", "")} <{match[2]}>`'

    source[0] = _OUTSIDE.sub(turn, source[0])


def _write_math(translator, node):
    is_block = node.tagname == 'math_block'
    translator.body.append(tex2mathml(node.astext(), as_block=is_block))
    raise SkipNode


def setup(app):
    """Register with Sphinx."""
    app.connect('missing-reference', find, priority=400)
    app.connect('autodoc-skip-member', is_described_within)
    app.connect('source-read', link_files)
    app.add_html_math_renderer(
        'mathml', (_write_math, None), (_write_math, None)
    )
    app.config.html_math_renderer = 'mathml'
    return dict(parallel_read_safe=True)
