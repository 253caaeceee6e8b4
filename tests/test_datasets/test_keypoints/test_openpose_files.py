"""Files of OpenPose, and those that others write like them."""

import numpy as np
import pytest
from keypoint_samples import flat, openpose, pose, write_json

from mmposetransfer.datasets.keypoints import (
    KeypointWarning,
    load_keypoints,
    load_persons,
    read_keypoint_file,
    read_keypoint_table,
)


def test_openpose_takes_the_surest_person_or_the_named(tmp_path):
    people = [pose(25, 0.4), pose(25, 0.9), pose(25, 0.5)]
    people[1][:, 0] += 40
    path = write_json(tmp_path / 'img_keypoints.json', openpose(*people))
    assert load_keypoints(path)[0] == pytest.approx([90, 20, 0.9])
    assert load_keypoints(path, person=2)[0] == pytest.approx([50, 20, 0.5])
    assert len(read_keypoint_file(path).people['img']) == 3
    # a folder of such files, as OpenPose writes it
    found = load_keypoints(tmp_path, image_name='photos/img.jpg')
    np.testing.assert_allclose(found, load_keypoints(path))
    with pytest.raises(ValueError, match='no person 3, only 0 to 2'):
        load_keypoints(path, person=3)
    np.testing.assert_allclose(found, load_keypoints(tmp_path))
    with pytest.raises(ValueError, match="no keypoints of the .*'other.jpg'"):
        load_keypoints(tmp_path, image_name='other.jpg')
    write_json(tmp_path / 'b_keypoints.json', openpose(people[0]))
    with pytest.raises(ValueError, match='of 2 images: pass image_name'):
        load_keypoints(tmp_path)


def test_openpose_of_eighteen_joints(tmp_path):
    path = write_json(tmp_path / 'k.json', openpose(pose(18, 0.5)))
    np.testing.assert_allclose(load_keypoints(path), pose(18, 0.5))


def test_openpose_joints_below_a_tenth_are_no_joints(tmp_path):
    points = pose(25)
    points[3, 2], points[4, 2] = 0.09, 0.11
    path = write_json(tmp_path / 'k.json', openpose(points))
    got = load_keypoints(path)
    assert not got[3].any() and got[4, 2] == pytest.approx(0.11)
    assert load_keypoints(path, min_score=0)[3, 2] == pytest.approx(0.09)
    assert not load_keypoints(path, min_score=0.5)[3:5].any()
    np.save(tmp_path / 'k.npy', points)  # who knows what its scores mean
    assert load_keypoints(tmp_path / 'k.npy')[3, 2] == pytest.approx(0.09)


def test_broken_openpose_files(tmp_path):
    path = tmp_path / 'k.json'
    write_json(path, openpose())
    with pytest.raises(ValueError, match='k.json.: no person was found'):
        load_keypoints(path)
    write_json(path, openpose(pose(18), pose(16)))
    with pytest.raises(ValueError, match='person 1.*18 or 25 joints, got 16'):
        load_keypoints(path)
    write_json(path, {'people': [{'face_keypoints_2d': []}]})
    with pytest.raises(ValueError, match="person 0: .*'pose_keypoints_2d'"):
        load_keypoints(path)
    write_json(path, {'people': [5]})
    with pytest.raises(ValueError, match='person 0'):
        load_keypoints(path)
    broken = pose(18)
    broken[7, 1] = np.nan
    write_json(path, openpose(broken))
    with pytest.raises(ValueError, match='person 0: the y of joint 7'):
        load_keypoints(path)
    path.write_text('{"people": [')
    with pytest.raises(ValueError, match='no valid JSON: line 1, column 13'):
        load_keypoints(path)
    path.write_bytes(b'\xff\xfe{}')
    with pytest.raises(ValueError, match='no text file in UTF-8'):
        load_keypoints(path, format='openpose')


def test_openpose_files_behind_a_long_header(tmp_path):
    content = {'comment': 2**20 * 'x', **openpose(pose(18))}
    path = write_json(tmp_path / 'k.json', content)
    np.testing.assert_allclose(load_keypoints(path), pose(18))


