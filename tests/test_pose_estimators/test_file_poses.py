"""Poses out of files, through the interface of estimators."""

import json

import numpy as np
import pytest

from mmposetransfer.datasets import (
    load_keypoints,
    read_keypoint_table,
    write_keypoint_csv,
    write_openpose_json,
)
from mmposetransfer.datasets.keypoints import KeypointWarning
from mmposetransfer.io.image_io import write_image
from mmposetransfer.pose_estimators import build_pose_estimator

IMAGE = np.zeros((200, 100, 3), np.uint8)


def pose(seed, count=18):
    rng = np.random.default_rng(seed)
    return rng.uniform((5, 5, 0.5), (95, 195, 1), (count, 3)).round(1)


def test_csv(tmp_path):
    points = pose(0)
    points[3] = 0
    write_keypoint_csv(tmp_path / 'a.csv', {'x/b.jpg': points})
    estimator = build_pose_estimator('files', source=tmp_path / 'a.csv')
    (persons,) = estimator([IMAGE], ['x/b.jpg'])
    np.testing.assert_allclose(persons[0, :, :2], points[:, :2], rtol=1e-6)
    np.testing.assert_array_equal(persons[0, :, 2], points[:, 2] > 0)


def test_body25_of_openpose_in_a_folder(tmp_path):
    """Neck and all other joints are the file's own; the surest is first."""
    unsure, sure = pose(1, 25), pose(2, 25)
    unsure[:, 2], sure[:, 2] = 0.3, 0.9
    unsure[8:, 2] = 0.05  # below what OpenPose is to be believed
    people = [
        dict(pose_keypoints_2d=p.ravel().tolist()) for p in (unsure, sure)
    ]
    (tmp_path / 'me_keypoints.json').write_text(json.dumps({'people': people}))
    write_image(tmp_path / 'me.png', IMAGE)
    estimator = build_pose_estimator('files', source=tmp_path)
    (persons,) = estimator([tmp_path / 'me.png'])
    order = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]
    np.testing.assert_allclose(persons[0], sure[order], rtol=1e-6)
    np.testing.assert_allclose(persons[1, :8], unsure[:8], rtol=1e-6)
    assert (persons[1, 8:] == 0).all()
    everything = build_pose_estimator('files', source=tmp_path, min_score=0)
    (persons,) = everything([IMAGE], ['me.png'])
    np.testing.assert_allclose(persons[1], unsure[order], rtol=1e-6)


def test_coco_with_neck_between_the_shoulders(tmp_path):
    small, large = pose(3, 17), pose(4, 17)
    small[:, :2] = small[:, :2] / 5 + 40
    small[:, 2], large[:, 2] = 2, 1
    content = dict(
        images=[dict(id=7, file_name='p.jpg'), dict(id=8, file_name='q.jpg')],
        annotations=[
            dict(image_id=7, keypoints=p.ravel().tolist())
            for p in (small, large)
        ],
    )
    (tmp_path / 'coco.json').write_text(json.dumps(content))
    estimator = build_pose_estimator('files', source=tmp_path / 'coco.json')
    found, nobody = estimator([IMAGE, IMAGE], ['p.jpg', 'q.jpg'])
    np.testing.assert_allclose(found[0, 0], [*large[0, :2], 0.5], rtol=1e-6)
    np.testing.assert_allclose(
        found[1, 1], [*small[5:7, :2].mean(0), 1], rtol=1e-6
    )
    assert nobody.shape == (0, 18, 3)


def test_mistakes_are_told(tmp_path):
    with pytest.raises(FileNotFoundError, match='there are no keypoints'):
        build_pose_estimator('files', source=tmp_path / 'none.csv')
    write_keypoint_csv(tmp_path / 'a.csv', {'a.jpg': pose(0)})
    estimator = build_pose_estimator('files', source=tmp_path / 'a.csv')
    with pytest.raises(ValueError, match='looked up by name'):
        estimator([IMAGE])
    with pytest.raises(ValueError, match="no keypoints of the image 'b.jpg'"):
        estimator([IMAGE], ['b.jpg'])
    with pytest.raises(ValueError, match="format must be one of .*'CSV'"):
        build_pose_estimator('files', source=tmp_path, format='CSV')


