"""The same bytes whoever makes them, and whoever is killed meanwhile."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from known_fits import known_fits, write_inputs

from mmposetransfer.cli.synthesize_flow import main, parse_args
from mmposetransfer.geometry.fitting import save_fits

TOOL = str(
    Path(__file__).parents[2]
    / 'tools'
    / 'dataset_tools'
    / 'synthesize_flow.py'
)
PEOPLE = 18
PAIRS = PEOPLE * (PEOPLE - 1)
# Set by whoever started processes, for finding them again.
TAG = 'MMPT_TEST_PROCESSES'
needs_proc = pytest.mark.skipif(
    not os.path.isdir('/proc'), reason='finds processes in /proc (Linux)'
)


@pytest.fixture(scope='module')
def inputs(tmp_path_factory):
    return write_inputs(tmp_path_factory.mktemp('inputs'), PEOPLE)


def content(folder):
    """Every file, hidden ones too, by its digest."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path(folder).iterdir()
    }


@pytest.fixture(scope='module')
def expected(inputs, tmp_path_factory):
    """What one process makes of all."""
    folder = tmp_path_factory.mktemp('expected')
    main([*inputs, str(folder), '--format', 'npz'])
    return content(folder)


def arguments(inputs, folder, *more):
    return [*inputs, str(folder), '--format', 'npz', '--portion', '8', *more]


def environment(**variables):
    names = (
        'RANK',
        'WORLD_SIZE',
        'LOCAL_RANK',
        'SLURM_PROCID',
        'SLURM_NTASKS',
        'SLURM_LOCALID',
    )
    kept = {k: v for k, v in os.environ.items() if k not in names}
    return dict(kept, **variables)


def start(command, **variables):
    return subprocess.Popen(
        [sys.executable, *command],
        env=environment(**variables),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def finish(process):
    output = process.communicate(timeout=300)[0]
    assert process.returncode == 0, output
    return output


def wait_for(condition, process, seconds=200):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.002)
    raise AssertionError('waited in vain')


def files(folder):
    return (
        [name for name in os.listdir(folder) if name.endswith('.npz')]
        if os.path.isdir(folder)
        else []
    )


def tagged(tag, *parts):
    """Processes with a tag whose environment or command holds the parts."""
    found = []
    for entry in Path('/proc').iterdir():
        try:
            variables = (entry / 'environ').read_bytes().split(b'\0')
            command = (entry / 'cmdline').read_bytes()
        except (OSError, ValueError):
            continue
        if f'{TAG}={tag}'.encode() in variables and all(
            part.encode() in variables or command.startswith(part.encode())
            for part in parts
        ):
            found.append(int(entry.name))
    return found


def test_says_what_it_made_and_how_fast(inputs, tmp_path, capsys):
    fits, pairs = inputs
    for made, kept in ((PAIRS, 0), (0, PAIRS)):
        main([fits, pairs, str(tmp_path / 'out'), '--format', 'npz'])
        told = capsys.readouterr().out
        assert f'{made} pairs made, {kept} were there' in told
        assert 'pairs/s/core' in told
    main([fits, pairs, '--format', 'none'])
    assert f'{PAIRS} pairs made' in capsys.readouterr().out


def test_several_workers(inputs, expected, tmp_path):
    main(arguments(inputs, tmp_path, '--workers', '2'))
    assert content(tmp_path) == expected


def test_killed_at_any_moment(inputs, expected, tmp_path):
    """Its workers end with it, or their output would never."""
    out = tmp_path / 'out'
    process = start([TOOL, *arguments(inputs, out, '--workers', '2')])
    wait_for(lambda: len(files(out)) > 20, process)
    process.kill()
    process.communicate(timeout=200)
    left = content(out)
    whole = {
        name: digest
        for name, digest in left.items()
        if not name.startswith('.')
    }
    assert whole.items() < expected.items()
    main(arguments(inputs, out))
    assert content(out) == expected


@needs_proc
def test_a_worker_that_is_killed_is_told_of(inputs, expected, tmp_path):
    out, tag = tmp_path / 'out', str(tmp_path)
    process = start(
        [TOOL, *arguments(inputs, out, '--workers', '2')], **{TAG: tag}
    )
    wait_for(lambda: len(files(out)) > 20, process)
    workers = [
        pid
        for pid in tagged(tag)
        if pid != process.pid
        and b'spawn_main' in Path(f'/proc/{pid}/cmdline').read_bytes()
    ]
    os.kill(workers[0], signal.SIGKILL)
    told = process.communicate(timeout=200)[0]
    assert process.returncode == 1 and 'a worker was killed' in told, told
    main(arguments(inputs, out))
    assert content(out) == expected


