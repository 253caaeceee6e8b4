"""Tables of the paper's kind, wherever a keypoint file is taken."""

import collections
import os
import pickle

import joblib
import numpy as np
import pytest
from keypoint_samples import pose

from mmposetransfer.datasets.keypoints import (
    KeypointTable,
    load_keypoints,
    read_keypoint_table,
)

# As the paper's: 18 x [x, y], -1 where a joint is missing.
PAPER = {'a': pose(18)[:, :2].tolist(), 'b': [[-1, -1]] * 18}
PAPER['a'][3] = [-1, -1]


@pytest.mark.parametrize('protocol', range(6))
@pytest.mark.parametrize(
    'make',
    [
        dict,
        collections.OrderedDict,
        lambda table: collections.defaultdict(list, table),
        lambda table: collections.defaultdict(None, table),
        lambda table: {k: np.array(v) for k, v in table.items()},
        lambda table: {k: np.array(v, np.float32) for k, v in table.items()},
        lambda table: {
            k: [[np.float64(x), np.int64(y)] for x, y in v]
            for k, v in table.items()
        },
        lambda table: {k: [tuple(xy) for xy in v] for k, v in table.items()},
    ],
    ids=['dict', 'ordered', 'lists', 'none', 'f8', 'f4', 'numbers', 'tuples'],
)
def test_tables_of_the_paper_s_kind(tmp_path, protocol, make):
    path = tmp_path / 'pose_label.pkl'
    path.write_bytes(pickle.dumps(make(PAPER), protocol))
    table = read_keypoint_table(path)
    assert list(table) == ['a', 'b'] and table.empty == ['b']
    assert table['a'].dtype == np.float32 and not table['a'][3].any()
    assert table['a'][4].tolist() == [62, 28, 1]
    np.testing.assert_array_equal(load_keypoints(path, 'a.jpg'), table['a'])


@pytest.mark.parametrize(
    'compress', [0, 3, ('gzip', 3), ('bz2', 3), ('xz', 3), ('lzma', 3)]
)
def test_tables_that_joblib_wrote(tmp_path, compress):
    path = tmp_path / 'poses.pkl'
    joblib.dump({k: np.array(v) for k, v in PAPER.items()}, path, compress)
    table = read_keypoint_table(path)
    assert table['a'][4].tolist() == [62, 28, 1]
    bare = path.rename(tmp_path / 'poses')
    np.testing.assert_array_equal(read_keypoint_table(bare)['a'], table['a'])


def test_names_that_python_2_wrote_as_bytes(tmp_path):
    path = tmp_path / 'poses.pkl'
    path.write_bytes(pickle.dumps({b'a': PAPER['a'], 7: PAPER['a']}))
    assert list(read_keypoint_table(path)) == ['a', '7']


class Hostile:
    """Makes a folder when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ('hacked',)


@pytest.mark.parametrize(
    'table',
    [
        collections.defaultdict(Hostile, PAPER),
        {'a': Hostile()},
        collections.OrderedDict(a=Hostile()),
        collections.Counter('ab'),
    ],
)
def test_hostile_tables_do_not_run(tmp_path, monkeypatch, table):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / 'poses.pkl'
    path.write_bytes(pickle.dumps(table))
    with pytest.raises(ValueError, match='poses.pkl. is not a pickle of plai'):
        read_keypoint_table(path)
    assert not (tmp_path / 'hacked').exists()


def test_single_poses_are_tables_of_one(tmp_path):
    np.save(tmp_path / 'me.npy', pose(17))
    table = read_keypoint_table(tmp_path / 'me.npy')
    assert list(table) == ['me']
    np.testing.assert_array_equal(table['me'], load_keypoints(pose(17)))


def test_a_canvas_gives_the_size():
    joints = np.ones((18, 3), np.float32) * [30, 40, 1]
    table = KeypointTable({'a': joints, 'b': joints}, {'a': (200, 100)})
    placed, sizes, odd = table.placed()
    assert sizes.tolist() == [[200, 100], [0, 0]] and odd == []
    np.testing.assert_array_equal(placed, [joints, joints])
    placed, sizes, odd = table.placed(dict(a=(400, 200), b=(400, 200)))
    assert sizes.tolist() == [[400, 200]] * 2 and odd == []
    np.testing.assert_array_equal(placed, [joints * [2, 2, 1], joints])


@pytest.mark.parametrize('size', [None, (200, 100)])
def test_shares_of_a_picture_are_refused(size):
    shares = np.ones((18, 3), np.float32) * [0.3, 0.4, 1]
    shares[:, 0] += np.arange(18) / 18
    table = KeypointTable({'a': shares})
    with pytest.raises(ValueError, match="of 'a': all 18 joints.*in pixels"):
        table.placed(size and {'a': size})
    table['a'][1:, 2] = 0  # one joint may lie in the corner
    table.placed(size and {'a': size})


def test_bystanders_beyond_the_border_are_no_mistake():
    person = np.ones((18, 3), np.float32) * [30, 40, 1]
    beyond = person + [190, 0, 0]
    beyond[4:, 2] = 0
    people = {'a#0': person, 'a#1': beyond}
    table = KeypointTable(people, pictures=dict.fromkeys(people, 'a'))
    placed, sizes, odd = table.placed({'a': (200, 200)})
    np.testing.assert_array_equal(placed, [person, beyond])
    assert sizes.tolist() == [[200, 200]] * 2 and odd == ['a']
    with pytest.raises(ValueError, match="keypoints of 'a#1': 4 of 4 joints"):
        KeypointTable(people).placed(dict.fromkeys(people, (200, 200)))
