"""Pairs on disk: the same as drawn, by whichever process, whole or not."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from mmengine.registry import init_default_scope

from mmposetransfer.datasets import SynthFashionDataset, pair_cache

SETTINGS = dict(size=(64, 64), split='test', num_people=2, num_pairs=4)


def make(folder, **changes):
    init_default_scope('mmposetransfer')
    return SynthFashionDataset(**{**SETTINGS, **changes}, cache=str(folder))


def assert_same(pair, expected):
    assert pair.keys() == expected.keys()
    for key, value in expected.items():
        assert type(pair[key]) is type(value), key
        np.testing.assert_array_equal(pair[key], value)


def refuse(*_):
    raise AssertionError('drawn again')


def test_what_is_read_is_what_was_drawn(tmp_path, monkeypatch):
    first = make(tmp_path)
    drawn = first.world.pair(1)
    assert_same(first._pair(1), drawn)
    again = make(tmp_path)
    monkeypatch.setattr(again.world, 'pair', refuse)
    assert_same(again._pair(1), drawn)
    with pytest.raises(AssertionError, match='drawn again'):
        again._pair(2)


def fill(folder):
    dataset = make(folder)
    for index in range(len(dataset)):
        dataset._pair(index)


def test_processes_share_a_folder(tmp_path, monkeypatch):
    context = multiprocessing.get_context('fork')
    workers = [
        context.Process(target=fill, args=(tmp_path,)) for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    files = [path for path in tmp_path.rglob('*') if path.is_file()]
    assert len(files) == SETTINGS['num_pairs']
    dataset = make(tmp_path)
    monkeypatch.setattr(dataset.world, 'pair', refuse)
    for index in range(len(dataset)):
        assert dataset._pair(index)['ref_img'].shape == (64, 64, 3)


def test_damaged_files_are_made_anew(tmp_path):
    dataset = make(tmp_path)
    drawn = dataset._pair(0)
    path = Path(dataset.disk.path(0))
    for damaged in (b'', b'nonsense', path.read_bytes()[:-2000]):
        path.write_bytes(damaged)
        assert_same(dataset._pair(0), drawn)
        assert_same(dataset.disk._read(0), drawn)


@pytest.mark.parametrize(
    'changes',
    [
        dict(seed=1),
        dict(split='train'),
        dict(num_people=3),
        dict(size=(96, 64)),
        dict(pictures=False),
    ],
)
def test_other_settings_have_other_files(tmp_path, changes):
    assert make(tmp_path).disk.folder != make(tmp_path, **changes).disk.folder


def test_another_version_of_the_code_reads_nothing(tmp_path, monkeypatch):
    before = make(tmp_path).disk.folder
    assert make(tmp_path).disk.folder == before
    monkeypatch.setattr(pair_cache, '_version', lambda: 'another')
    assert make(tmp_path).disk.folder != before
