"""Predictions that mmpose's inferencer and demos write."""

import numpy as np
import pytest
from keypoint_samples import COCO_IN_OPENPOSE, flat, pose, write_json

from mmposetransfer.datasets.keypoints import (
    KeypointWarning,
    load_keypoints,
    load_persons,
    read_keypoint_table,
)

COCO_NAMES = [
    'nose',
    'left_eye',
    'right_eye',
    'left_ear',
    'right_ear',
    'left_shoulder',
    'right_shoulder',
    'left_elbow',
    'right_elbow',
    'left_wrist',
    'right_wrist',
    'left_hip',
    'right_hip',
    'left_knee',
    'right_knee',
    'left_ankle',
    'right_ankle',
]


def instance(joints, **more):
    """As mmpose's `split_instances` makes it: bbox is in a list once more."""
    return dict(
        keypoints=joints[:, :2].tolist(),
        keypoint_scores=joints[:, 2].tolist(),
        bbox=[[10.0, 20.0, 110.0, 220.0]],
        bbox_score=0.93,
        **more,
    )


def meta(names=COCO_NAMES, dataset='coco'):
    """The demos' meta_info, of which JSON makes the keys texts."""
    return dict(
        dataset_name=dataset,
        num_keypoints=len(names),
        keypoint_id2name={str(i): name for i, name in enumerate(names)},
        sigmas=dict(__ndarray__=[0.026] * 17, dtype='float32', shape=[17]),
    )


SMALL, LARGE = pose(17, 0.8), pose(17, 0.7, 3)


def check_largest(got):
    np.testing.assert_allclose(got[COCO_IN_OPENPOSE], LARGE, rtol=1e-6)
    # Of shoulders at (195, 90) and (204, 96).
    assert got[1] == pytest.approx([199.5, 93, 0.7])


@pytest.mark.parametrize(
    'nest',
    [
        lambda people: people,
        lambda people: [people],
        lambda people: dict(predictions=[people], visualization=[]),
        lambda people: dict(meta_info=meta(), instance_info=people),
        lambda people: dict(instance_info=people),
    ],
    ids=['inferencer', 'nested', 'returned', 'demo', 'bare'],
)
def test_people_of_one_picture(tmp_path, nest):
    people = [instance(SMALL), instance(LARGE, track_id=2)]
    path = write_json(tmp_path / 'me.json', nest(people))
    check_largest(load_keypoints(path))
    check_largest(load_keypoints(path, 'whatever.jpg'))
    first = load_keypoints(path, person=0)
    np.testing.assert_allclose(first[0], SMALL[0], rtol=1e-6)
    assert len(load_persons(path, 'me.jpg')) == 2
    table = read_keypoint_table(path)
    assert list(table) == ['me']  # the name of the JSON is the picture's
    check_largest(table['me'])


def test_a_demo_names_its_file_after_the_picture(tmp_path):
    path = write_json(
        tmp_path / 'results_me.json',
        dict(meta_info=meta(), instance_info=[instance(LARGE)]),
    )
    assert list(read_keypoint_table(path)) == ['me']


def test_a_folder_of_predictions(tmp_path):
    """As the inferencer's `pred_out_dir` gets them."""
    write_json(tmp_path / 'a.json', [instance(SMALL), instance(LARGE)])
    write_json(tmp_path / 'b.json', [])
    table = read_keypoint_table(tmp_path)
    check_largest(table['a'])
    assert table.empty == ['b']
    check_largest(load_keypoints(tmp_path, 'photos/a.jpg'))
    with pytest.raises(ValueError, match='no person was found'):
        load_keypoints(tmp_path, 'b.jpg')


@pytest.mark.parametrize(
    'nest',
    [
        lambda frames: frames,
        lambda frames: dict(meta_info=meta(), instance_info=frames),
    ],
)
def test_frames_of_a_video(tmp_path, nest):
    frames = [
        dict(frame_id=7, instances=[instance(LARGE)]),
        dict(frame_id=8, instances=[]),
    ]
    path = write_json(tmp_path / 'clip.json', nest(frames))
    table = read_keypoint_table(path)
    assert list(table) == ['7', '8'] and table.empty == ['8']
    check_largest(table['7'])
    check_largest(load_keypoints(path, '7'))
    frames[1]['frame_id'] = 7
    write_json(path, nest(frames))
    with pytest.raises(ValueError, match='frame 1: frame_id 7 is there a sec'):
        read_keypoint_table(path)
    del frames[1]['instances']
    write_json(path, nest(frames))
    with pytest.raises(ValueError, match="frame 1: the key 'instances'"):
        read_keypoint_table(path)


