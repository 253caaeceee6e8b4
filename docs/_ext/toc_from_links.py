"""The table of contents, out of the lists of links on the index pages.

On GitHub ``index.md`` is a list of links, which is what it should be there.
Here each of its sections becomes a toctree of the pages that it links to, so
that nothing has to be listed twice.
"""

import re
from pathlib import Path

INDEX_PAGES = ('index', 'api/index')
_LINK = re.compile(r'\[([^]]+)\]\(([^)\s]+\.md)\)')


def toctrees(text, docname, docnames):
    """MyST toctrees of the pages that a page links to, by section."""
    folder = Path(docname).parent
    blocks = []
    for section in re.split(r'^## ', text, flags=re.M)[1:]:
        pages = {}
        for title, target in _LINK.findall(section):
            page = (folder / target).as_posix().removesuffix('.md')
            if page in docnames:
                pages.setdefault(page, f'{title} </{page}>')
        if pages:
            caption = section.splitlines()[0].strip()
            blocks.append(
                '\n'.join(
                    [
                        '```{toctree}',
                        ':hidden:',
                        f':caption: {caption}',
                        '',
                        *pages.values(),
                        '```',
                    ]
                )
            )
    return '\n\n'.join(blocks)


def add_toctrees(app, docname, source):
    """Append them to the source of an index page."""
    if docname in INDEX_PAGES:
        trees = toctrees(source[0], docname, app.env.found_docs)
        source[0] += f'\n\n{trees}\n'


def setup(app):
    """Register with Sphinx; after the links to outside files are ours."""
    app.connect('source-read', add_toctrees, priority=900)
    return dict(parallel_read_safe=True)
