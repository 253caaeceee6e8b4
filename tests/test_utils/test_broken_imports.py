"""Imports that fail, and the command that mends each."""

import sys
from importlib import import_module

import pytest

from mmposetransfer.doctor import collect_env
from mmposetransfer.pose_estimators.base import needs
from mmposetransfer.utils.broken_imports import mending_line
from mmposetransfer.utils.dependencies import part_of


def failed_import(name):
    with pytest.raises(ImportError) as caught:
        import_module(name)
    return caught.value


@pytest.mark.parametrize(
    ('error', 'part', 'line'),
    [
        (
            ModuleNotFoundError(name='skimage.metrics'),
            None,
            'pip install --force-reinstall --no-deps scikit-image',
        ),
        (
            ModuleNotFoundError(name='sklearn'),
            None,
            'pip install scikit-learn',
        ),
        (
            ModuleNotFoundError(name='pkg_resources'),
            'mmengine',
            'pip install "setuptools<82"',
        ),
        (
            ModuleNotFoundError(name='distutils.version'),
            'mmcv',
            'pip install "setuptools<82"',
        ),
        (
            ModuleNotFoundError(name='_lzma'),
            'numpy',
            'another build of Python, as this one lacks its _lzma',
        ),
        (
            ImportError(
                "cannot import name 'x' from 'llvmlite'", name='llvmlite'
            ),
            'numba',
            'pip install --force-reinstall --no-deps "llvmlite<',
        ),
        # The package itself, of which a part is gone.
        (
            ModuleNotFoundError(name='smplx.lbs'),
            'smplx',
            'pip install smplx --no-deps --force-reinstall',
        ),
        (
            ImportError('half of it is there'),
            'mmengine',
            'pip install mmengine "setuptools<82" --no-deps --force-reinstall',
        ),
        (
            ImportError('libGL.so.1: cannot open shared object file'),
            'cv2',
            'pip uninstall -y opencv-python',
        ),
        (RuntimeError('operator torchvision::nms does not exist'), None, ''),
    ],
)
def test_the_line_that_mends_it(error, part, line):
    found = mending_line(error, part and part_of(part))
    assert found.startswith(line) and bool(found) == bool(line)


def test_a_module_of_an_unknown_name_is_asked_for_by_that_name():
    error = failed_import('not_there_at_all.part')
    assert mending_line(error) == 'pip install not-there-at-all'


def test_optional_packages_alike(monkeypatch, tmp_path):
    """What a package lacks, by the report and by whoever wants to use it."""
    (tmp_path / 'rtmlib').mkdir()
    (tmp_path / 'rtmlib' / '__init__.py').write_text('import no_such_thing')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, 'rtmlib', raising=False)
    with pytest.raises(ImportError) as caught, needs('rtmlib'):
        import_module('rtmlib')
    assert str(caught.value).endswith(': pip install no-such-thing')
    monkeypatch.setattr(collect_env, '_TRIED_BY_IMPORT', {'rtmlib'})
    assert collect_env.optional_line(part_of('rtmlib')).endswith(
        ': pip install no-such-thing'
    )
