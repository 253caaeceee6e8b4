"""Poses from arrays, and one call for files of any format."""

import pickle

import numpy as np
import pytest
import torch
from keypoint_samples import (
    COCO_IN_OPENPOSE,
    OPENPOSE_IN_BODY25,
    XS,
    YS,
    coco,
    openpose,
    pose,
    write_csv,
    write_json,
)

from mmposetransfer.datasets.keypoints import load_keypoints, load_persons


@pytest.mark.parametrize('kind', [np.asarray, torch.as_tensor, list])
def test_openpose_arrays_pass_through(kind):
    points = pose(18, 0.75)
    got = load_keypoints(kind(points.tolist()))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, points)


def test_missing_joints_become_zeros():
    points = pose(18)
    points[3] = [np.nan, np.inf, 0]  # the score says it: x and y mean nothing
    points[4, :2] = -1
    got = load_keypoints(points)
    assert not got[3:5].any() and got[[2, 5]].all()
    got = load_keypoints(points[[0, 1, 2] + list(range(4, 18)) + [0], :2])
    assert not got[3].any() and (got[[0, 1, 2], 2] == 1).all()


def test_coco_joints_land_in_place_and_make_a_neck():
    points = pose(17)
    got = load_keypoints(points)
    np.testing.assert_allclose(got[COCO_IN_OPENPOSE], points)
    np.testing.assert_allclose(got[1, :2], points[5:7, :2].mean(0))
    points[5, 2] = 0  # no left shoulder, no neck
    assert load_keypoints(points)[1, 2] == 0


def test_body25_and_mediapipe_by_their_number_of_joints():
    body25 = pose(25)
    np.testing.assert_allclose(
        load_keypoints(body25), body25[OPENPOSE_IN_BODY25]
    )
    mediapipe = pose(33)
    got = load_keypoints(mediapipe)
    np.testing.assert_allclose(got[[0, 4, 13]], mediapipe[[0, 16, 27]])


@pytest.mark.parametrize('count', [26, 136])
def test_halpe_has_a_neck_of_its_own(count):
    """17 head, 18 neck, 19 hip; the face and hands are left out."""
    points = pose(count)
    points[18, :2] = [400, 300]
    points[count - 1, :2] = np.nan
    if count == 26:
        points[count - 1, :2] = 0
    got = load_keypoints(points)
    np.testing.assert_allclose(got[COCO_IN_OPENPOSE], points[:17])
    np.testing.assert_allclose(got[1], [400, 300, 1])


def test_whole_bodies_of_coco_begin_with_coco_s_joints():
    points = pose(133)
    np.testing.assert_allclose(
        load_keypoints(points), load_keypoints(points[:17])
    )
    np.testing.assert_allclose(
        load_keypoints(points, skeleton='wholebody133')[0], points[0]
    )
    with pytest.raises(ValueError, match='wholebody133 has 133 joints, got 1'):
        load_keypoints(points[:17], skeleton='wholebody133')


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
        (pose(18) / 100, r'within 2 pixels .*scaled to \[0, 1\]'),
    ],
)
def test_broken_arrays(points, message):
    with pytest.raises(ValueError, match=message):
        load_keypoints(points)


@pytest.mark.parametrize(
    ('axis', 'value'), [(0, np.nan), (1, np.inf), (2, np.nan), (2, -0.5)]
)
def test_broken_numbers_name_the_joint(axis, value):
    points = pose(18)
    points[4, axis] = value
    name = ('x', 'y', 'score')[axis]
    with pytest.raises(
        ValueError, match=f'the {name} of joint 4 .*wrist.* is {value}'
    ):
        load_keypoints(points)


def test_named_skeleton_must_fit():
    with pytest.raises(ValueError, match='coco17 has 17 joints, got 18'):
        load_keypoints(pose(18), skeleton='coco17')
    with pytest.raises(ValueError, match="unknown skeleton 'coco'.*coco17"):
        load_keypoints(pose(17), skeleton='coco')
    with pytest.raises(TypeError, match='got int'):
        load_keypoints(5)


def test_unsure_joints_are_missing():
    """As detectors give every joint a score, however small."""
    points = pose(18)
    points[:, 2] = np.linspace(0.01, 0.9, 18)
    assert (load_keypoints(points)[:, 2] > 0).all()
    got = load_keypoints(points, min_score=points[7, 2])
    assert not got[:7].any()
    np.testing.assert_allclose(got[7:], points[7:], rtol=1e-6)
    coco = pose(17)
    coco[5, 2] = 0.2  # an unsure shoulder makes an unsure neck
    assert load_keypoints(coco)[1, 2] == pytest.approx(0.2)
    got = load_keypoints(coco, min_score=0.3)
    assert not got[[1, 5]].any() and got[2, 2] == 1
    with pytest.raises(ValueError, match='no joint.*min_score=0.95.* 0.9'):
        load_keypoints(points, min_score=0.95)
    for wrong in (-0.1, np.nan, '0.3'):
        with pytest.raises(ValueError, match='min_score must be'):
            load_keypoints(points, min_score=wrong)


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
    'array', [np.full((18, 2), 1j), np.full((18, 2), '1')]
)
def test_what_is_no_number(array):
    with pytest.raises(ValueError, match='not all joints are numbers'):
        load_keypoints(array)


