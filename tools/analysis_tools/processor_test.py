"""Run the tests as other processors, and other numbers of threads, would.

Torch, MKL, oneDNN, OpenBLAS, NumPy, OpenCV and numba choose their code by the
processor, and each choice rounds differently. Environment variables make them
choose otherwise. The rows of the table vary one of them at a time, and two
rows vary all at once: not every combination, because libraries do not see
each other's choice.

python tools/analysis_tools/processor_test.py
python tools/analysis_tools/processor_test.py tests/test_geometry \
    --rows torch-plain openblas-nehalem

What pytest says is written to one file a row. The exit status is 1 if any
row failed.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
# Those of the processor that NumPy would use, whatever this version calls
# them; it warns of names that it does not know.
# Under this row the environment names them, and nothing else is found.
_NUMPY = ' '.join(
    np.show_config(mode='dicts')['SIMD Extensions'].get('found')
    or os.environ.get('NPY_DISABLE_CPU_FEATURES', '').split()
)
# The same of OpenCV, which marks those that it chooses among.
_OPENCV = ','.join(
    name.strip('*?')
    for name in cv2.getCPUFeaturesLine().split()
    if name.startswith('*')
)
ROWS = {
    'as-it-is': dict(),
    'two-threads': dict(OMP_NUM_THREADS='2'),
    'torch-plain': dict(ATEN_CPU_CAPABILITY='default'),
    'torch-avx2': dict(ATEN_CPU_CAPABILITY='avx2'),
    'onednn-sse41': dict(ONEDNN_MAX_CPU_ISA='SSE41'),
    'mkl-compatible': dict(MKL_CBWR='COMPATIBLE'),
    'openblas-haswell': dict(OPENBLAS_CORETYPE='Haswell'),
    'openblas-nehalem': dict(OPENBLAS_CORETYPE='Nehalem'),
    'numpy-plain': dict(NPY_DISABLE_CPU_FEATURES=_NUMPY),
    'opencv-plain': dict(OPENCV_CPU_DISABLE=_OPENCV),
    'numba-generic': dict(NUMBA_CPU_NAME='generic'),
    'all-plain': dict(
        OMP_NUM_THREADS='2',
        ATEN_CPU_CAPABILITY='default',
        ONEDNN_MAX_CPU_ISA='SSE41',
        MKL_CBWR='COMPATIBLE',
        OPENBLAS_CORETYPE='Nehalem',
        NPY_DISABLE_CPU_FEATURES=_NUMPY,
        OPENCV_CPU_DISABLE=_OPENCV,
        NUMBA_CPU_NAME='generic',
    ),
    'all-avx2': dict(
        OMP_NUM_THREADS='2',
        ATEN_CPU_CAPABILITY='avx2',
        ONEDNN_MAX_CPU_ISA='AVX2',
        MKL_CBWR='AVX2',
        OPENBLAS_CORETYPE='Haswell',
        NUMBA_CPU_NAME='haswell',
    ),
}


class Outcome(NamedTuple):
    """What became of a row.

    Attributes:
        passed, failed, skipped: Numbers of tests; errors are failures.
        names: The tests that failed.
        ended_well: Whether pytest says that all is well.
    """

    passed: int
    failed: int
    skipped: int
    names: tuple
    ended_well: bool


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'tests',
        nargs='*',
        default=[str(ROOT / 'tests')],
        help='files or folders (default: all)',
    )
    parser.add_argument(
        '--rows',
        nargs='+',
        choices=tuple(ROWS),
        default=tuple(ROWS),
        help='default: all of them',
    )
    parser.add_argument(
        '--jobs',
        default='auto',
        help='test processes of each row (default: auto)',
    )
    parser.add_argument(
        '--log-dir',
        default='work_dirs/processor_test',
        help='where the output goes (default: work_dirs/processor_test)',
    )
    return parser.parse_args(argv)


def run_row(name, tests, jobs, log_dir):
    """Run the tests under the settings of a row.

    Args:
        name (str): One of ``ROWS``.
        tests (Sequence[str]): Files or folders.
        jobs (str): Test processes, or 'auto'.
        log_dir (Path): Gets ``<name>.log`` and ``<name>.xml``.

    Returns:
        Outcome: Of the row.
    """
    report = log_dir / f'{name}.xml'
    report.unlink(missing_ok=True)
    settings = {variable for row in ROWS.values() for variable in row}
    env = {
        key: value for key, value in os.environ.items() if key not in settings
    }
    # As the Makefile: threads that wait give way.
    env |= dict(OMP_WAIT_POLICY='PASSIVE') | ROWS[name]
    with open(log_dir / f'{name}.log', 'w', encoding='utf-8') as log:
        done = subprocess.run(
            [
                sys.executable,
                '-m',
                'pytest',
                '-v',
                '-n',
                jobs,
                '--maxprocesses',
                '4',
                '--dist',
                'loadfile',
                f'--junitxml={report}',
                *tests,
            ],
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return read_report(report, done.returncode == 0)


def read_report(path, ended_well):
    """Count what pytest has written as JUnit's XML.

    Args:
        path (Path): Absent where pytest did not come so far.
        ended_well (bool): Whether its exit status was 0.

    Returns:
        Outcome: Of that run.
    """
    if not path.is_file():
        return Outcome(0, 0, 0, (), False)
    cases = list(ElementTree.parse(path).getroot().iter('testcase'))
    names = {
        name: [
            f'{case.get("classname")}::{case.get("name")}'
            for case in cases
            if case.find(name) is not None
        ]
        for name in ('failure', 'error', 'skipped')
    }
    failed = tuple(dict.fromkeys(names['failure'] + names['error']))
    skipped = len(names['skipped'])
    return Outcome(
        len(cases) - len(failed) - skipped,
        len(failed),
        skipped,
        failed,
        ended_well,
    )


def main(argv=None):
    """Run the rows, one after the other, and print the table.

    Returns:
        int: 1 if any row failed, else 0.
    """
    args = parse_args(argv)
    log_dir = Path(args.log_dir)
    log_dir.mkdir(parents=True, exist_ok=True)
    width = max(map(len, ROWS))
    print(f'{"setting":<{width}}  passed  failed  skipped')
    all_well = True
    for name in args.rows:
        outcome = run_row(name, args.tests, args.jobs, log_dir)
        all_well &= outcome.ended_well
        print(
            f'{name:<{width}}  {outcome.passed:>6}  {outcome.failed:>6}  '
            f'{outcome.skipped:>7}',
            flush=True,
        )
        for test in outcome.names:
            print(f'    failed: {test}', flush=True)
        if not outcome.ended_well and not outcome.names:
            print(f'    pytest broke off: {log_dir / name}.log', flush=True)
    return int(not all_well)


if __name__ == '__main__':
    sys.exit(main())
