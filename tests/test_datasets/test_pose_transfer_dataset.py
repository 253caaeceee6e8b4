"""Pairs of pictures in the layout of the paper's data."""

import json
import os
import pickle

import cv2
import numpy as np
import pytest
from mmengine.registry import init_default_scope

from mmposetransfer.datasets import PoseTransferDataset, write_corr
from mmposetransfer.datasets.keypoints import KeypointWarning
from mmposetransfer.io.file_names import pair_names

SIZE = (32, 24)


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmposetransfer')


@pytest.fixture
def root(tmp_path):
    """Two images, their joints, segmentations and one `.corr` file."""
    rng = np.random.default_rng(0)
    for folder in ('Img/img', 'Img/seg', 'Label', 'corr'):
        (tmp_path / folder).mkdir(parents=True)
    joints = {}
    for name in ('a', 'b'):
        img = rng.integers(0, 255, (*SIZE, 3), dtype=np.uint8)
        cv2.imwrite(str(tmp_path / f'Img/img/{name}.jpg'), img)
        cv2.imwrite(
            str(tmp_path / f'Img/seg/{name}.bmp'), np.full(SIZE, 2, np.uint8)
        )
        points = rng.integers(0, 20, (18, 2)).tolist()
        points[3] = [-1, -1]
        joints[name] = points
    (tmp_path / 'Label/pose_label.pkl').write_bytes(pickle.dumps(joints))
    (tmp_path / 'Label/pair_split.json').write_text(
        json.dumps(dict(train=[['a', 'b'], ['b', 'a']], test=[['a', 'b']]))
    )
    (tmp_path / 'pairs.csv').write_text('from,to\na.jpg,b.jpg\n')
    (tmp_path / 'joints.csv').write_text(
        'name:keypoints_y:keypoints_x\n'
        + ''.join(
            f'{name}.jpg:{[y for x, y in p]}:{[x for x, y in p]}\n'
            for name, p in joints.items()
        )
    )
    flow = np.ones((2, *SIZE), np.float32)
    write_corr(
        tmp_path / 'corr/b_a.corr', flow, np.zeros((1, *SIZE), np.uint8)
    )
    return tmp_path


def make(root, **kwargs):
    arguments = dict(
        data_root=str(root),
        ann_file='Label/pair_split.json',
        keypoints_file='Label/pose_label.pkl',
        data_prefix=dict(img='Img/img', seg='Img/seg', corr='corr'),
        pipeline=[dict(type='LoadPair', with_flow=True)],
    )
    return PoseTransferDataset(**{**arguments, **kwargs})


def test_pair_with_flow(root):
    pair = make(root)[0]
    assert (pair['ref_id'], pair['tgt_id']) == ('a', 'b')
    assert pair['ref_img'].shape == (*SIZE, 3)
    assert pair['flow'].mean() == 1 and not pair['visibility'].any()
    assert (pair['tgt_parts'] == 2).all()
    assert pair['ref_keypoints'].shape == (18, 3)
    assert pair['ref_keypoints'][3, 2] == 0
    assert pair['ref_keypoints'][:, 2].sum() >= 16


def test_missing_flow_means_background(root):
    pair = make(root)[1]
    assert not pair['flow'].any() and (pair['visibility'] == 2).all()


def test_csv_and_pickle_say_the_same(root):
    first = make(root, split='test')[0]
    again = make(root, ann_file='pairs.csv', keypoints_file='joints.csv')[0]
    for key in ('ref_keypoints', 'tgt_img', 'flow'):
        np.testing.assert_array_equal(first[key], again[key])


