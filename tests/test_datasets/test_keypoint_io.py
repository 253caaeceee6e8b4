"""Keypoints from arrays and files, and what is wrong with broken ones."""

import json

import numpy as np
import pytest
import torch

from mmposetransfer.datasets.keypoint_files import (
    read_coco_json,
    read_keypoint_csv,
    read_openpose_json,
)
from mmposetransfer.datasets.keypoint_io import load_keypoints

HEADER = 'name:keypoints_y:keypoints_x'
XS = list(range(100, 118))
YS = list(range(20, 56, 2))
# Place of each COCO joint in OpenPose-18, from the two published orders.
COCO_IN_OPENPOSE = [0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10]


def _points(count, score=1.0):
    index = np.arange(count)
    return np.stack([50 + 3.0 * index, 20 + 2.0 * index, 0 * index + score], 1)


def _write_csv(path, *lines):
    path.write_text('\n'.join([HEADER, *lines]) + '\n', encoding='utf-8')
    return path


def _write_json(path, content):
    path.write_text(json.dumps(content))
    return path


def _openpose(*people):
    return {
        'version': 1.3,
        'people': [{'pose_keypoints_2d': p.ravel().tolist()} for p in people],
    }


def _coco(*annotations):
    return {
        'images': [
            {'id': 7, 'file_name': 'dir/one.jpg'},
            {'id': 9, 'file_name': 'two.jpg'},
        ],
        'annotations': [
            {'id': i, 'image_id': image, 'keypoints': p.ravel().tolist()}
            for i, (image, p) in enumerate(annotations)
        ],
    }


# Arrays ---------------------------------------------------------------------


@pytest.mark.parametrize('kind', [np.asarray, torch.as_tensor, list])
def test_openpose_arrays_pass_through(kind):
    points = _points(18, 0.75)
    got = load_keypoints(kind(points.tolist()))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, points)


def test_missing_joints_become_zeros():
    points = _points(18)
    points[3] = [np.nan, np.inf, 0]  # the score says it: x and y mean nothing
    points[4, :2] = -1
    got = load_keypoints(points)
    assert not got[3:5].any() and got[[2, 5]].all()
    got = load_keypoints(points[[0, 1, 2] + list(range(4, 18)) + [0], :2])
    assert not got[3].any() and (got[[0, 1, 2], 2] == 1).all()


def test_coco_joints_land_in_place_and_make_a_neck():
    points = _points(17)
    got = load_keypoints(points)
    np.testing.assert_allclose(got[COCO_IN_OPENPOSE], points)
    np.testing.assert_allclose(got[1, :2], points[5:7, :2].mean(0))
    points[5, 2] = 0  # no left shoulder, no neck
    assert load_keypoints(points)[1, 2] == 0


def test_body25_and_mediapipe_by_their_number_of_joints():
    body25 = _points(25)
    order = [*range(8), *range(9, 15), *range(15, 19)]
    np.testing.assert_allclose(load_keypoints(body25), body25[order])
    mediapipe = _points(33)
    got = load_keypoints(mediapipe)
    np.testing.assert_allclose(got[[0, 4, 13]], mediapipe[[0, 16, 27]])


@pytest.mark.parametrize(
    ('points', 'message'),
    [
        (np.ones((16, 3)), r'no skeleton has 16 joints; .*17 \(coco17\)'),
        (np.ones((18, 4)), r'\(K, 2\) or \(K, 3\), got \(18, 4\)'),
        (np.ones(54), r'got \(54,\)'),
        ([[1, 2], [3]], 'not all joints are numbers'),
        ([['a', 'b']], 'not all joints are numbers'),
        (np.zeros((18, 3)), 'all 18 joints are missing'),
        (-np.ones((18, 2)), 'all 18 joints are missing'),
        (_points(18) / 100, r'within 2 pixels .*scaled to \[0, 1\]'),
    ],
)
def test_broken_arrays(points, message):
    with pytest.raises(ValueError, match=message):
        load_keypoints(points)


