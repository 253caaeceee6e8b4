"""Run tests of the engine with each MMEngine that it is meant for.

Each is put into a folder of its own, which goes when its tests are done;
everything else is that of the Python that runs this. Without names of tests
the private state is tested that training relies on, and resuming to the bit.

python tools/analysis_tools/mmengine_versions.py [TESTS ...]
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = [
    'mmengine==0.10.7',
    'mmengine==0.11.0rc3',
    'onedl-mmengine==0.10.12',
]
TESTS = [
    'tests/test_engine/test_mmengine_private.py',
    'tests/test_engine/test_mixed_stages.py',
]


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('tests', nargs='*', default=TESTS)
    parser.add_argument(
        '--versions', nargs='+', default=VERSIONS, metavar='NAME==VERSION'
    )
    return parser.parse_args()


def run_tests(version: str, tests: list[str]) -> bool:
    """Install a version, and run tests with it.

    Args:
        version: As pip wants it.
        tests: Paths from the repository's root.

    Returns:
        Whether they passed.
    """
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                *(sys.executable, '-m', 'pip', 'install', '--quiet'),
                *('--disable-pip-version-check', '--no-deps'),
                *('--target', folder, version),
            ],
            check=True,
        )
        env = dict(os.environ, PYTHONPATH=os.pathsep.join([folder, str(ROOT)]))
        place = subprocess.run(
            [
                sys.executable,
                '-c',
                'import mmengine; print(mmengine.__file__)',
            ],
            env=env,
            cwd=folder,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout.strip()
        if not place.startswith(folder):
            raise SystemExit(f'error: {version} is hidden by {place}')
        print(f'== {version}', flush=True)
        return not subprocess.run(
            [sys.executable, '-m', 'pytest', '-q', *tests], env=env, cwd=ROOT
        ).returncode


def main() -> None:
    """Run the tests with all versions; exit status 1 if one fails."""
    args = parse_args()
    failed = [
        version
        for version in args.versions
        if not run_tests(version, args.tests)
    ]
    sys.exit(f'error: tests failed with {failed}' if failed else 0)


if __name__ == '__main__':
    main()
