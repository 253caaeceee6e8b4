"""Pairs on disk: the same as drawn, by whichever process, whole or not."""

import multiprocessing
import os
import pickle
import signal
from pathlib import Path

import numpy as np
import pytest
from mmcv.transforms import BaseTransform
from mmengine.registry import init_default_scope

from mmposetransfer.datasets import SynthFashionDataset, pair_cache
from mmposetransfer.datasets.pair_records import PairLayout
from mmposetransfer.registry import TRANSFORMS

SETTINGS = dict(size=(64, 64), split='test', num_people=2, num_pairs=4)


def make(folder, **changes):
    init_default_scope('mmposetransfer')
    return SynthFashionDataset(**{**SETTINGS, **changes}, cache=str(folder))


@TRANSFORMS.register_module()
class _AddNoise(BaseTransform):
    """Counts its runs and draws from NumPy's generator."""

    runs = 0

    def __init__(self, scale=1.0, key='noise'):
        self.scale, self.key = scale, key

    def transform(self, results):
        type(self).runs += 1
        noise = np.random.normal(0, self.scale, 5)
        return dict(results, **{self.key: noise})


def assert_same(pair, expected):
    """To the bit, but for flow, which is kept in sixteenths."""
    assert pair.keys() == expected.keys()
    for key, value in expected.items():
        assert type(pair[key]) is type(value), key
        if key == 'flow':
            assert pair[key].dtype == value.dtype
            np.testing.assert_allclose(pair[key], value, atol=1 / 32)
            assert not (pair[key] * 16 % 1).any()
        else:
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
    files = {path.name for path in tmp_path.rglob('*') if path.is_file()}
    assert files == {'layout.json', '00000.pairs'}
    dataset = make(tmp_path)
    monkeypatch.setattr(dataset.world, 'pair', refuse)
    for index in range(len(dataset)):
        assert dataset._pair(index)['ref_img'].shape == (64, 64, 3)


def damage_record(dataset, index, at, content):
    """Write into a pair's record."""
    with open(dataset.disk.path(index), 'r+b') as file:
        file.seek(index * dataset.disk._layout.length + at)
        file.write(content)


@pytest.mark.parametrize('at', [0, 5, 9, 30, 3000])
def test_damaged_pairs_are_made_anew(tmp_path, at):
    dataset = make(tmp_path)
    drawn = dataset.world.pair(1)
    for index in range(3):
        dataset._pair(index)
    damage_record(dataset, 1, at, b'nonsense')
    assert dataset.disk._read(1) is None
    assert dataset.disk._read(0) and dataset.disk._read(2)
    assert_same(dataset._pair(1), drawn)
    assert_same(dataset.disk._read(1), drawn)


@pytest.mark.parametrize('name', ['layout.json', '00000.pairs'])
@pytest.mark.parametrize('content', [b'', b'[{}]', b'nonsense', b'7'])
def test_damaged_files_are_made_anew(tmp_path, name, content):
    drawn = make(tmp_path)._pair(0)
    Path(make(tmp_path).disk.folder, name).write_bytes(content)
    dataset = make(tmp_path)
    assert_same(dataset._pair(0), drawn)
    assert_same(make(tmp_path).disk._read(0), drawn)


def write_forever(folder):
    cache = pair_cache.PairCache(folder)
    pair = dict(values=np.arange(500_000), name='one')
    record = cache._write_layout(pair).encode(pair)
    while True:
        cache._write(3, record)


def test_a_killed_writer_leaves_a_whole_pair_or_none(tmp_path):
    context = multiprocessing.get_context('fork')
    path = Path(pair_cache.PairCache(tmp_path).path(3))
    for pause in range(6):
        writer = context.Process(target=write_forever, args=(tmp_path,))
        writer.start()
        while not path.exists():
            pass
        writer.join(0.05 + pause * 0.007)
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        cache = pair_cache.PairCache(tmp_path)
        pair = cache._read(3)
        if pair is not None:
            np.testing.assert_array_equal(pair['values'], np.arange(500_000))
        path.unlink()