def test_pictures_and_joints_keep_the_suffix_of_the_pairs(root):
    """As both CSVs name PNGs, whatever else is in the folder."""
    theirs = make(root)[0]
    for name in ('a', 'b'):
        img = cv2.imread(str(root / f'Img/img/{name}.jpg'))
        cv2.imwrite(str(root / f'Img/img/{name}.png'), img)
    for name in ('pairs.csv', 'joints.csv'):
        text = (root / name).read_text()
        (root / name).write_text(text.replace('.jpg', '.png'))
    pair = make(
        root,
        ann_file='pairs.csv',
        keypoints_file='joints.csv',
        fitted_keypoints_file='joints.csv',
    )[0]
    with pytest.raises(ValueError, match='several .* a: a.jpg, a.png'):
        make(root)  # its list has no endings
    for key in ('ref_keypoints', 'tgt_keypoints', 'ref_img', 'flow'):
        np.testing.assert_array_equal(pair[key], theirs[key])
    np.testing.assert_array_equal(
        pair['tgt_fitted_keypoints'], theirs['tgt_keypoints']
    )
    # The full name comes first: a.jpg may be another picture.
    lines = (root / 'joints.csv').read_text().splitlines()
    (root / 'joints.csv').write_text(
        '\n'.join([*lines, f'a.jpg:{[1] * 18}:{[1] * 18}'])
    )
    again = make(root, ann_file='pairs.csv', keypoints_file='joints.csv')[0]
    np.testing.assert_array_equal(
        again['ref_keypoints'], theirs['ref_keypoints']
    )


def test_joints_outside_of_the_picture_are_missing(root):
    path = root / 'Label/pose_label.pkl'
    joints = pickle.loads(path.read_bytes())
    joints['a'][0] = [SIZE[1], 5]
    path.write_bytes(pickle.dumps(joints))
    assert make(root)[0]['ref_keypoints'][0, 2] == 0


def edit_joints(root, change):
    path = root / 'Label/pose_label.pkl'
    joints = pickle.loads(path.read_bytes())
    change(joints)
    path.write_bytes(pickle.dumps(joints))


def test_joints_of_another_size_are_refused_with_the_size(root):
    def enlarge(joints):
        # It fills the picture of 32x24, were that twice as large.
        joints['b'] = [[2 * x + 6, 2 * y + 14] for x, y in joints['b']]
        joints['b'][0] = [44, 60]

    edit_joints(root, enlarge)
    with pytest.raises(
        ValueError,
        match=(
            r"keypoints of '.*b.jpg': .* has 24x32 pixels .* 2.0 times as "
            r'large; scale them, or say keypoints_size=\(64, 48\)'
        ),
    ):
        make(root, split='test')[0]
    pair = make(root, split='test', keypoints_size=(64, 48))[0]
    np.testing.assert_allclose(
        pair['tgt_keypoints'][0],
        [(44 + 0.5) / 2 - 0.5, (60 + 0.5) / 2 - 0.5, 1],
    )


def test_single_joints_outside_are_told_once(root):
    def move(joints):
        joints['a'][0] = joints['b'][0] = [99, 5]

    edit_joints(root, move)
    dataset = make(root)
    with pytest.warns(KeypointWarning) as told:
        pairs = [dataset[0], dataset[1], dataset[0]]
    (text,) = [str(w.message) for w in told]
    assert '1 of 17 joints lie outside' in text and 'a.jpg' in text
    assert [pair['ref_keypoints'][0, 2] for pair in pairs] == [0, 0, 0]


def test_pictures_of_nobody_are_told_once(root):
    edit_joints(root, lambda joints: joints.update(b=[[-1, -1]] * 18))
    dataset = make(root)
    with pytest.warns(KeypointWarning, match='nobody was found') as told:
        pairs = [dataset[0], dataset[1]]
    assert len(told) == 1 and "b.jpg'" in str(told[0].message)
    assert not pairs[0]['tgt_keypoints'].any()


def test_joints_of_a_canvas_are_brought_to_the_pictures(root):
    """ComfyUI looked at pictures of half the size."""
    wanted = make(root)[0]['ref_keypoints']
    people = [
        dict(
            pose_keypoints_2d=(
                (wanted / [SIZE[1], SIZE[0], 1]).ravel().tolist()
            )
        )
    ]
    (root / 'poses').mkdir()
    for name in ('a', 'b'):
        (root / f'poses/{name}.json').write_text(
            json.dumps(
                [dict(people=people, canvas_height=16, canvas_width=12)]
            )
        )
    pair = make(root, keypoints_file='poses')[0]
    np.testing.assert_allclose(pair['ref_keypoints'], wanted, atol=1e-4)


