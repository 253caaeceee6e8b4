"""Fixtures for all tests."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope='session')
def shared():
    """Folder of files that are not part of the repository."""
    default = Path(__file__).resolve().parents[2] / 'shared'
    folder = Path(os.environ.get('MMPT_SHARED', default))
    if not folder.is_dir():
        pytest.skip(f'no folder {folder}: set MMPT_SHARED to the one with '
                    'the reference files')
    return folder
