"""Both formats of flow, and what is found of damage."""

import os
import subprocess
import sys

import numpy as np
import pytest

from mmposetransfer.datasets.flow_files import (
    check_flow_file,
    find_flow_file,
    read_flow,
    write_flow,
    write_flow_npz,
)
from mmposetransfer.io.atomic_write import WriteError

SIZE = (40, 30)


def random_truth(size=SIZE, seed=0):
    rng = np.random.default_rng(seed)
    visibility = rng.integers(0, 3, (1, *size)).astype(np.uint8)
    flow = rng.uniform(-30, 30, (2, *size)).astype(np.float32)
    flow[:, visibility[0] == 2] = 0
    return flow, visibility


@pytest.mark.parametrize('ending, error', [('.corr', 1e-5), ('.npz', 1 / 128)])
def test_reading_gives_what_was_written(tmp_path, ending, error):
    flow, visibility = random_truth()
    path = str(tmp_path / f'a.b_c{ending}')
    write_flow(path, flow, visibility)
    got, classes = read_flow(path)
    np.testing.assert_allclose(got, flow, atol=error, rtol=0)
    np.testing.assert_array_equal(classes, visibility)
    assert got.dtype == np.float32 and classes.dtype == np.uint8
    check_flow_file(path, SIZE)
    assert os.listdir(tmp_path) == [f'a.b_c{ending}']


def test_npz_is_a_plain_archive_of_numpy(tmp_path):
    flow, visibility = random_truth()
    write_flow(tmp_path / 'a.npz', flow, visibility)
    with np.load(tmp_path / 'a.npz') as file:
        assert set(file.files) == {'flow', 'scale', 'visibility'}
        np.testing.assert_allclose(
            file['flow'] / file['scale'], flow, atol=1 / 128
        )


@pytest.mark.parametrize(
    'size, error', [((511, 2), 1 / 64), ((2, 2000), 1 / 16)]
)
def test_npz_holds_the_flow_of_large_pictures(tmp_path, size, error):
    flow = np.full((2, *size), max(size), np.float32)
    flow[1] *= -1
    limits = np.float32([size[1], -size[0]])[:, None, None]
    write_flow_npz(tmp_path / 'a.npz', flow, np.zeros((1, *size), np.uint8))
    got, _ = read_flow(tmp_path / 'a.npz')
    np.testing.assert_allclose(
        got, np.broadcast_to(limits, got.shape), atol=error
    )


@pytest.mark.parametrize('ending', ['.corr', '.npz'])
def test_the_same_flow_is_the_same_bytes(tmp_path, ending):
    for name in 'ab':
        write_flow(tmp_path / (name + ending), *random_truth())
    assert (tmp_path / f'a{ending}').read_bytes() == (
        tmp_path / f'b{ending}'
    ).read_bytes()


@pytest.mark.parametrize('ending', ['.corr', '.npz'])
def test_files_cut_off_anywhere_are_found(tmp_path, ending):
    path = tmp_path / f'a{ending}'
    write_flow(path, *random_truth((6, 5)))
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=f'a{ending}'):
            check_flow_file(path, (6, 5))


def test_every_flipped_byte_of_flow_is_found_in_an_npz(tmp_path):
    path = tmp_path / 'a.npz'
    write_flow(path, *random_truth((6, 5)))
    whole = path.read_bytes()
    start = whole.index(b'flow.npy') + 40
    for place in range(start, start + 60):
        path.write_bytes(
            whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :]
        )
        with pytest.raises(ValueError, match='a.npz'):
            check_flow_file(path, (6, 5))


def test_zeros_in_a_corr_are_found(tmp_path):
    """What a loss of power leaves of a file: its length, and zeros."""
    path = tmp_path / 'a.corr'
    write_flow(path, *random_truth())
    whole = path.read_bytes()
    for start, stop in ((0, len(whole)), (0, 4096), (4096, 8192)):
        path.write_bytes(whole[:start] + bytes(stop - start) + whole[stop:])
        with pytest.raises(ValueError, match='a.corr'):
            check_flow_file(path, SIZE)


@pytest.mark.parametrize('ending', ['.corr', '.npz'])
def test_another_size_is_named(tmp_path, ending):
    write_flow(tmp_path / f'a{ending}', *random_truth())
    with pytest.raises(ValueError, match='40x30 pixels, expected 30x40'):
        check_flow_file(tmp_path / f'a{ending}', SIZE[::-1])


def test_an_archive_of_something_else_is_no_flow(tmp_path):
    np.savez(tmp_path / 'a.npz', flow=np.zeros(3), scale=1, visibility=2)
    with pytest.raises(ValueError, match='should hold flow'):
        read_flow(tmp_path / 'a.npz')


def test_objects_in_an_archive_are_not_loaded(tmp_path):
    np.savez(
        tmp_path / 'a.npz',
        flow=np.array([{}], object),
        scale=64,
        visibility=np.zeros((1, 1, 1), np.uint8),
    )
    with pytest.raises(ValueError, match='a.npz'):
        read_flow(tmp_path / 'a.npz')


def test_missing_and_unknown_files_are_named(tmp_path):
    for ending in ('.corr', '.npz'):
        with pytest.raises(FileNotFoundError, match=f'none{ending}'):
            read_flow(tmp_path / f'none{ending}')
    for call in (read_flow, lambda path: write_flow(path, *random_truth())):
        with pytest.raises(ValueError, match='.corr or .npz'):
            call(tmp_path / 'a.flo')


def test_finds_a_file_in_either_format(tmp_path):
    assert find_flow_file(tmp_path / 'a.b_c.corr') is None
    write_flow(tmp_path / 'a.b_c.npz', *random_truth())
    assert find_flow_file(tmp_path / 'a.b_c.corr') == str(
        tmp_path / 'a.b_c.npz'
    )
    write_flow(tmp_path / 'a.b_c.corr', *random_truth())
    assert find_flow_file(tmp_path / 'a.b_c.corr') == str(
        tmp_path / 'a.b_c.corr'
    )


_WRITE_BEYOND_LIMIT = """
import resource, signal, sys
sys.path.insert(0, sys.argv[2])
from test_flow_files import random_truth
from mmposetransfer.datasets.flow_files import write_flow
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for ending in ('.corr', '.npz'):
    for limit in (3, 700, 2000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, 10 ** 6))
        try:
            write_flow(sys.argv[1] + '/a' + ending, *random_truth())
        except Exception as error:
            print(type(error).__name__, error)
"""


def test_a_full_disk_leaves_nothing(tmp_path):
    """The system's limit of a file's size fails as a full disk does."""
    done = subprocess.run(
        [
            sys.executable,
            '-c',
            _WRITE_BEYOND_LIMIT,
            str(tmp_path),
            os.path.dirname(__file__),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    errors = done.stdout.splitlines()
    assert len(errors) == 6
    for error, ending in zip(
        errors, 3 * ['.corr'] + 3 * ['.npz'], strict=True
    ):
        path = tmp_path / f'a{ending}'
        assert error.startswith(
            f"{WriteError.__name__} '{path}' cannot be written"
        ), error
    assert not os.listdir(tmp_path)
