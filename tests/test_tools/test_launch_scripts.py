"""What the shell scripts hand to torchrun and srun, argument by argument."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / 'tools'

PRINT_ARGUMENTS = f"""#!{sys.executable}
import json, sys
print(json.dumps(sys.argv[1:]))
"""
# Blanks, quotes, a pattern and a variable come through as they are.
ARGS = [
    '--work-dir',
    'my work dir',
    '--cfg-options',
    "a.b='x y'",
    'c="*"',
    'd=$HOME',
    'e=',
    '',
]


@pytest.fixture
def started(tmp_path):
    """A function that runs a script and returns what it hands on."""
    for name in ('torchrun', 'srun'):
        path = tmp_path / name
        path.write_text(PRINT_ARGUMENTS)
        path.chmod(0o755)

    def start(script, *args, **variables):
        names = (
            'NNODES',
            'NODE_RANK',
            'MASTER_ADDR',
            'MASTER_PORT',
            'PORT',
            'GPUS',
            'GPUS_PER_NODE',
            'CPUS_PER_TASK',
            'SRUN_ARGS',
            'GRES',
        )
        env = {
            key: value for key, value in os.environ.items() if key not in names
        }
        env.update(variables, PATH=f'{tmp_path}{os.pathsep}{env["PATH"]}')
        done = subprocess.run(
            ['bash', str(TOOLS / script), *args],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return start


def test_dist_train_on_one_machine(started):
    assert started('dist_train.sh', 'my config.py', '8', *ARGS) == [
        '--nnodes=1',
        '--node_rank=0',
        '--master_addr=127.0.0.1',
        '--master_port=29500',
        '--nproc_per_node=8',
        str(TOOLS / 'train.py'),
        'my config.py',
        *ARGS,
        '--launcher',
        'pytorch',
    ]


@pytest.mark.parametrize('port', ['PORT', 'MASTER_PORT'])
def test_dist_test_on_several_machines(started, port):
    got = started(
        'dist_test.sh',
        'config.py',
        'my weights.pth',
        '4',
        *ARGS,
        NNODES='2',
        NODE_RANK='1',
        MASTER_ADDR='10.0.0.1',
        **{port: '1234'},
    )
    assert got == [
        '--nnodes=2',
        '--node_rank=1',
        '--master_addr=10.0.0.1',
        '--master_port=1234',
        '--nproc_per_node=4',
        str(TOOLS / 'test.py'),
        'config.py',
        'my weights.pth',
        *ARGS,
        '--launcher',
        'pytorch',
    ]


def test_slurm_train(started):
    got = started(
        'slurm_train.sh',
        'gpu',
        'my job',
        'my config.py',
        'my work',
        *ARGS,
        GPUS='16',
        CPUS_PER_TASK='12',
        SRUN_ARGS='--quotatype=spot  --time=1:00:00',
    )
    assert got == [
        '--partition=gpu',
        '--job-name=my job',
        '--gres=gpu:8',
        '--ntasks=16',
        '--ntasks-per-node=8',
        '--cpus-per-task=12',
        '--kill-on-bad-exit=1',
        '--quotatype=spot',
        '--time=1:00:00',
        'python',
        '-u',
        str(TOOLS / 'train.py'),
        'my config.py',
        '--work-dir=my work',
        *ARGS,
        '--launcher',
        'slurm',
    ]


def test_slurm_test_without_gpus(started):
    got = started(
        'slurm_test.sh',
        'cpu',
        'job',
        'config.py',
        'work',
        *ARGS,
        GPUS='3',
        GRES='',
    )
    assert got == [
        '--partition=cpu',
        '--job-name=job',
        '--ntasks=3',
        '--ntasks-per-node=3',
        '--cpus-per-task=5',
        '--kill-on-bad-exit=1',
        'python',
        '-u',
        str(TOOLS / 'test.py'),
        'config.py',
        'work',
        *ARGS,
        '--launcher',
        'slurm',
    ]


@pytest.mark.parametrize(
    'script, usage',
    [
        ('dist_train.sh', 'CONFIG GPUS [ARGS ...]'),
        ('dist_test.sh', 'CONFIG CHECKPOINT GPUS [ARGS ...]'),
        ('slurm_train.sh', 'PARTITION JOB_NAME CONFIG WORK_DIR [ARGS ...]'),
        ('slurm_test.sh', 'PARTITION JOB_NAME CONFIG CHECKPOINT [ARGS ...]'),
    ],
)
def test_too_few_arguments_show_the_usage(script, usage):
    done = subprocess.run(
        ['bash', str(TOOLS / script), 'one'], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert f'  bash tools/{script} {usage}\n' in done.stderr
    assert 'set -euo' not in done.stderr


@pytest.mark.skipif(
    not shutil.which('shellcheck'),
    reason='needs shellcheck: apt-get install shellcheck',
)
def test_scripts_pass_shellcheck():
    done = subprocess.run(
        ['shellcheck', *map(str, sorted(TOOLS.glob('*.sh')))],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
