"""The tool that runs the tests as other processors would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

TOOL = (
    Path(__file__).parents[2]
    / 'tools'
    / 'analysis_tools'
    / 'processor_test.py'
)
SUITE = """
import os
import pytest

def test_passes():
    pass

@pytest.mark.skip(reason='always')
def test_skips():
    pass

def test_of_one_kind_of_processor():
    assert os.environ.get('ATEN_CPU_CAPABILITY') != 'avx2'
    assert 'OPENBLAS_CORETYPE' not in os.environ
"""


@pytest.fixture(scope='module')
def tool():
    sys.path.insert(0, str(TOOL.parent))
    try:
        import processor_test

        yield processor_test
    finally:
        sys.path.remove(str(TOOL.parent))


@pytest.fixture
def suite(tmp_path, monkeypatch):
    (tmp_path / 'test_suite.py').write_text(SUITE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('OPENBLAS_CORETYPE', 'Haswell')  # of the user's own
    return tmp_path


def run(tool, capsys, suite, *rows):
    status = tool.main(
        [
            str(suite),
            '--jobs',
            '1',
            '--rows',
            *rows,
            '--log-dir',
            str(suite / 'logs'),
        ]
    )
    return status, [
        line.split() for line in capsys.readouterr().out.splitlines()
    ]


def test_the_table_says_what_passed_and_what_failed(tool, capsys, suite):
    status, lines = run(tool, capsys, suite, 'as-it-is', 'torch-avx2')
    assert status == 1
    assert lines[0] == ['setting', 'passed', 'failed', 'skipped']
    assert lines[1] == ['as-it-is', '2', '0', '1']
    assert lines[2] == ['torch-avx2', '1', '1', '1']
    assert lines[3][0] == 'failed:' and lines[3][1].endswith(
        '::test_of_one_kind_of_processor'
    )
    assert 'FAILED' in (suite / 'logs' / 'torch-avx2.log').read_text()
    assert run(tool, capsys, suite, 'as-it-is')[0] == 0


def test_tests_that_cannot_run_are_a_failure(tool, capsys, suite):
    (suite / 'test_suite.py').write_text('import no_such_module')
    assert run(tool, capsys, suite, 'as-it-is')[0] == 1
    (suite / 'test_suite.py').unlink()
    status, lines = run(tool, capsys, suite, 'as-it-is')
    assert status == 1 and lines[2][:3] == ['pytest', 'broke', 'off:']


def test_unknown_rows_are_refused(tool, capsys):
    with pytest.raises(SystemExit):
        tool.main(['--rows', 'torch-avx3'])
    assert "invalid choice: 'torch-avx3'" in capsys.readouterr().err


CAPABILITY = 'import torch; print(torch.backends.cpu.get_cpu_capability())'
# What a library says of its setting -> what it has to say.
PROBES = {
    'two-threads': ('import torch; print(torch.get_num_threads())', '2'),
    'torch-plain': (CAPABILITY, 'DEFAULT'),
    'torch-avx2': (CAPABILITY, 'AVX2'),
    'numpy-plain': (
        'import numpy\n'
        "simd = numpy.show_config(mode='dicts')['SIMD Extensions']\n"
        "print(simd.get('found', []))",
        '[]',
    ),
    # A question mark: not there.
    'opencv-plain': (
        'import cv2\n'
        'print([name for name in cv2.getCPUFeaturesLine().split()\n'
        "       if name[0] == '*' and name[-1] != '?'])",
        '[]',
    ),
    'numba-generic': (
        'from numba import config; print(config.CPU_NAME)',
        'generic',
    ),
}


@pytest.mark.parametrize('row', PROBES)
def test_settings_are_heard(tool, row):
    """By the libraries that can say so; a misspelt one would be silent."""
    if row == 'torch-avx2' and 'AVX' not in (
        torch.backends.cpu.get_cpu_capability()
    ):
        pytest.skip('needs a processor with AVX2')
    code, expected = PROBES[row]
    done = subprocess.run(
        [sys.executable, '-W', 'error', '-c', code],
        env=os.environ | tool.ROWS[row],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.strip() == expected, done.stderr
