"""Data on disk that several files of tests read, but do not change."""

import pytest
from exported_data import export


@pytest.fixture(scope='session')
def exported(tmp_path_factory):
    """Root of SynthFashion in the layout of DeepFashion, 64x64."""
    root = tmp_path_factory.mktemp('exported')
    export(root)
    return root
