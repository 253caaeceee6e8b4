"""Sphinx: `make docs` builds docs/ into build/docs, without a network."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / 'docs' / '_ext'), str(ROOT)]

from mmposetransfer import __version__  # noqa: E402

project = 'mmposetransfer'
copyright = 'the mmposetransfer authors, Apache-2.0'
author = 'the mmposetransfer authors'
release = version = __version__

extensions = [
    'myst_parser',
    'sphinx.ext.autodoc',
    'sphinx.ext.intersphinx',
    'sphinx.ext.napoleon',
    'sphinx.ext.viewcode',
    'sphinx_copybutton',
    'house',  # in _ext
]
# Tables are parts of pages.
exclude_patterns = ['_ext', '_inventories', 'tables']
root_doc = 'index'
nitpicky = True
# A word in the types of docstrings, and our own names that no page describes.
nitpick_ignore_regex = [
    ('py:class', 'optional'),
    (
        'py:.*',
        r'(.*\.)?(BatchwiseInferencer|FitEnergy|ListedPictures|PairCache|Person'
        r'|SeededBatchSampler|result_arrays)',
    ),
]
default_role = 'py:obj'

myst_enable_extensions = ['dollarmath']
myst_heading_anchors = 4

# What docstrings name of others, in files here: a build asks no network.
intersphinx_mapping = {
    name: (url, str(ROOT / 'docs' / '_inventories' / f'{name}.txt'))
    for name, url in {
        'python': 'https://docs.python.org/3',
        'torch': 'https://docs.pytorch.org/docs/stable',
        'numpy': 'https://numpy.org/doc/stable',
        'mmengine': 'https://mmengine.readthedocs.io/en/latest',
        'mmcv': 'https://mmcv.readthedocs.io/en/latest',
    }.items()
}

autodoc_default_options = {
    'members': True,
    'special-members': '__call__',
    'show-inheritance': True,
    'no-value': True,
}
autodoc_member_order = 'bysource'
autodoc_typehints = 'description'
autodoc_typehints_description_target = 'documented'
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = [('Convention', 'notes_style')]
add_module_names = False
toc_object_entries_show_parents = 'hide'
python_maximum_signature_line_length = 79

html_theme = 'furo'
html_title = f'mmposetransfer {release}'
html_static_path = ['_static']
html_css_files = ['custom.css']
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    'light_css_variables': {
        'color-brand-primary': '#9a3b26',
        'color-brand-content': '#9a3b26',
    },
    'dark_css_variables': {
        'color-brand-primary': '#f0a080',
        'color-brand-content': '#f0a080',
    },
}
pygments_style = 'default'
pygments_dark_style = 'github-dark'
copybutton_prompt_text = r'>>> |\.\.\. |\$ '
copybutton_prompt_is_regexp = True
