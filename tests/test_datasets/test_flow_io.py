"""The `.corr` format, byte by byte."""

import struct

import numpy as np
import pytest

from mmposetransfer.datasets import read_corr, write_corr


def random_truth(size=(5, 7)):
    rng = np.random.default_rng(0)
    visibility = rng.integers(0, 3, (1, *size)).astype(np.uint8)
    flow = rng.uniform(-3, 3, (2, *size)).astype(np.float32)
    flow[:, visibility[0] == 2] = 0
    return flow, visibility


def test_bytes_are_those_of_the_format(tmp_path):
    flow = np.zeros((2, 1, 2), np.float32)
    flow[:, 0, 1] = 0.5, -0.25  # pixel (1, 0) comes from (1.5, -0.25)
    visibility = np.array([[[2, 1]]], np.uint8)
    write_corr(tmp_path / 'a.corr', flow, visibility)
    assert (tmp_path / 'a.corr').read_bytes() == (
        struct.pack('<ii', 2, 1)
        + struct.pack('<ffff', 0, 0, 1.5, -0.25)
        + bytes([2, 1])
    )


def test_reading_gives_what_was_written(tmp_path):
    flow, visibility = random_truth()
    write_corr(tmp_path / 'a.corr', flow, visibility)
    got_flow, got_visibility = read_corr(tmp_path / 'a.corr')
    np.testing.assert_allclose(got_flow, flow, atol=1e-6)
    np.testing.assert_array_equal(got_visibility, visibility)
    assert [p.name for p in tmp_path.iterdir()] == ['a.corr']


def test_wild_positions_are_clipped(tmp_path):
    flow = np.full((2, 2, 3), 1e4, np.float32)
    write_corr(tmp_path / 'a.corr', flow, np.zeros((1, 2, 3), np.uint8))
    got, _ = read_corr(tmp_path / 'a.corr')
    assert (got[0] == 3).all() and (got[1] == 2).all()


@pytest.mark.parametrize(
    'content',
    [
        b'',
        b'\0' * 7,
        struct.pack('<ii', 2, 2) + b'\0' * 35,
        struct.pack('<ii', -1, 5),
        struct.pack('<ii', 0, 0),
    ],
)
def test_damaged_files_are_named(tmp_path, content):
    path = tmp_path / 'bad.corr'
    path.write_bytes(content)
    with pytest.raises(ValueError, match='bad.corr'):
        read_corr(path)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='none.corr'):
        read_corr(tmp_path / 'none.corr')


def test_positions_and_classes_that_are_none(tmp_path):
    path = tmp_path / 'x.corr'
    flow = np.zeros((2, 3, 4), np.float32)
    visibility = np.zeros((1, 3, 4), np.uint8)
    flow[0, 2, 1] = np.nan
    write_corr(path, flow, visibility)
    with pytest.raises(ValueError, match=r'x.corr.*pixel \(1, 2\) is \[nan'):
        read_corr(path)
    visibility[0, 2, 1] = 2  # of the background nobody asks the position
    write_corr(path, flow, visibility)
    assert not read_corr(path)[0].any()
    visibility[0, 0, 0] = 3
    write_corr(path, flow, visibility)
    with pytest.raises(ValueError, match='x.corr.*visibility class 3'):
        read_corr(path)
