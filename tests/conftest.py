"""Fixtures and marks for all tests."""

import os
import shutil
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import pytest

# Of the tests and of what they start, unless something else is asked for.
os.environ.setdefault('OMP_NUM_THREADS', '1')
# Set where the whole OpenMMLab stack is installed: nothing may skip there.
FULL_STACK_IS_HERE = bool(os.environ.get('MMPT_FULL_STACK'))


@lru_cache
def import_problem(module):
    """Why a module cannot be imported, or ''."""
    try:
        import_module(module)
    except Exception as error:  # torchvision, for one, raises RuntimeError
        return f'{type(error).__name__}: {error}'
    return ''


def pytest_runtest_setup(item):
    """Skip what a mark says that a test needs, where it is not there."""
    if item.get_closest_marker('browser'):
        skip_without_browser()
    for mark in item.iter_markers('full_stack'):
        for module in mark.args:
            problem = import_problem(module)
            if problem:
                pytest.skip(f'needs {module} ({problem}): make full-stack')


def skip_without_browser():
    """Skip without Chromium, its driver, or what drives them."""
    for program in ('chromium', 'chromedriver'):
        if shutil.which(program) is None:
            pytest.skip(
                f'needs the program {program} (on Debian: apt-get install '
                'chromium chromium-driver)'
            )
    for module in ('selenium', 'waitress'):
        problem = import_problem(module)
        if problem:
            pytest.skip(f'needs {module} ({problem}): make test-browser')


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Where the whole stack is, a test that asks for it has to run."""
    report = yield
    if (
        report.skipped
        and FULL_STACK_IS_HERE
        and item.get_closest_marker('full_stack')
    ):
        report.outcome = 'failed'
        report.longrepr = f'skipped in the full stack: {report.longrepr[2]}'
    return report


@pytest.fixture(scope='session')
def shared():
    """Folder of files that are not part of the repository."""
    default = Path(__file__).resolve().parents[2] / 'shared'
    folder = Path(os.environ.get('MMPT_SHARED', default))
    if not folder.is_dir():
        pytest.skip(
            f'no folder {folder}: set MMPT_SHARED to the one with '
            'the reference files'
        )
    return folder