def test_what_a_caller_changes_stays_as_it_was(tmp_path):
    dataset = make(tmp_path)
    for _ in range(2):
        pair = dataset._pair(0)
        expected = dataset.world.pair(0)
        assert_same(pair, expected)
        for value in pair.values():
            if isinstance(value, np.ndarray):
                value[...] = 1


def test_a_dataset_with_open_files_can_be_sent_to_a_worker(tmp_path):
    dataset = make(tmp_path)
    drawn = dataset._pair(0)
    sent = pickle.loads(pickle.dumps(dataset))
    assert_same(sent.disk._read(0), drawn)
    assert len(pickle.dumps(dataset.disk)) < 5000


def test_shares_of_a_person_are_kept_exactly(tmp_path):
    dataset = make(tmp_path)
    share = dataset._pair(2)['tgt_person']
    assert (share % 1 > 0).sum() > 0
    np.testing.assert_array_equal(share, dataset.world.pair(2)['tgt_person'])


def test_a_longer_dataset_reads_what_a_shorter_one_drew(tmp_path, monkeypatch):
    drawn = make(tmp_path)._pair(3)
    longer = make(tmp_path, num_pairs=1000)
    longer._pair(999)
    monkeypatch.setattr(longer.world, 'pair', refuse)
    assert_same(longer._pair(3), drawn)
    assert longer._pair(-1)['tgt_id'] == longer._pair(999)['tgt_id']


def test_the_cached_pipeline_runs_once_and_the_other_at_each_reading(tmp_path):
    cached = [dict(type='_AddNoise')]
    later = [dict(type='_AddNoise', key='later')]
    dataset = make(tmp_path, cached_pipeline=cached, pipeline=later)
    _AddNoise.runs = 0
    np.random.seed(1)
    first = [dataset[1] for _ in range(3)]
    assert _AddNoise.runs == 4
    assert len({pair['noise'].tobytes() for pair in first}) == 1
    assert len({pair['later'].tobytes() for pair in first}) == 3
    # Neither its numbers nor those that follow depend on what was there.
    np.random.seed(1)
    again = [dataset[1] for _ in range(3)]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one['later'], other['later'])
    bare = make(tmp_path / 'other', cached_pipeline=cached)
    np.testing.assert_array_equal(bare[1]['noise'], first[0]['noise'])
    assert (bare[2]['noise'] != bare[1]['noise']).all()


def test_the_cached_pipeline_runs_without_a_cache_and_in_memory():
    init_default_scope('mmposetransfer')
    noises = [
        SynthFashionDataset(
            **SETTINGS, cache=cache, cached_pipeline=[dict(type='_AddNoise')]
        )[1]['noise']
        for cache in (False, True)
    ]
    np.testing.assert_array_equal(*noises)


def test_cached_keys_are_all_that_is_kept(tmp_path):
    keys = ('ref_keypoints', 'tgt_keypoints', 'visibility')
    dataset = make(tmp_path, cached_keys=keys)
    assert not dataset.pictures
    for _ in range(2):
        assert dataset._pair(0).keys() == set(keys)
    assert make(tmp_path, cached_keys=('ref_img',)).pictures
    with pytest.raises(KeyError, match=r"cached_keys: there is no \['odd'\]"):
        make(tmp_path, cached_keys=('odd',))._pair(0)


