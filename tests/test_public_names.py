"""What is exported is described, and what is registered can be found."""

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest
import torch

import mmposetransfer
from mmposetransfer import registry
from mmposetransfer.utils.setup_env import register_all_modules
from mmposetransfer.utils.signatures import accepted_arguments

ROOT = Path(__file__).parents[1]
API_PAGES = sorted((ROOT / 'docs' / 'api').glob('*.md'))
# Packages for the command line, which has its own help.
NOT_IN_THE_API = ('mmposetransfer.cli',)
# Examples that are not run here.
NOT_RUN = {
    # It needs trained weights and photographs; docs/inference.md runs.
    'mmposetransfer.apis.inferencer.PoseTransferInferencer',
    'mmposetransfer.cli.mistakes.told_plainly',  # it ends the process
}


def modules():
    names = [
        info.name
        for info in pkgutil.walk_packages(
            mmposetransfer.__path__, 'mmposetransfer.'
        )
        if not info.name.startswith(NOT_IN_THE_API)
    ]
    return [importlib.import_module(name) for name in names]


def exported(module):
    """Classes and functions in a module's ``__all__``, by name."""
    things = {
        name: getattr(module, name) for name in getattr(module, '__all__', ())
    }
    return {
        name: thing
        for name, thing in things.items()
        if inspect.isclass(thing) or inspect.isroutine(thing)
    }


def registered():
    """(registry, type, class) of all that our package registers."""
    register_all_modules()
    return [
        (node.name, kind, cls)
        for node in map(registry.__dict__.get, registry.__all__)
        if isinstance(node, registry.Registry)
        for kind, cls in node.module_dict.items()
        if cls.__module__.startswith('mmposetransfer.')
    ]


def described_packages():
    return [
        package
        for page in API_PAGES
        for package in re.findall(
            r'^\.\. automodule:: (\S+)$', page.read_text(), re.M
        )
    ]


def documented_arguments(doc):
    """Names in the "Args:" of a Google docstring, those in groups too."""
    section = re.search(r'^Args:\n((?:[ ]+.*\n|\n)+)', doc + '\n', re.M)
    names = (
        re.findall(
            r'^ {4}(\*{0,2}\w+(?:, \w+)*)(?: \([^\n]*|):', section[1], re.M
        )
        if section
        else []
    )
    # A type may go on to the next line.
    names += (
        re.findall(
            r'^ {4}(\w+(?:, \w+)*) \([^:)]*\n[^:]*\):', section[1], re.M
        )
        if section
        else []
    )
    return {name for group in names for name in group.split(', ')}


@pytest.mark.parametrize('module', modules(), ids=lambda m: m.__name__)
def test_module_and_all_it_exports_are_described(module):
    assert module.__doc__
    bare = [
        name
        for name, thing in exported(module).items()
        if not (thing.__doc__ or '').strip()
        # That of a dataclass without a docstring is its signature.
        or thing.__doc__.startswith(f'{name}(')
    ]
    assert not bare


def test_every_exporting_package_is_on_one_page_of_the_api():
    pages = described_packages()
    assert len(pages) == len(set(pages))
    on_pages = {
        id(thing)
        for name in pages
        for thing in exported(importlib.import_module(name)).values()
    }
    for module in modules():
        if hasattr(module, '__path__'):
            missing = [
                name
                for name, thing in exported(module).items()
                if id(thing) not in on_pages
            ]
            assert not missing, module.__name__


@pytest.mark.parametrize(
    'kind, cls',
    [
        pytest.param(kind, cls, id=f'{node}: {kind}')
        for node, kind, cls in registered()
    ],
)
def test_registered_type_is_exported_and_described(kind, cls):
    homes = [
        name
        for name in described_packages()
        if cls in exported(importlib.import_module(name)).values()
    ]
    assert homes, f'{kind} is in no __all__ that a page of docs/api describes'
    own = (
        set(inspect.signature(cls.__init__).parameters) - {'self'}
        if '__init__' in vars(cls)
        else set()
    )
    names, _ = accepted_arguments(cls) if own else (set(), False)
    described = documented_arguments(inspect.getdoc(cls))
    assert own & names <= described, 'arguments without a description'
    unknown = described - accepted_arguments(cls)[0]
    assert not unknown, 'described, but no arguments'


def examples():
    finder = doctest.DocTestFinder(exclude_empty=True, recurse=True)
    found = {}
    for module in modules():
        names = dict(vars(module), torch=torch, np=np)
        for test in finder.find(module, globs=names):
            if test.examples and test.name not in NOT_RUN:
                found[test.name] = test
    return list(found.values())


@pytest.mark.parametrize('test', examples(), ids=lambda test: test.name)
def test_example_of_a_docstring_runs(test, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = []
    runner = doctest.DocTestRunner(
        optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    )
    result = runner.run(test, out=told.append)
    assert result.failed == 0, ''.join(told)