def test_predictions_of_several_pictures(tmp_path):
    path = write_json(tmp_path / 'all.json', [[instance(LARGE)], [], None])
    with pytest.warns(KeypointWarning, match=r'pictures of null \(1\)'):
        table = read_keypoint_table(path)
    assert list(table) == ['0', '1', '2'] and table.empty == ['1', '2']
    check_largest(table['0'])


def test_an_instance_alone(tmp_path):
    path = write_json(tmp_path / 'k.json', instance(LARGE))
    check_largest(load_keypoints(path))


@pytest.mark.parametrize(
    'change',
    [
        lambda x: dict(keypoint_scores=[x['keypoint_scores']]),
        lambda x: dict(keypoint_scores=[[s] for s in x['keypoint_scores']]),
        lambda x: dict(keypoints=sum(x['keypoints'], [])),
        lambda x: dict(keypoints=[x['keypoints']]),
        lambda x: dict(
            keypoints=[list(map(str, xy)) for xy in x['keypoints']]
        ),
        lambda x: dict(keypoints=flat(LARGE), keypoint_scores=None),
    ],
    ids=['row', 'column', 'flat', 'deep', 'texts', 'threes'],
)
def test_numbers_nested_otherwise(tmp_path, change):
    person = instance(LARGE)
    path = write_json(tmp_path / 'k.json', [{**person, **change(person)}])
    check_largest(load_keypoints(path))


@pytest.mark.parametrize('count', [26, 133, 136])
def test_whole_bodies(tmp_path, count):
    path = write_json(tmp_path / 'k.json', [instance(pose(count, 0.9))])
    got = load_keypoints(path)
    np.testing.assert_allclose(got[COCO_IN_OPENPOSE], pose(17, 0.9), rtol=1e-6)
    neck = [66.5, 31] if count == 133 else [104, 56]
    assert got[1, :2] == pytest.approx(neck)


def test_unsure_joints_are_missing(tmp_path):
    """As for the pose estimator of mmpose, below 0.3; SimCC says -0.1."""
    joints = LARGE.copy()
    joints[9, 2], joints[10, 2], joints[0] = 0.29, 0.3, [-1, -1, -0.1]
    path = write_json(tmp_path / 'k.json', [instance(joints)])
    got = load_keypoints(path)
    assert not got[7].any() and not got[0].any()
    assert got[4] == pytest.approx([240, 120, 0.3])
    got = load_keypoints(path, min_score=0)
    assert got[7] == pytest.approx([231, 114, 0.29]) and not got[0].any()


def test_without_scores_every_joint_is_one(tmp_path):
    path = write_json(
        tmp_path / 'k.json', [dict(keypoints=LARGE[:, :2].tolist())]
    )
    np.testing.assert_allclose(
        load_keypoints(path)[0], [150, 60, 1], rtol=1e-6
    )


def test_null_instances_are_passed_over(tmp_path):
    path = write_json(tmp_path / 'k.json', [None, instance(LARGE)])
    with pytest.warns(KeypointWarning, match=r'instances of null \(1\)'):
        check_largest(load_keypoints(path))


@pytest.mark.parametrize(
    'content, message',
    [
        (
            [dict(instance(LARGE), keypoints=LARGE.tolist())],
            'person 0: .*17 points in space',
        ),
        (
            [dict(instance(LARGE), keypoint_scores=[1] * 16)],
            'person 0: 34 numbers of .keypoints. are no x and y for 16',
        ),
        ([dict(instance(LARGE), keypoints='x')], 'person 0.*not all values'),
        (
            [instance(LARGE), instance(pose(21))],
            'person 1: no skeleton has 21',
        ),
        ([instance(pose(308))], 'no skeleton has 308'),
        ([instance(LARGE), 5], "person 1: the key 'keypoints'"),
        (dict(instance_info=5), 'expected a list of instances'),
        (
            dict(
                instance_info=[instance(LARGE)],
                meta_info=meta(
                    ['left_eye', 'right_eye', 'nose', 'neck'] * 5, 'ap10k'
                ),
            ),
            "those of 'ap10k', which begin with left_eye",
        ),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, content, message):
    path = write_json(tmp_path / 'k.json', content)
    with pytest.raises(ValueError, match=message) as error:
        load_keypoints(path)
    assert "k.json'" in str(error.value)