def test_joints_of_another_size_are_refused(tmp_path):
    large = pose(0) * [2, 2, 1]
    write_keypoint_csv(
        tmp_path / 'a.csv',
        {'a.jpg': large, 'b.jpg': pose(1), 'c.jpg': pose(2), 'd.jpg': pose(3)},
    )
    estimator = build_pose_estimator('files', source=tmp_path / 'a.csv')
    with pytest.raises(
        ValueError,
        match=(r'a.csv. \(a.jpg\): .* has 100x200 .* 2.0 times as large'),
    ):
        estimator([IMAGE], ['a.jpg'])
    twice = np.zeros((400, 200, 3), np.uint8)
    assert estimator([twice], ['a.jpg'])[0].shape == (1, 18, 3)
    # Of single joints outside one picture is told; they are missing.
    low = np.zeros((150, 100, 3), np.uint8)
    with pytest.warns(KeypointWarning) as told:
        found = estimator([low] * 3, ['b.jpg', 'c.jpg', 'd.jpg'])
    assert len(told) == 1 and 'b.jpg' in str(told[0].message)
    for persons in found:
        assert (persons[0, :, 1] < 150).all()
        assert 0 < (persons[0, :, 2] == 0).sum() <= 6


def test_bystanders_beyond_the_border_are_no_mistake(tmp_path):
    beyond = pose(1) + [95, 0, 0]
    beyond[4:, 2] = 0
    people = [
        dict(pose_keypoints_2d=p.ravel().tolist()) for p in (beyond, pose(0))
    ]
    (tmp_path / 'a.json').write_text(json.dumps(dict(people=people)))
    estimator = build_pose_estimator('files', source=tmp_path / 'a.json')
    with pytest.warns(KeypointWarning, match='of 22 joints'):
        (found,) = estimator([IMAGE], ['a.jpg'])
    np.testing.assert_allclose(found[0], pose(0), rtol=1e-5)


def test_a_canvas_is_brought_to_the_picture(tmp_path):
    points = pose(0)
    (tmp_path / 'a.json').write_text(
        json.dumps(
            [
                dict(
                    canvas_height=50,
                    canvas_width=25,
                    people=[
                        dict(
                            pose_keypoints_2d=(points / [100, 200, 1])
                            .ravel()
                            .tolist()
                        )
                    ],
                )
            ]
        )
    )
    estimator = build_pose_estimator('files', source=tmp_path / 'a.json')
    np.testing.assert_allclose(
        estimator([IMAGE], ['a.png'])[0][0], points, rtol=1e-4
    )


def test_written_files_are_read_back(tmp_path):
    poses = {f'{i}:x.jpg': pose(i) for i in range(3)}
    poses['1:x.jpg'][4] = 0
    write_keypoint_csv(tmp_path / 'a.csv', poses)
    for name, points in read_keypoint_table(tmp_path / 'a.csv').items():
        np.testing.assert_allclose(
            points[:, :2], poses[name][:, :2], rtol=1e-6
        )
    write_openpose_json(tmp_path / 'a.json', poses.values())
    table = read_keypoint_table(tmp_path / 'a.json', everybody=True)
    for person, points in zip(table.values(), poses.values(), strict=True):
        np.testing.assert_allclose(person, points, atol=6e-4)
    np.testing.assert_allclose(
        load_keypoints(tmp_path / 'a.csv', '0:x.jpg')[:, :2],
        poses['0:x.jpg'][:, :2],
        rtol=1e-6,
    )
    with pytest.raises(ValueError, match='line break'):
        write_keypoint_csv(tmp_path / 'b.csv', {'a\nb': pose(0)})
    assert not (tmp_path / 'b.csv').exists()
