"""Write the tables of the documentation that follow from the code.

``python docs/generate.py`` writes them between their marks in
``model_zoo.md`` and ``api/registry.md``; with ``--check`` it only says
whether they are up to date.
"""

import argparse
import re
import sys
from pathlib import Path

import yaml
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmposetransfer import registry
from mmposetransfer.apis.model import without_training_only
from mmposetransfer.registry import MODELS
from mmposetransfer.utils.setup_env import register_all_modules

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
SCOPE = 'mmposetransfer'


def first_line(thing):
    """The first sentence of a docstring's first line, without the dot."""
    line = (thing.__doc__ or '').strip().splitlines()[0]
    # Markdown instead of roles.
    line = re.sub(r':\w+:`[~.]?([^`]+)`', r'`\1`', line)
    return line.replace('``', '`').rstrip('.')


def table(head, rows):
    """A Markdown table."""
    lines = [head, ['---'] * len(head), *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


# ------------------------------------------------------------ registered types


def registered(node):
    """The types of ours in a registry: name -> class."""
    return {
        name: cls
        for name, cls in sorted(node.module_dict.items())
        if cls.__module__.startswith(f'{SCOPE}.')
    }


def registered_types():
    """A table for every registry that holds types of ours."""
    register_all_modules()
    blocks = []
    for name in registry.__all__:
        node = getattr(registry, name)
        if not isinstance(node, registry.Registry):
            continue
        groups = {}
        for kind, cls in registered(node).items():
            groups.setdefault(
                cls.__module__.split('.')[1:][: 2 if name == 'MODELS' else 1][
                    -1
                ],
                [],
            ).append((kind, cls))
        for group, types in groups.items():
            title = f'{name}: {group}' if len(groups) > 1 else name
            blocks.append(
                f'## {title}\n\n'
                + table(
                    ['type', 'what'],
                    [
                        [f'[`{kind}`]({page_of(cls)})', first_line(cls)]
                        for kind, cls in types
                    ],
                )
            )
    return '\n\n'.join(blocks)


def page_of(cls):
    """The page of docs/api that describes a class."""
    packages = {}
    for page in (DOCS / 'api').glob('*.md'):
        for package in re.findall(
            r'^\.\. automodule:: (\S+)', page.read_text(), re.M
        ):
            packages[package] = page.name
    name = cls.__module__
    while name not in packages:
        if '.' not in name:
            raise ValueError(
                f'no page of docs/api describes {cls}: add an automodule '
                'to one, for a package with it.'
            )
        name = name.rpartition('.')[0]
    return packages[name]


# ------------------------------------------------------------------ model zoo


def model_zoo():
    """A table of every config in the model index."""
    index = yaml.safe_load((ROOT / 'model-index.yml').read_text())
    init_default_scope(SCOPE)
    blocks = []
    for path in index['Import']:
        metafile = yaml.safe_load((ROOT / path).read_text())
        for collection in metafile['Collections']:
            models = [
                model
                for model in metafile['Models']
                if model['In Collection'] == collection['Name']
            ]
            paper = collection['Paper']
            blocks.append(
                f'## {collection["Name"]}\n\n'
                f'[{paper["Title"]}]({paper["URL"]})\n\n'
                + table(
                    ['config', 'what', 'parameters', 'epochs', 'weights'],
                    map(zoo_row, models),
                )
            )
    return '\n\n'.join(blocks)


def zoo_row(model):
    """One config: what its first comment says, and what it builds."""
    path = ROOT / model['Config']
    cfg = Config.fromfile(path)
    hooks = cfg.get('custom_hooks')  # none where nothing learns
    stages = hooks[0].stages if hooks else []
    weights = model.get('Weights')
    if weights and '://' not in weights:  # in the package
        weights = f'../{weights}'
    return [
        f'[`{path.relative_to(ROOT / "configs").with_suffix("")}`]'
        f'(../{model["Config"]})',
        first_comment(path),
        parameters(cfg),
        ' + '.join(map(length, stages)) or '-',
        f'[model]({weights})' if weights else '-',
    ]


def length(stage):
    """How long a stage lasts; a bare number is of epochs."""
    iters = stage.get('iters')
    return f'{iters:,} iterations' if iters else str(stage.epochs)


def first_comment(path):
    """The first sentence of a config's first comment."""
    lines = []
    for line in path.read_text().splitlines():
        if not line.startswith('#'):
            break
        lines.append(line.lstrip('# '))
    sentence = re.split(r'(?<=[^.\d])\.(?: |$)|: (?=--)', ' '.join(lines))[0]
    return re.sub(r'docs/(\w+)\.md', r'[\1](\1.md)', sentence)


def parameters(cfg):
    """Millions of parameters; those of discriminators in brackets."""
    model = MODELS.build(without_training_only(cfg.model))
    used = sum(p.numel() for p in model.parameters())
    method = type(model)
    training = sum(
        sum(p.numel() for p in MODELS.build(cfg.model[name]).parameters())
        for name in set(method.TRAINING_ONLY) & set(method.COMPONENTS)
        if cfg.model.get(name)
    )
    text = f'{used / 1e6:.2f}\xa0M'
    return text + (f' ({training / 1e6:.2f}\xa0M)' if training else '')


# ----------------------------------------------------------------------- files

BLOCKS = {
    'model_zoo.md': ('model zoo', model_zoo),
    'api/registry.md': ('registered types', registered_types),
}


def updated(path, mark, make):
    """The text of a page with its generated part made anew."""
    text = (DOCS / path).read_text()
    begin, end = f'<!-- begin {mark}', f'<!-- end {mark} -->'
    head, rest = text.split(begin)
    line, _ = rest.split('\n', 1)
    return f'{head}{begin}{line}\n\n{make()}\n\n{end}{rest.split(end)[1]}'


def main():
    """Write the tables, or check them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--check', action='store_true')
    args = parser.parse_args()
    stale = []
    for path, (mark, make) in BLOCKS.items():
        text = updated(path, mark, make)
        if text != (DOCS / path).read_text():
            stale.append(path)
            if not args.check:
                (DOCS / path).write_text(text)
    if stale and args.check:
        sys.exit(f'out of date: {stale}; run `python docs/generate.py`')
    print('written:' if stale else 'up to date', *stale)


if __name__ == '__main__':
    main()