@pytest.mark.parametrize(
    ('axis', 'value'), [(0, np.nan), (1, np.inf), (2, np.nan), (2, -0.5)]
)
def test_broken_numbers_name_the_joint(axis, value):
    points = _points(18)
    points[4, axis] = value
    name = ('x', 'y', 'score')[axis]
    with pytest.raises(
        ValueError, match=f'the {name} of joint 4 .*wrist.* is {value}'
    ):
        load_keypoints(points)


def test_named_skeleton_must_fit():
    with pytest.raises(ValueError, match='coco17 has 17 joints, got 18'):
        load_keypoints(_points(18), skeleton='coco17')
    with pytest.raises(ValueError, match="unknown skeleton 'coco'.*coco17"):
        load_keypoints(_points(17), skeleton='coco')
    with pytest.raises(TypeError, match='got int'):
        load_keypoints(5)


def test_unsure_joints_are_missing():
    """As detectors give every joint a score, however small."""
    points = _points(18)
    points[:, 2] = np.linspace(0.01, 0.9, 18)
    assert (load_keypoints(points)[:, 2] > 0).all()
    got = load_keypoints(points, min_score=points[7, 2])
    assert not got[:7].any()
    np.testing.assert_allclose(got[7:], points[7:], rtol=1e-6)
    coco = _points(17)
    coco[5, 2] = 0.2  # an unsure shoulder makes an unsure neck
    assert load_keypoints(coco)[1, 2] == pytest.approx(0.2)
    got = load_keypoints(coco, min_score=0.3)
    assert not got[[1, 5]].any() and got[2, 2] == 1
    with pytest.raises(ValueError, match='no joint.*min_score=0.95.* 0.9'):
        load_keypoints(points, min_score=0.95)
    for wrong in (-0.1, np.nan, '0.3'):
        with pytest.raises(ValueError, match='min_score must be'):
            load_keypoints(points, min_score=wrong)


# CSV ------------------------------------------------------------------------


def test_csv_with_missing_joints_and_odd_names(tmp_path):
    ys, xs = YS.copy(), XS.copy()
    ys[9] = xs[9] = -1
    path = _write_csv(
        tmp_path / 'k.csv',
        f'a.jpg:{YS}:{XS}',
        f'C:\\new\\b.jpg:{ys}:{xs}',
        '',
    )
    got = load_keypoints(path, 'some/folder/a.jpg')
    np.testing.assert_allclose(got, np.stack([XS, YS, np.ones(18)], axis=1))
    keypoints = read_keypoint_csv(path)
    assert list(keypoints) == ['a.jpg', 'C:\\new\\b.jpg']
    assert not keypoints['C:\\new\\b.jpg'][9].any()
    # a result of the same image as .png
    np.testing.assert_allclose(load_keypoints(str(path), 'a.png'), got)


@pytest.mark.parametrize(
    ('line', 'message'),
    [
        (
            f'b.jpg:{YS[:17]}:{XS}',
            r'line 3 \(b.jpg\).*18 .*_y, got 17',
        ),
        (f'b.jpg:{YS}', r'line 3: expected name:'),
        (f'b.jpg:{YS}:[1, oops]', r'line 3 \(b.jpg\): keypoints_x is no list'),
        (f'b.jpg:{YS}:[null]', r'keypoints_x is no list of numbers'),
        (
            f'b.jpg:{YS}:{XS}'.replace('102', 'NaN'),
            r'line 3 \(b.jpg\): the x of joint 2',
        ),
        (f'a.jpg:{YS}:{XS}', r"line 3: 'a.jpg' is there a second time"),
    ],
)
def test_broken_csv_lines_are_named(tmp_path, line, message):
    path = _write_csv(tmp_path / 'k.csv', f'a.jpg:{YS}:{XS}', line)
    with pytest.raises(ValueError, match=message) as error:
        read_keypoint_csv(path)
    assert 'k.csv' in str(error.value)


