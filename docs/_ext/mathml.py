"""Formulas as MathML, which browsers draw themselves: nothing to load."""

from docutils.utils.math.latex2mathml import tex2mathml


def _inline(translator, node):
    translator.body.append(tex2mathml(node.astext()))
    _skip(translator, node)


def _block(translator, node):
    translator.body.append(
        f'<div class="math">{tex2mathml(node.astext(), as_block=True)}</div>'
    )
    _skip(translator, node)


def _skip(translator, node):
    from docutils.nodes import SkipNode

    raise SkipNode


def setup(app):
    """Register with Sphinx."""
    app.add_html_math_renderer('mathml', (_inline, None), (_block, None))
    app.config.html_math_renderer = 'mathml'
    return dict(parallel_read_safe=True)