def test_bfloat16():
    pose = torch.arange(36.0).reshape(18, 2)
    assert (load_keypoints(pose.bfloat16()) == load_keypoints(pose)).all()


def test_npy_and_unknown_files(tmp_path):
    np.save(tmp_path / 'k.npy', pose(17))
    got = load_keypoints(tmp_path / 'k.npy')
    np.testing.assert_allclose(got, load_keypoints(pose(17)))
    np.save(tmp_path / 'o.npy', np.array([{}], object), allow_pickle=True)
    with pytest.raises(ValueError, match="o.npy' is no array of numbers"):
        load_keypoints(tmp_path / 'o.npy')
    (tmp_path / 'k.txt').write_text('1 2 3')
    with pytest.raises(ValueError, match="the ending '.txt' nor the content"):
        load_keypoints(tmp_path / 'k.txt')
    with pytest.raises(FileNotFoundError, match='nowhere.csv'):
        load_keypoints(tmp_path / 'nowhere.csv')
    with pytest.raises(ValueError, match="format must be one of .*'CSV'"):
        load_keypoints(tmp_path / 'k.npy', format='CSV')


@pytest.mark.parametrize('name', ['k.csv', 'k.json', 'k.npy', 'k.pkl'])
def test_the_content_tells_where_the_ending_does_not(tmp_path, name):
    path = tmp_path / name
    if name == 'k.csv':
        write_csv(path, f'a.jpg:{YS}:{XS}')
    elif name == 'k.json':
        write_json(path, openpose(np.stack([XS, YS, np.ones(18)], 1)))
    elif name == 'k.npy':
        np.save(path, np.stack([XS, YS], 1))
    else:
        path.write_bytes(pickle.dumps({'a': np.stack([XS, YS], 1).tolist()}))
    got = load_keypoints(path)
    np.testing.assert_allclose(got, np.stack([XS, YS, np.ones(18)], 1))
    for ending in ('.txt', '', '.dat'):
        bare = path.rename(tmp_path / f'poses{ending}')
        np.testing.assert_allclose(load_keypoints(bare), got)
        path = bare


def test_a_pose_in_json(tmp_path):
    path = write_json(tmp_path / 'k.json', pose(17).tolist())
    np.testing.assert_allclose(load_keypoints(path), load_keypoints(pose(17)))
    table = {'a': pose(18)[:, :2].tolist(), 'b': [[-1, -1]] * 18}
    path = write_json(tmp_path / 'table.json', table)
    np.testing.assert_allclose(load_keypoints(path, 'a.jpg'), pose(18))


@pytest.mark.parametrize(
    'content',
    [
        'text',
        5,
        {},
        {'a': 5},
        [5],
        ['a'],
        {'shapes': [], 'version': '1'},
        [{'bbox': [1, 2, 3, 4]}],
        {'a': {'b': 1}},
    ],
)
def test_json_of_another_kind_says_what_is_read(tmp_path, content):
    path = write_json(tmp_path / 'k.json', content)
    with pytest.raises(ValueError, match='k.json'):
        load_keypoints(path)


def test_everyone_in_a_picture_the_largest_first(tmp_path):
    path = write_json(
        tmp_path / 'k.json',
        coco((7, pose(17, 2)), (7, pose(17, 2, 3)), (7, pose(17, 0))),
    )
    small, large = pose(17), pose(17, 1, 3)
    got = load_persons(path, 'one.jpg')
    assert len(got) == 2
    np.testing.assert_allclose(got[0][COCO_IN_OPENPOSE], large)
    np.testing.assert_allclose(got[1][COCO_IN_OPENPOSE], small)
    assert load_persons(path, 'two.jpg') == []


def test_a_person_of_a_file_with_one_a_picture(tmp_path):
    path = write_csv(tmp_path / 'k.csv', f'a.jpg:{YS}:{XS}')
    np.testing.assert_allclose(
        load_keypoints(path, person=0), load_keypoints(path)
    )
    with pytest.raises(ValueError, match='no person 1, only 0 to 0'):
        load_keypoints(path, person=1)


def test_tables_are_read_once_and_stay_as_they_are(tmp_path):
    annotated = write_json(tmp_path / 'k.json', coco((7, pose(17, 2))))
    csv = write_csv(tmp_path / 'k.csv', f'a.jpg:{YS}:{XS}')
    tables = {}
    first = load_keypoints(csv, 'a.jpg', tables=tables)
    load_keypoints(annotated, 'one.jpg', tables=tables)[:] = 7
    csv.unlink()
    annotated.unlink()
    again = load_keypoints(csv, 'a.jpg', tables=tables)
    np.testing.assert_array_equal(first, again)
    again = load_keypoints(annotated, 'one.jpg', tables=tables)
    np.testing.assert_allclose(again[0], [50, 20, 1])
    with pytest.raises(FileNotFoundError, match='k.csv'):
        load_keypoints(csv, 'a.jpg')