def test_csv_without_header_or_image(tmp_path):
    path = tmp_path / 'k.csv'
    path.write_text(f'a.jpg:{YS}:{XS}\n')
    with pytest.raises(ValueError, match=f"line 1: expected .*'{HEADER}'"):
        load_keypoints(path)
    _write_csv(path, f'a.jpg:{YS}:{XS}', f'b.jpg:{YS}:{XS}')
    with pytest.raises(ValueError, match="'c.jpg'; it knows 2 images: a.jpg"):
        load_keypoints(path, 'c.jpg')
    with pytest.raises(ValueError, match='2 images: pass image_name'):
        load_keypoints(path)
    _write_csv(path, f'x/a.jpg:{YS}:{XS}', f'y/a.jpg:{YS}:{XS}')
    with pytest.raises(ValueError, match='several images called a.jpg'):
        load_keypoints(path, 'a.jpg')


def test_csv_with_all_joints_missing(tmp_path):
    nothing = [-1] * 18
    path = _write_csv(tmp_path / 'k.csv', f'a.jpg:{nothing}:{nothing}')
    with pytest.raises(ValueError, match=r"k.csv' \(a.jpg\): all 18 joints"):
        load_keypoints(path)


# OpenPose JSON --------------------------------------------------------------


def test_openpose_takes_the_surest_person_or_the_named(tmp_path):
    people = [_points(25, 0.4), _points(25, 0.9), _points(25, 0.5)]
    people[1][:, 0] += 40
    path = _write_json(tmp_path / 'img_keypoints.json', _openpose(*people))
    assert load_keypoints(path)[0] == pytest.approx([90, 20, 0.9])
    assert load_keypoints(path, person=2)[0] == pytest.approx([50, 20, 0.5])
    assert len(read_openpose_json(path)) == 3
    # a folder of such files, as OpenPose writes it
    found = load_keypoints(tmp_path, image_name='photos/img.jpg')
    np.testing.assert_allclose(found, load_keypoints(path))
    with pytest.raises(ValueError, match='no person 3, only 0 to 2'):
        load_keypoints(path, person=3)
    with pytest.raises(ValueError, match='no keypoints of .*other.jpg'):
        load_keypoints(tmp_path, image_name='other.jpg')
    with pytest.raises(ValueError, match='is a folder: pass image_name'):
        load_keypoints(tmp_path)


def test_openpose_of_eighteen_joints(tmp_path):
    path = _write_json(tmp_path / 'k.json', _openpose(_points(18, 0.5)))
    np.testing.assert_allclose(load_keypoints(path), _points(18, 0.5))


def test_openpose_joints_below_a_tenth_are_no_joints(tmp_path):
    points = _points(25)
    points[3, 2], points[4, 2] = 0.09, 0.11
    path = _write_json(tmp_path / 'k.json', _openpose(points))
    got = load_keypoints(path)
    assert not got[3].any() and got[4, 2] == pytest.approx(0.11)
    assert load_keypoints(path, min_score=0)[3, 2] == pytest.approx(0.09)
    assert not load_keypoints(path, min_score=0.5)[3:5].any()
    np.save(tmp_path / 'k.npy', points)  # who knows what its scores mean
    assert load_keypoints(tmp_path / 'k.npy')[3, 2] == pytest.approx(0.09)


def test_broken_openpose_files(tmp_path):
    path = tmp_path / 'k.json'
    _write_json(path, _openpose())
    with pytest.raises(ValueError, match='k.json.: no person was found'):
        load_keypoints(path)
    _write_json(path, _openpose(_points(18), _points(16)))
    with pytest.raises(ValueError, match='person 1.*18 or 25 joints, got 16'):
        load_keypoints(path)
    _write_json(path, {'people': [{'face_keypoints_2d': []}]})
    with pytest.raises(ValueError, match="person 0: .*'pose_keypoints_2d'"):
        load_keypoints(path)
    _write_json(path, {'people': [5]})
    with pytest.raises(ValueError, match='person 0'):
        load_keypoints(path)
    broken = _points(18)
    broken[7, 1] = np.nan
    _write_json(path, _openpose(broken))
    with pytest.raises(ValueError, match='person 0: the y of joint 7'):
        load_keypoints(path)
    path.write_text('{"people": [')
    with pytest.raises(ValueError, match='no valid JSON: line 1, column 13'):
        load_keypoints(path)
    path.write_bytes(b'\xff\xfe{}')
    with pytest.raises(ValueError, match='no text file in UTF-8'):
        load_keypoints(path, format='openpose')