@pytest.mark.parametrize(
    'content',
    [
        [
            dict(
                image_id=f'{name}.jpg',
                category_id=1,
                score=1,
                keypoints=[5, 7, 0.9] * 17,
            )
            for name in 'ab'
        ],
        dict(
            images=[
                dict(id=k, file_name=f'{name}.jpg')
                for k, name in enumerate('ab')
            ],
            annotations=[
                dict(image_id=k, keypoints=[5, 7, 2] * 17) for k in (0, 1)
            ],
        ),
    ],
    ids=['alphapose', 'coco'],
)
def test_files_of_other_projects(root, content):
    (root / 'poses.json').write_text(json.dumps(content))
    pair = make(root, keypoints_file='poses.json')[0]
    assert (pair['ref_keypoints'][:, :2] == [5, 7]).all()


class Hostile:
    """Makes a folder when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ('hacked',)


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(split='val'), r"no split 'val'"),
        (dict(ann_file='nowhere.json'), 'nowhere.json'),
        (dict(keypoints_file='nowhere.pkl'), 'nowhere.pkl'),
        (dict(data_prefix=dict(img='Img/img')), r'data_prefix\.corr'),
        (dict(data_prefix=dict(img='nowhere')), 'nowhere'),
    ],
)
def test_wrong_paths_are_named(root, change, message):
    with pytest.raises(
        (ValueError, KeyError, FileNotFoundError), match=message
    ):
        make(root, **change)[0]


@pytest.mark.parametrize(
    'content, message',
    [
        ('from,until\na,b\n', "'from' and 'to'"),
        ('from,to\na.jpg,\n', 'line 2'),
        ('from,to\na.jpg,c.jpg\n', 'c.jpg'),
        ('from,to\n', 'no pairs'),
    ],
)
def test_wrong_lines_are_named(root, content, message):
    (root / 'pairs.csv').write_text(content)
    with pytest.raises(ValueError, match=message):
        make(root, ann_file='pairs.csv')


@pytest.mark.parametrize(
    'content, message',
    [
        (7, r"pair_split.json'.* must be a list of pairs, not a int"),
        ([['a', 'b', 'c']], r'pair_split.json., pair 0: .*"a", "b", "c"'),
        (
            dict(train=dict(a='b')),
            "'train' must be a list of pairs, not a dict",
        ),
        (
            dict(train=[['a', 'b'], ['a']]),
            r"split 'train', pair 1: .*\[\"a\"\]",
        ),
        (dict(train=[['a', 'b'], ['b', 7]]), 'pair 1: .*7'),
        (dict(train=['ab']), 'pair 0: .*"ab"'),
        (dict(train=[['a', 'b'], None]), 'pair 1: .*null'),
    ],
)
def test_wrong_pairs_in_json_are_named(root, content, message):
    (root / 'Label/pair_split.json').write_text(json.dumps(content))
    with pytest.raises(ValueError, match=message):
        make(root)


@pytest.mark.parametrize(
    'content, message',
    [
        ([[1, 2]] * 18, r"pose_label.pkl' must hold a dict.*not a list"),
        (dict(a=[[1, 2]] * 17), r"pose_label.pkl' \(a\): .*17"),
        (dict(a=None), r"pose_label.pkl' \(a\)"),
    ],
)
def test_wrong_tables_of_keypoints_are_named(root, content, message):
    (root / 'Label/pose_label.pkl').write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=message):
        make(root)


def test_hostile_pickles_do_not_run(root, monkeypatch):
    monkeypatch.chdir(root)
    (root / 'Label/pose_label.pkl').write_bytes(
        pickle.dumps(dict(a=Hostile()))
    )
    with pytest.raises(ValueError, match='mkdir'):
        make(root)
    assert not (root / 'hacked').exists()


def picture_of(root, name, value):
    path = root / 'Img/img' / name
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((*SIZE, 3), value, np.uint8))


def test_namesakes_have_their_own_joints(root):
    """Found by folders, also if one of them has no joints."""
    joints = {}
    for k, name in enumerate(['a.png', 'x/a.png', 'y/a.png', 'x/z/b.png']):
        picture_of(root, f'deep/{name}', 10 * k)
        joints[f'deep\\{name}'.replace('/', '\\')] = [[k + 1, k + 9]] * 18
    write = (root / 'Label/pose_label.pkl').write_bytes
    write(pickle.dumps(joints))
    pairs = [['deep/a', 'x/a'], ['y/a.jpg', 'z/b']]
    (root / 'p.json').write_text(json.dumps(pairs))
    arguments = dict(
        ann_file='p.json',
        data_prefix=dict(img='Img/img'),
        pipeline=[dict(type='LoadPair')],
    )
    values = [
        (info[f'{side}_img'].mean(), info[f'{side}_keypoints'][0, 0])
        for info in make(root, **arguments)
        for side in ('ref', 'tgt')
    ]
    assert values == [(0, 1), (10, 2), (20, 3), (30, 4)]
    del joints['deep\\y\\a.png']
    write(pickle.dumps(joints))
    with pytest.raises(ValueError, match=r'no keypoints \(1\): y/a.jpg'):
        make(root, **arguments)
    write(pickle.dumps({'u/v.png': [[1, 2]] * 18}))
    with pytest.raises(ValueError, match="called 'u/v.png', .* 'deep/a.png'"):
        make(root, **arguments)
    write(pickle.dumps({'a': [[1, 2]] * 18, 'b': [[1, 2]] * 18}))
    with pytest.raises(ValueError, match=r'no keypoints \(4\): deep/a'):
        make(root, **arguments)  # they are those of Img/img/a.jpg, b.jpg
    for name in 'ab':
        (root / f'Img/img/{name}.jpg').unlink()
    with pytest.raises(ValueError, match="'a' could be each of these"):
        make(root, **arguments)


def test_names_of_pictures_that_are_not_there_are_told(root):
    (root / 'pairs.csv').write_text('from,to\na.jpg,c.jpg\nd.jpg,b.jpg\n')
    with pytest.raises(ValueError, match=r'no file in .*\(2\): c.jpg, d.jpg'):
        make(root, ann_file='pairs.csv')
    (root / 'pairs.csv').write_text('from,to\nc.jpg,d.jpg\n')
    with pytest.raises(ValueError, match="one is called 'a.jpg', .* 'c.jpg'"):
        make(root, ann_file='pairs.csv')


def test_flow_of_no_pair_is_an_error(root):
    (root / 'corr/b_a.corr').rename(root / 'corr/x_y.corr')
    with pytest.raises(ValueError, match='none of 2 pairs .*b_a.corr'):
        make(root)


def test_pairs_that_would_share_flow_are_named(root):
    for name in ('a_b', 'c', 'b_c'):
        picture_of(root, f'{name}.jpg', 1)
        (root / 'Img/seg' / f'{name}.bmp').write_bytes(
            (root / 'Img/seg/a.bmp').read_bytes()
        )
    table = pickle.loads((root / 'Label/pose_label.pkl').read_bytes())
    (root / 'Label/pose_label.pkl').write_bytes(
        pickle.dumps(dict.fromkeys(['a', 'a_b', 'c', 'b_c'], table['a']))
    )
    (root / 'p.csv').write_text('b_c,a\nc,a_b\n')
    with pytest.raises(ValueError, match='b_c -> a and c -> a_b would share'):
        make(root, ann_file='p.csv')
    dataset = make(root, ann_file='p.csv', data_prefix=dict(img='Img/img'))
    assert dataset.pair_ids() == [('b_c', 'a'), ('c', 'a_b')]
    assert len(set(pair_names(dataset.pair_ids()).values())) == 2


def test_pictures_of_one_id_would_share_flow(root):
    picture_of(root, 'a.png', 1)
    (root / 'p.csv').write_text('from,to\na.jpg,b\na.png,b\n')
    (root / 'Label/pose_label.pkl').write_bytes(
        pickle.dumps(dict.fromkeys(['a.jpg', 'a.png', 'b'], [[1, 2]] * 18))
    )
    arguments = dict(ann_file='p.csv')
    with pytest.raises(ValueError, match="a.jpg' and .*a.png' would share"):
        make(root, data_prefix=dict(img='Img/img', corr='corr'), **arguments)
    assert len(make(root, data_prefix=dict(img='Img/img'), **arguments)) == 2
