"""Pages for what lies outside of docs/ and is linked to.

On GitHub a link such as ``../configs/dipt/README.md`` opens that file. Here
every Markdown file outside of docs/ that a page links to becomes a page
itself, and every other text file a page that shows it, in ``_repository``
(made anew by each build, not in git). The links are turned to those pages.
"""

import os
from pathlib import Path

from markdown_links import links_outside_code, replace_links

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
PAGES = DOCS / '_repository'
LANGUAGES = {
    '.py': 'python',
    '.sh': 'bash',
    '.yml': 'yaml',
    '.cff': 'yaml',
    '.toml': 'toml',
    '.txt': 'text',
    '': 'text',
}
# Its content is that of the index.
README = ROOT / 'README.md'


def page_of(path):
    """The page of a file, as a path in docs/; None for what has none."""
    if path.is_dir():
        path = path / 'README.md'
    if path == README:
        return DOCS / 'index.md'
    if path.is_relative_to(DOCS) or not path.is_file():
        return None
    relative = path.relative_to(ROOT)
    if path.suffix == '.md':
        return PAGES / relative
    if path.suffix in LANGUAGES:
        return PAGES / f'{relative}.md'
    return None


def repository_path(page):
    """The file that a page of docs/ shows."""
    if page.is_relative_to(PAGES):
        page = ROOT / page.relative_to(PAGES)
        if not page.is_file():
            page = page.with_suffix('')
    return page


def _target(link, source):
    """The file that a link of a file means, and its fragment."""
    path, mark, fragment = link.partition('#')
    return Path(os.path.normpath(source.parent / path)), mark + fragment


def turn_links(text, page):
    """The text of a page with the links to outside files turned to pages."""
    source = repository_path(page)

    def turn(link):
        path, fragment = _target(link, source)
        path = page_of(path) or path
        return os.path.relpath(path, page.parent) + fragment

    return replace_links(text, turn)


def write_pages():
    """Write the pages of all outside files that are linked to."""
    queue = [
        path for path in DOCS.rglob('*.md') if not path.is_relative_to(PAGES)
    ]
    wanted = {}
    while queue:
        source = queue.pop()
        for link in links_outside_code(source.read_text()):
            path, _ = _target(link, source)
            page = page_of(path)
            if page is None or page.parent == DOCS or page in wanted:
                continue
            path = path / 'README.md' if path.is_dir() else path
            wanted[page] = _page_text(path)
            if path.suffix == '.md':
                queue.append(path)
    _write_changed(wanted)


def _page_text(path):
    """The content of an outside file as the content of a page."""
    if path.suffix == '.md':
        return f'---\norphan: true\n---\n\n{path.read_text()}'
    name = path.relative_to(ROOT).as_posix()
    return (
        f'---\norphan: true\n---\n\n# `{name}`\n\n'
        f'````{LANGUAGES[path.suffix]}\n{path.read_text()}````\n'
    )


def _write_changed(texts):
    """Write what is new, leave what is not, remove what is gone."""
    for old in PAGES.rglob('*.md'):
        if old not in texts:
            old.unlink()
    for page, text in texts.items():
        page.parent.mkdir(parents=True, exist_ok=True)
        if not page.is_file() or page.read_text() != text:
            page.write_text(text)


def _on_source_read(app, docname, source):
    page = Path(app.env.doc2path(docname))
    if page.suffix == '.md':
        source[0] = turn_links(source[0], page)


def setup(app):
    """Register with Sphinx."""
    app.connect('config-inited', lambda app, config: write_pages())
    app.connect('source-read', _on_source_read)
    return dict(parallel_read_safe=True)