# COCO JSON ------------------------------------------------------------------


def test_coco_takes_the_largest_person_or_the_named(tmp_path):
    small, large, other = (_points(17, 2) for _ in range(3))
    large[:, :2] *= 3
    large[9, 2] = 1  # labelled, but hidden
    large[10] = 0
    nobody = np.zeros((17, 3))
    path = _write_json(
        tmp_path / 'coco.json',
        _coco((7, nobody), (7, small), (9, other), (7, large)),
    )
    got = load_keypoints(path, 'one.jpg')
    assert got[0] == pytest.approx([150, 60, 1])
    assert got[7, 2] == 0.5 and not got[4].any()
    named = load_keypoints(path, 'one.jpg', person=1)
    np.testing.assert_allclose(named[0], [50, 20, 1])
    assert {k: len(v) for k, v in read_coco_json(path).items()} == {
        'dir/one.jpg': 3,
        'two.jpg': 1,
    }
    with pytest.raises(ValueError, match=r'\(dir/one.jpg\), person 0: all 18'):
        load_keypoints(path, 'one.jpg', person=0)


@pytest.mark.parametrize('place', ['info', 'images', 'top'])
def test_coco_files_that_speak_of_people(tmp_path, place):
    content = _coco((7, _points(17, 2)))
    if place == 'info':
        content = {'info': {'people': 'and "people"'}, **content}
    elif place == 'images':
        content['images'][0]['people'] = []
    else:
        content['people'] = 'two'
    path = _write_json(tmp_path / 'coco.json', content)
    got = load_keypoints(path, 'one.jpg')
    np.testing.assert_allclose(got[0], [50, 20, 1])


def test_openpose_files_behind_a_long_header(tmp_path):
    content = {'comment': 2**20 * 'x', **_openpose(_points(18))}
    path = _write_json(tmp_path / 'k.json', content)
    np.testing.assert_allclose(load_keypoints(path), _points(18))


def test_tables_are_read_once_and_stay_as_they_are(tmp_path):
    coco = _write_json(tmp_path / 'k.json', _coco((7, _points(17, 2))))
    csv = _write_csv(tmp_path / 'k.csv', f'a.jpg:{YS}:{XS}')
    tables = {}
    first = load_keypoints(csv, 'a.jpg', tables=tables)
    load_keypoints(coco, 'one.jpg', tables=tables)[:] = 7
    csv.unlink()
    coco.unlink()
    again = load_keypoints(csv, 'a.jpg', tables=tables)
    np.testing.assert_array_equal(first, again)
    again = load_keypoints(coco, 'one.jpg', tables=tables)
    np.testing.assert_allclose(again[0], [50, 20, 1])
    with pytest.raises(FileNotFoundError, match='k.csv'):
        load_keypoints(csv, 'a.jpg')


def test_broken_coco_files(tmp_path):
    path = tmp_path / 'k.json'
    _write_json(path, {'images': []})
    with pytest.raises(ValueError, match="no COCO file: it has no 'annot"):
        load_keypoints(path)
    _write_json(path, [1, 2])
    with pytest.raises(ValueError, match='no COCO file'):
        load_keypoints(path)
    _write_json(path, _coco((7, _points(18, 2))))
    with pytest.raises(ValueError, match='annotation 0.*17 joints, got 18'):
        load_keypoints(path)
    _write_json(path, _coco((8, _points(17, 2))))
    with pytest.raises(ValueError, match='image_id 8 is not in'):
        load_keypoints(path)
    _write_json(path, _coco((7, _points(17, 0.3))))
    with pytest.raises(ValueError, match='visibility must be 0, 1 or 2'):
        load_keypoints(path)
    content = _coco((7, _points(17, 2)))
    del content['annotations'][0]['keypoints']
    _write_json(path, content)
    with pytest.raises(ValueError, match="annotation 0: the key 'keypoints'"):
        load_keypoints(path)
    content['annotations'] = ['what']
    _write_json(path, content)
    with pytest.raises(ValueError, match='annotation 0'):
        load_keypoints(path)