@needs_proc
def test_two_ranks_of_torchrun_one_killed(inputs, expected, tmp_path):
    """Torchrun starts both anew; what is there is kept."""
    out, tag = tmp_path / 'out', str(tmp_path)
    process = start(
        [
            '-m',
            'torch.distributed.run',
            '--standalone',
            '--nproc_per_node=2',
            '--max_restarts=1',
            TOOL,
            *arguments(inputs, out),
            '--launcher',
            'pytorch',
        ],
        **{TAG: tag},
    )
    wait_for(lambda: len(files(out)) > 20, process)
    (rank,) = tagged(tag, 'RANK=1')
    os.kill(rank, signal.SIGKILL)
    assert len(files(out)) < PAIRS
    told = finish(process)
    assert 'process 0 of 2' in told and 'process 1 of 2' in told
    made = {
        name: digest
        for name, digest in content(out).items()
        if not name.startswith('.')
    }
    assert made == expected
    # Nobody else is writing: what the killed one left half-written goes.
    main(arguments(inputs, out))
    assert content(out) == expected


def test_tasks_of_slurm_share_the_work(
    inputs, expected, tmp_path, monkeypatch, capsys
):
    counts = []
    for task in range(3):
        monkeypatch.setenv('SLURM_PROCID', str(task))
        monkeypatch.setenv('SLURM_NTASKS', '3')
        monkeypatch.setenv('SLURM_LOCALID', str(task))
        main(arguments(inputs, tmp_path, '--launcher', 'slurm'))
        counts.append(len(files(tmp_path)))
        assert f'process {task} of 3' in capsys.readouterr().out
    assert counts == sorted(set(counts)) and counts[-1] == PAIRS
    assert content(tmp_path) == expected


@needs_proc
def test_two_workers_of_ray_one_killed(inputs, expected, tmp_path):
    pytest.importorskip(
        'ray.data', reason="needs the extra: pip install 'mmposetransfer[ray]'"
    )
    out, tag = tmp_path / 'out', str(tmp_path)
    process = start(
        [TOOL, *arguments(inputs, out, '--engine', 'ray', '--workers', '2')],
        **{TAG: tag},
        RAY_AUTH_MODE='disabled',
        RAY_USAGE_STATS_ENABLED='0',
    )
    wait_for(lambda: len(files(out)) > 20, process)
    actors = tagged(tag, 'ray::MapWorker')
    os.kill(actors[0], signal.SIGKILL)
    assert len(files(out)) < PAIRS
    finish(process)
    assert content(out) == expected


@pytest.mark.parametrize('workers', ['1', '2'])
def test_a_mistake_is_one_line(inputs, tmp_path, workers):
    """Told in one line, also where a worker has found it."""
    fits = known_fits(3)
    fits.sizes[1] = 48
    save_fits(tmp_path / 'fits.npz', fits)
    with pytest.raises(SystemExit) as error:
        main(
            [
                str(tmp_path / 'fits.npz'),
                inputs[1],
                str(tmp_path / 'out'),
                '--skip-missing',
                '--workers',
                workers,
            ]
        )
    assert str(error.value).startswith(
        'error: the pictures of a pair differ in size: person_'
    )


def test_missing_fits_are_one_line(inputs, tmp_path):
    save_fits(tmp_path / 'fits.npz', known_fits(3))
    with pytest.raises(SystemExit) as error:
        main([str(tmp_path / 'fits.npz'), inputs[1], str(tmp_path / 'out')])
    assert 'pairs have no fit' in str(error.value)
    assert str(error.value).endswith('leave these pairs out (--skip-missing)')
    assert not (tmp_path / 'out').exists()


def test_a_process_of_torchrun_has_to_know(inputs, tmp_path, monkeypatch):
    monkeypatch.setenv('TORCHELASTIC_RUN_ID', 'x')
    with pytest.raises(SystemExit, match='--launcher pytorch'):
        main(arguments(inputs, tmp_path))


@pytest.mark.parametrize(
    'wrong',
    [
        ['f', 'p'],
        ['f', 'p', 'o', '--format', 'none'],
        ['f', 'p', 'o', '--portion', '0'],
        ['f', 'p', 'o', '--engine', 'ray', '--launcher', 'slurm'],
    ],
)
def test_arguments_that_contradict(wrong, capsys):
    with pytest.raises(SystemExit, match='2'):
        parse_args(wrong)
    assert 'error' in capsys.readouterr().err