@pytest.mark.parametrize('key', ['pose_keypoints', 'body_parts'])
def test_openpose_up_to_1_1(tmp_path, key):
    content = openpose(pose(18, 0.5), key=key)
    content['people'][0].update(face_keypoints=[], hand_left_keypoints=[])
    path = write_json(tmp_path / 'k.json', dict(content, version=1.1))
    np.testing.assert_allclose(load_keypoints(path), pose(18, 0.5))


@pytest.mark.parametrize(
    'nobody',
    [
        None,
        dict(pose_keypoints_2d=None),
        dict(pose_keypoints_2d=[]),
        dict(
            person_id=[-1], pose_keypoints_2d=[], face_keypoints_2d=[1, 2, 1]
        ),
        {},
        dict(pose_keypoints_2d={}),
    ],
)
def test_persons_of_null_are_passed_over_and_keep_their_number(
    tmp_path, nobody
):
    content = openpose(pose(18, 0.5))
    content['people'].insert(0, nobody)
    path = write_json(tmp_path / 'k.json', content)
    with pytest.warns(KeypointWarning, match=r'persons without joints \(1\)'):
        np.testing.assert_allclose(load_keypoints(path), pose(18, 0.5))
        np.testing.assert_allclose(
            load_keypoints(path, person=1), pose(18, 0.5)
        )
        assert len(load_persons(path, 'k.jpg')) == 1
        table = read_keypoint_table(path, everybody=True)
    assert list(table) == ['k#1']


@pytest.mark.parametrize('name', ['list', 'names'])
def test_in_pictures_of_null_is_nobody(tmp_path, name):
    pictures = dict.fromkeys(['0', '2'])
    pictures['1'] = openpose(pose(18))
    pictures['3'] = dict(people=None)
    content = [pictures[k] for k in '0123'] if name == 'list' else pictures
    path = write_json(tmp_path / 'k.json', content)
    with pytest.warns(KeypointWarning, match=r'pictures of null \(2\)'):
        table = read_keypoint_table(path)
    assert sorted(table.empty) == ['0', '2', '3']
    np.testing.assert_allclose(table['1'], pose(18))


def test_a_folder_is_warned_of_once(tmp_path):
    for name in 'abc':
        content = dict(people=[None, *openpose(pose(18))['people']])
        write_json(tmp_path / f'{name}_keypoints.json', content)
    with pytest.warns(KeypointWarning, match=r'joints \(3\)') as told:
        table = read_keypoint_table(tmp_path)
    assert len(told) == 1 and list(table) == ['a', 'b', 'c']
    tables = {}
    with pytest.warns(KeypointWarning, match='a_keypoints') as told:
        for name in 'abc':
            load_keypoints(tmp_path, f'{name}.jpg', tables=tables)
    assert len(told) == 1


def test_folders_of_one_json_a_picture(tmp_path):
    """OpenPose's, with other files beside; sub-folders; AlphaPose's."""
    write_json(tmp_path / 'anna' / '1_keypoints.json', openpose(pose(18)))
    write_json(
        tmp_path / 'ben' / '1_keypoints.json', openpose(pose(18, scale=2))
    )
    write_json(tmp_path / 'nobody_keypoints.json', openpose())
    write_json(tmp_path / 'settings.json', dict(net='-1x368'))
    table = read_keypoint_table(tmp_path)
    assert list(table) == ['anna/1', 'ben/1', 'nobody']
    assert table['ben/1'][0, 0] == 100 and table.empty == ['nobody']
    # A namesake's joints are nobody else's.
    assert load_keypoints(tmp_path, 'ben/1.jpg')[0, 0] == 100
    with pytest.raises(ValueError, match='several images called 1'):
        load_keypoints(tmp_path, '1.jpg')
    other = tmp_path / 'sep-json'
    write_json(
        other / '1.json',
        dict(version='AlphaPose v0.3', bodies=[dict(joints=flat(pose(18)))]),
    )
    np.testing.assert_allclose(read_keypoint_table(other)['1'], pose(18))
    write_json(
        other / 'all.json',
        {'1.jpg': openpose(pose(18)), '2.jpg': openpose(pose(18))},
    )
    with pytest.raises(ValueError, match='all.json. is about several'):
        read_keypoint_table(other)
    (tmp_path / 'empty').mkdir()
    with pytest.raises(ValueError, match="empty' holds no files .*.json"):
        read_keypoint_table(tmp_path / 'empty')