@pytest.mark.parametrize(
    'pair, words',
    [
        (dict(flow=np.zeros((2, 4, 5), 'f4')), "'flow' is .*4, 5.*4, 4"),
        (dict(flow=np.zeros((2, 4, 4), 'f8')), "'flow' is <f8.*<f4"),
        (dict(), "'flow' is missing in one"),
        (dict(flow=np.zeros((2, 4, 4), 'f4'), b=np.ones(1)), "'b' is .*miss"),
        (dict(flow=np.zeros((2, 4, 4), 'f4'), b={1}), "'b' of a pair is a se"),
        (dict(flow=np.zeros((2, 4, 4), 'f4'), b='x' * 1100), r'1108 bytes'),
    ],
)
def test_pairs_that_cannot_be_kept(pair, words):
    layout = PairLayout.of(dict(flow=np.zeros((2, 4, 4), np.float32)))
    with pytest.raises((ValueError, TypeError), match=words):
        layout.encode(pair)


def test_flow_beyond_all_pictures_is_held():
    flow = np.float32([[[-5000, 1.03]], [[2100, 0]]])
    layout = PairLayout.of(dict(flow=flow))
    held = layout.decode(layout.encode(dict(flow=flow)))['flow']
    np.testing.assert_array_equal(
        held, np.float32([[[-2048, 1]], [[2047.9375, 0]]])
    )


def test_a_cached_pipeline_on_disk_is_told_by_its_config(tmp_path):
    with pytest.raises(TypeError, match='config dicts of numbers'):
        make(tmp_path, cached_pipeline=[_AddNoise()])


@pytest.mark.parametrize(
    'changes',
    [
        dict(seed=1),
        dict(split='train'),
        dict(num_people=3),
        dict(size=(96, 64)),
        dict(pictures=False),
        dict(same_studio=0.9),
        dict(cached_keys=['ref_img']),
        dict(cached_pipeline=[dict(type='_AddNoise')]),
    ],
)
def test_other_settings_have_other_files(tmp_path, changes):
    assert make(tmp_path).disk.folder != make(tmp_path, **changes).disk.folder


def test_another_version_of_the_code_reads_nothing(tmp_path, monkeypatch):
    before = make(tmp_path).disk.folder
    assert make(tmp_path).disk.folder == before
    monkeypatch.setattr(pair_cache, '_version', lambda: 'another')
    assert make(tmp_path).disk.folder != before


def test_other_cached_pipelines_have_other_files(tmp_path, monkeypatch):
    def folder(**settings):
        cached = [dict(settings, type='_AddNoise')]
        return make(tmp_path, cached_pipeline=cached).disk.folder

    assert folder() == folder() != folder(scale=2.0)
    code = Path(__file__).read_bytes()
    before = folder()
    monkeypatch.setattr(
        'pathlib.Path.read_bytes', lambda path: code + b'# another'
    )
    assert folder() != before


@TRANSFORMS.register_module()
class _Prepared(BaseTransform):
    """Counts what it is told beforehand."""

    told: list[list[str]] = []  # noqa: RUF012

    def prepare(self, pairs):
        self.told.append([pair['tgt_id'] for pair in pairs])

    def transform(self, results):
        noise = np.random.uniform(size=3)
        return dict(results, noise=noise.astype(np.float32))


def test_filling_draws_what_is_missing_at_once(tmp_path, monkeypatch):
    """Chance is that of each pair, whatever it is drawn with."""
    cached = [dict(type='_AddNoise'), dict(type='_Prepared')]
    alone = make(tmp_path / 'a', cached_pipeline=cached)
    expected = [alone[i] for i in range(4)]
    _Prepared.told.clear()
    dataset = make(tmp_path / 'b', cached_pipeline=cached)
    assert dataset[2]['tgt_id'] == expected[2]['tgt_id']
    assert dataset.fill_cache(range(4)) == 3
    assert [len(ids) for ids in _Prepared.told] == [1, 3]
    monkeypatch.setattr(dataset.world, 'pair', refuse)
    assert dataset.fill_cache(range(4)) == 0
    for i in range(4):
        assert_same(dataset[i], expected[i])


def test_only_a_cache_on_disk_is_filled(tmp_path):
    dataset = SynthFashionDataset(**SETTINGS, cache=True)
    with pytest.raises(ValueError, match="no cache on disk.*'cache'"):
        dataset.fill_cache([0])
