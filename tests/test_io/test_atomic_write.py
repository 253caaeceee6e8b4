"""Files that appear whole or not at all."""

import errno
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch

from mmposetransfer.io.atomic_write import (
    PART_ENDING,
    WriteError,
    atomic_write,
    check_writable,
)


def _write(path, content=b'new', **options):
    with atomic_write(path, **options) as file:
        file.write(content)


@pytest.mark.parametrize('durable', [False, True])
def test_writes_what_is_written(tmp_path, durable):
    path = tmp_path / 'a new folder' / 'Straße мост.bin'
    _write(path, durable=durable)
    assert path.read_bytes() == b'new'
    _write(str(path), 'grün', mode='w', durable=durable)
    assert path.read_text(encoding='utf-8') == 'grün'
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize('error', [ValueError, KeyboardInterrupt])
def test_a_failing_block_changes_nothing(tmp_path, error):
    path = tmp_path / 'file'
    path.write_bytes(b'old')
    with pytest.raises(error), atomic_write(path) as file:
        file.write(b'new')
        raise error
    assert path.read_bytes() == b'old' and os.listdir(tmp_path) == ['file']


def test_readers_see_the_old_or_the_new(tmp_path):
    path = tmp_path / 'file'
    _write(path, b'0' * 100_000)
    seen, done = set(), threading.Event()

    def watch():
        while not done.is_set():
            seen.add(path.read_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    contents = [str(i).encode() * 100_000 for i in range(10)]
    for content in contents:
        _write(path, content)
    done.set()
    watcher.join()
    assert seen <= set(contents)


def test_permissions_are_those_of_a_plain_file(tmp_path):
    _write(tmp_path / 'file')
    (tmp_path / 'plain').write_bytes(b'')
    assert (tmp_path / 'file').stat().st_mode == (
        tmp_path / 'plain'
    ).stat().st_mode


def test_links_and_devices(tmp_path):
    (tmp_path / 'file').write_bytes(b'old')
    (tmp_path / 'link').symlink_to('file')
    _write(tmp_path / 'link')
    assert (tmp_path / 'link').is_symlink()
    assert (tmp_path / 'file').read_bytes() == b'new'
    _write(os.devnull)
    assert not os.path.isfile(os.devnull)
    with pytest.raises(WriteError, match="'/dev/full' cannot .* No space") as (
        caught
    ):
        _write('/dev/full')
    assert caught.value.errno == errno.ENOSPC


def test_paths_that_cannot_be_written(tmp_path):
    (tmp_path / 'file').write_bytes(b'')
    with pytest.raises(WriteError, match='Name a file: this is a folder'):
        _write(tmp_path)
    for path in ('file/x', 'file/x/y'):
        with pytest.raises(WriteError, match='is a file, not a folder'):
            _write(tmp_path / path)
    with pytest.raises(WriteError, match='Choose a shorter name'):
        _write(tmp_path / ('x' * 300))
    assert os.listdir(tmp_path) == ['file']
    with pytest.raises(ValueError, match="mode must be 'w' or 'wb'"):
        _write(tmp_path / 'file', mode='a')


def test_a_long_name_that_the_system_takes(tmp_path):
    _write(tmp_path / ('x' * 255))
    assert len(os.listdir(tmp_path)) == 1


def test_errors_about_other_files_are_let_alone(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match='elsewhere'),
        atomic_write(tmp_path / 'file'),
    ):
        (tmp_path / 'elsewhere').read_bytes()
    assert os.listdir(tmp_path) == []


def test_check_writable(tmp_path):
    check_writable(tmp_path / 'new' / 'file')
    assert os.listdir(tmp_path / 'new') == []
    with pytest.raises(WriteError, match='this is a folder'):
        check_writable(tmp_path)


def test_check_writable_leaves_no_folder(tmp_path):
    place = tmp_path / 'there' / 'a' / 'b' / 'file'
    (tmp_path / 'there').mkdir()
    check_writable(place, keep_folder=False)
    assert os.listdir(tmp_path / 'there') == []
    (tmp_path / 'there' / 'a').mkdir()
    check_writable(place, keep_folder=False)
    assert os.listdir(tmp_path / 'there') == ['a']


WRITERS = {
    'bytes': lambda file: file.write(b'0' * 1_000_000),
    'buffered': lambda file: [file.write(b'0' * 1000) for _ in range(101)],
    'torch': lambda file: torch.save(torch.zeros(250_000), file),
    'numpy': lambda file: np.savez(file, a=np.zeros(250_000)),
    'tofile': lambda file: np.zeros(250_000).tofile(file),
}


@pytest.mark.parametrize('writer', WRITERS)
def test_a_full_disk(tmp_path, writer):
    """No file of this process may grow beyond 100 kB, as on a full disk."""
    resource = pytest.importorskip('resource')
    (tmp_path / 'file').write_bytes(b'old')
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with (
            pytest.raises(WriteError, match="file' cannot be written: ") as (
                caught
            ),
            atomic_write(tmp_path / 'file') as file,
        ):
            WRITERS[writer](file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert 'isk' in str(caught.value)
    assert (tmp_path / 'file').read_bytes() == b'old'
    assert os.listdir(tmp_path) == ['file']


def test_killed_while_writing(tmp_path):
    (tmp_path / 'file').write_bytes(b'old')
    program = (
        'import os, signal, sys\n'
        'from mmposetransfer.io.atomic_write import atomic_write\n'
        'with atomic_write(sys.argv[1]) as file:\n'
        '    file.write(bytes(100_000))\n'
        '    os.kill(os.getpid(), signal.SIGKILL)\n'
    )
    done = subprocess.run([sys.executable, '-c', program, tmp_path / 'file'])
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / 'file').read_bytes() == b'old'
    rest = set(os.listdir(tmp_path)) - {'file'}
    assert len(rest) == 1 and rest.pop().endswith(PART_ENDING)
