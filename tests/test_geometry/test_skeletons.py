"""Keypoint formats."""

import numpy as np
import pytest

from mmposetransfer.geometry import (
    SKELETONS,
    convert_keypoints,
    flip_keypoints,
    get_skeleton,
    joint_sources,
    validate_keypoints,
)

# Which joint of each format is each of OpenPose's 18; -1: the shoulders'
# middle. From the formats' own documentation.
INTO_OPENPOSE = dict(
    openpose18=list(range(18)),
    coco17=[0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3],
    body25=[0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
    halpe26=[0, 18, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3],
    mediapipe33=[
        0,
        -1,
        12,
        14,
        16,
        11,
        13,
        15,
        24,
        26,
        28,
        23,
        25,
        27,
        5,
        2,
        8,
        7,
    ],
)
COUNTS = dict(openpose18=18, coco17=17, body25=25, halpe26=26, mediapipe33=33)


def random_keypoints(name, shape=(), seed=0):
    rng = np.random.default_rng(seed)
    keypoints = rng.uniform(0, 200, shape + (COUNTS[name], 3))
    keypoints[..., 2] = rng.uniform(0.1, 1, keypoints.shape[:-1])
    return keypoints.astype(np.float32)


@pytest.mark.parametrize('name', SKELETONS)
def test_skeleton_is_sound(name):
    skeleton = get_skeleton(name)
    assert skeleton.num_joints == COUNTS[name] == len(set(skeleton.joints))
    flip = np.array(skeleton.flip_indices)
    assert (flip[flip] == np.arange(len(flip))).all()
    swapped = [skeleton.joints[i] for i in flip]
    assert swapped == [
        joint.replace('left', '@')
        .replace('right', 'left')
        .replace('@', 'right')
        for joint in skeleton.joints
    ]
    limbs = {frozenset(limb) for limb in skeleton.limbs}
    assert len(limbs) == len(skeleton.limbs)
    # Mirrored limbs are limbs.
    assert limbs == {frozenset(int(flip[i]) for i in limb) for limb in limbs}


def test_joint_orders_of_the_formats():
    assert get_skeleton('openpose18').joints == (
        'nose',
        'neck',
        'right_shoulder',
        'right_elbow',
        'right_wrist',
        'left_shoulder',
        'left_elbow',
        'left_wrist',
        'right_hip',
        'right_knee',
        'right_ankle',
        'left_hip',
        'left_knee',
        'left_ankle',
        'right_eye',
        'left_eye',
        'right_ear',
        'left_ear',
    )
    assert get_skeleton('body25').joints[18:] == (
        'left_ear',
        'left_big_toe',
        'left_small_toe',
        'left_heel',
        'right_big_toe',
        'right_small_toe',
        'right_heel',
    )
    mediapipe = get_skeleton('mediapipe33')
    for joint, index in dict(
        left_eye_outer=3,
        right_mouth=10,
        left_thumb=21,
        right_heel=30,
        left_big_toe=31,
    ).items():
        assert mediapipe.index(joint) == index


@pytest.mark.parametrize('name', SKELETONS)
@pytest.mark.parametrize('shape', [(), (2,), (2, 3)])
def test_conversion_into_openpose(name, shape):
    keypoints = random_keypoints(name, shape)
    converted = convert_keypoints(keypoints, name)
    assert converted.shape == shape + (18, 3)
    assert converted.dtype == np.float32
    for joint, index in enumerate(INTO_OPENPOSE[name]):
        if index >= 0:
            expected = keypoints[..., index, :]
        else:
            ends = keypoints[
                ..., [INTO_OPENPOSE[name][2], INTO_OPENPOSE[name][5]], :
            ]
            expected = ends.mean(-2)
            expected[..., 2] = ends[..., 2].min(-1)
        np.testing.assert_allclose(
            converted[..., joint, :], expected, rtol=1e-6
        )


@pytest.mark.parametrize('name', SKELETONS)
def test_roundtrip_keeps_the_common_joints(name):
    keypoints = random_keypoints('openpose18', (4,))
    there = convert_keypoints(keypoints, 'openpose18', name)
    back = convert_keypoints(there, name, 'openpose18')
    common = [
        joint in get_skeleton(name).joints
        for joint in get_skeleton('openpose18').joints
    ]
    assert sum(common) >= 17
    np.testing.assert_array_equal(back[:, common], keypoints[:, common])


def test_mid_hip_of_body25_is_between_the_hips():
    keypoints = random_keypoints('coco17')
    body = convert_keypoints(keypoints, 'coco17', 'body25')
    hips = keypoints[[11, 12]]
    np.testing.assert_allclose(body[8, :2], hips[:, :2].mean(0), rtol=1e-6)
    assert body[8, 2] == hips[:, 2].min()
    assert not body[19:].any()  # COCO knows no feet


@pytest.mark.parametrize('shoulder', [5, 6])
def test_no_neck_without_both_shoulders(shoulder):
    keypoints = random_keypoints('coco17')
    keypoints[shoulder, 2] = 0  # missing, but with an x and y
    converted = convert_keypoints(keypoints, 'coco17')
    missing = np.flatnonzero(converted[:, 2] == 0)
    assert missing.tolist() == sorted([1, {5: 5, 6: 2}[shoulder]])
    assert not converted[missing].any()


def test_sources_are_told():
    sources = joint_sources('coco17', 'body25')
    assert list(sources) == list(get_skeleton('body25').joints)
    assert sources['neck'] == ('left_shoulder', 'right_shoulder')
    assert sources['left_heel'] == ()
    assert sources['nose'] == ('nose',)
    assert joint_sources('body25')['neck'] == ('neck',)


@pytest.mark.parametrize('name', SKELETONS)
def test_flip_does_as_the_mirrored_picture(name):
    width = 40
    skeleton = get_skeleton(name)
    keypoints = random_keypoints(name)
    keypoints[:, 0] = np.arange(skeleton.num_joints)
    keypoints[:, 1] = 0
    picture = np.full(width, -1)
    picture[keypoints[:, 0].astype(int)] = np.arange(skeleton.num_joints)
    mirrored = picture[::-1]
    flipped = flip_keypoints(keypoints, width, name)
    for joint, index in enumerate(skeleton.flip_indices):
        assert mirrored[int(flipped[joint, 0])] == index
        assert flipped[joint, 2] == keypoints[index, 2]
    np.testing.assert_allclose(
        flip_keypoints(flipped, width, name), keypoints, rtol=1e-6
    )


def test_wrong_count_names_the_format_that_fits():
    with pytest.raises(
        ValueError, match=r"18 joints of 'openpose18', got 17.*'coco17'"
    ):
        validate_keypoints(np.ones((17, 3)), 'openpose18')
    with pytest.raises(ValueError, match=r'25 joints of .*, got 7$'):
        convert_keypoints(np.ones((7, 3)), 'body25')


def test_nan_names_the_joint_and_the_file():
    keypoints = random_keypoints('openpose18')
    keypoints[4, 1] = np.nan
    with pytest.raises(ValueError, match=r'a\.json.*joint 4 \(right_wrist\)'):
        validate_keypoints(keypoints, name='a.json')
    with pytest.raises(ValueError, match='right_wrist'):
        convert_keypoints(np.stack([keypoints, keypoints]), 'openpose18')
    with pytest.raises(ValueError, match='right_wrist'):
        flip_keypoints(keypoints, 10)


def test_all_missing_is_an_error():
    keypoints = random_keypoints('openpose18')
    keypoints[:, 2] = 0
    with pytest.raises(ValueError, match='of b.json: all 18 joints'):
        validate_keypoints(keypoints, name='b.json')
    keypoints[3, 2] = 0.5
    assert validate_keypoints(keypoints) is not None


def test_wrong_shapes_and_names():
    with pytest.raises(ValueError, match=r'\(\.\.\., 18, 3\).*\(18, 2\)'):
        validate_keypoints(np.ones((18, 2)))
    with pytest.raises(ValueError, match='one person'):
        validate_keypoints(np.ones((2, 18, 3)))
    with pytest.raises(ValueError, match="coco17.*got 'coco'"):
        convert_keypoints(np.ones((17, 3)), 'coco')