@pytest.mark.parametrize(
    'people, key', [('people', 'pose_keypoints_2d'), ('bodies', 'joints')]
)
def test_alphapose_in_other_formats(tmp_path, people, key):
    """`--format open` and `--format cmu`: pictures by name."""
    content = {
        f'{i}.jpg': {
            'version': 'AlphaPose v0.3',
            people: [{key: flat(pose(18, 0.8, i))}],
        }
        for i in (1, 2)
    }
    path = write_json(tmp_path / 'alphapose-results.json', content)
    table = read_keypoint_table(path)
    assert list(table) == ['1.jpg', '2.jpg']
    np.testing.assert_allclose(table['2.jpg'], pose(18, 0.8, 2), rtol=1e-6)
    np.testing.assert_allclose(
        load_keypoints(path, '1.jpg'), pose(18, 0.8), rtol=1e-6
    )


# ControlNet -----------------------------------------------------------------


def controlnet(joints, size=(768, 512), **more):
    """A picture as ControlNet and ComfyUI write it."""
    person = dict(
        pose_keypoints_2d=flat(joints),
        face_keypoints_2d=None,
        hand_left_keypoints_2d=None,
        hand_right_keypoints_2d=None,
    )
    return dict(
        people=[person], canvas_height=size[0], canvas_width=size[1], **more
    )


def shares(joints, size=(768, 512)):
    """X and y in [0, 1] of the canvas."""
    return joints / [size[1], size[0], 1]


@pytest.mark.parametrize('relative', [False, True])
@pytest.mark.parametrize('as_list', [False, True])
def test_controlnet_in_pixels_and_in_shares(tmp_path, relative, as_list):
    joints = pose(18, 1, 4)
    joints[7] = 0
    content = controlnet(shares(joints) if relative else joints)
    path = write_json(tmp_path / 'k.json', [content] if as_list else content)
    got = load_keypoints(path)
    np.testing.assert_allclose(got, joints, rtol=1e-5)
    np.testing.assert_allclose(
        read_keypoint_table(path)['k'], joints, rtol=1e-5
    )
    assert read_keypoint_table(path).found_in == {'k': (768, 512)}


def test_joints_of_a_canvas_are_brought_to_the_picture(tmp_path):
    """ComfyUI looks at 512 pixels, whatever the photograph has."""
    joints = pose(18, 1, 4)
    for content in (controlnet(joints), controlnet(shares(joints))):
        path = write_json(tmp_path / 'k.json', [content])
        got = load_keypoints(path, size=(1536, 1024))
        np.testing.assert_allclose(got, joints * [2, 2, 1], rtol=1e-5)
        got = load_keypoints(path, size=(384, 256))
        np.testing.assert_allclose(got, joints * [0.5, 0.5, 1], rtol=1e-5)
        with pytest.raises(
            ValueError,
            match=(
                r'found in a picture of 512x768 .*has 768x512, which is ano'
            ),
        ):
            load_keypoints(path, size=(512, 768))


def test_frames_of_comfyui(tmp_path):
    content = [
        controlnet(shares(pose(18, 1, 4))),
        dict(people=[], canvas_height=768, canvas_width=512),
    ]
    path = write_json(tmp_path / 'PoseKeypoint_00001.json', content)
    table = read_keypoint_table(path)
    assert list(table) == ['0', '1'] and table.empty == ['1']
    np.testing.assert_allclose(table['0'], pose(18, 1, 4), rtol=1e-5)


def test_shares_without_a_canvas_are_refused(tmp_path):
    content = controlnet(shares(pose(18)))
    del content['canvas_height'], content['canvas_width']
    path = write_json(tmp_path / 'k.json', content)
    with pytest.raises(ValueError, match=r'not scaled to \[0, 1\]'):
        load_keypoints(path)
    for size in ((0, 512), ('768', 512), (None, 512), (768, True)):
        write_json(path, controlnet(shares(pose(18)), size))
        with pytest.raises(ValueError, match="k.json': 'canvas_height' and"):
            load_keypoints(path)


def test_animals_of_comfyui_are_refused(tmp_path):
    path = write_json(
        tmp_path / 'k.json',
        [
            dict(
                version='ap10k',
                animals=[flat(pose(17))],
                canvas_height=9,
                canvas_width=9,
            )
        ],
    )
    with pytest.raises(ValueError, match='k.json. is no keypoint file'):
        load_keypoints(path)