# Other files ----------------------------------------------------------------


def test_npy_and_unknown_files(tmp_path):
    np.save(tmp_path / 'k.npy', _points(17))
    got = load_keypoints(tmp_path / 'k.npy')
    np.testing.assert_allclose(got, load_keypoints(_points(17)))
    np.save(tmp_path / 'o.npy', np.array([{}], object), allow_pickle=True)
    with pytest.raises(ValueError, match="o.npy' is no array of numbers"):
        load_keypoints(tmp_path / 'o.npy')
    (tmp_path / 'k.txt').write_text('1 2 3')
    with pytest.raises(ValueError, match="ending '.txt' does not tell"):
        load_keypoints(tmp_path / 'k.txt')
    with pytest.raises(FileNotFoundError, match='nowhere.csv'):
        load_keypoints(tmp_path / 'nowhere.csv')
    with pytest.raises(ValueError, match="format must be one of .*'CSV'"):
        load_keypoints(tmp_path / 'k.npy', format='CSV')


# Real files -----------------------------------------------------------------


@pytest.mark.parametrize('folder', ['deepfashion', 'market1501'])
def test_real_csv(shared, folder):
    path = shared / 'real' / folder / 'keypoints.csv'
    size = {'deepfashion': (256, 256), 'market1501': (64, 128)}[folder]
    keypoints = read_keypoint_csv(path)
    assert len(keypoints) >= 24
    for points in keypoints.values():
        there = points[:, 2] > 0
        assert there.sum() > 4
        inside = (points[there, :2] <= size) & (points[there, :2] >= 0)
        assert inside.mean() > 0.9  # x and y are not mixed up


def test_real_coco(shared):
    path = shared / 'real' / 'coco' / 'person_keypoints.json'
    skier = load_keypoints(path, '000000000785.jpg')
    assert skier[0] == pytest.approx([367, 81, 1])  # the nose
    assert skier[10] == pytest.approx([396, 341, 1])  # the right ankle
    one = load_keypoints(path, '000000196141.jpg')
    other = load_keypoints(path, '000000196141.jpg', person=4)
    assert np.ptp(one[one[:, 2] > 0], axis=0)[1] > 200 > np.ptp(other[:, 1])


@pytest.mark.parametrize(
    ('joint', 'message'),
    [
        ([np.nan, 5, 1], r'the x of joint 4 \(right_wrist\) is nan'),
        ([5, -np.inf, 1], r'the y of joint 4 \(right_wrist\) is -inf'),
        ([5, 5, np.nan], r'the score of joint 4 \(right_wrist\) is nan'),
        ([1e30, 5, 1], r'the x of joint 4 \(right_wrist\) is 1e\+30, which'),
    ],
)
@pytest.mark.parametrize('kind', [np.asarray, torch.tensor, np.ndarray.tolist])
def test_numbers_that_are_no_coordinates(joint, message, kind):
    pose = np.arange(54.0).reshape(18, 3)
    pose[4] = joint
    with pytest.raises(ValueError, match=message):
        load_keypoints(kind(pose))
    pose[4, 2] = 0  # it is missing, wherever it is
    assert not load_keypoints(kind(pose))[4].any()


@pytest.mark.parametrize(
    'array', [np.full((18, 2), 1j), np.full((18, 2), '1')])
def test_what_is_no_number(array):
    with pytest.raises(ValueError, match='not all joints are numbers'):
        load_keypoints(array)


def test_bfloat16():
    pose = torch.arange(36.0).reshape(18, 2)
    assert (load_keypoints(pose.bfloat16()) == load_keypoints(pose)).all()
