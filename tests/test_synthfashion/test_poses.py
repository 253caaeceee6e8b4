"""Poses: within limits, unlike a cripple's, and what their names say."""

import dataclasses

import numpy as np
import pytest
from closeness import assert_near
from scipy.spatial.transform import Rotation

from mmposetransfer.geometry.body_model import BodyModel
from mmposetransfer.geometry.pose_angles import (
    JOINT_NAMES,
    angles_to_axis_angle,
    axis_angle_to_angles,
    joint_rotations,
    mirror_angles,
)
from mmposetransfer.geometry.smpl_layout import PARENTS
from mmposetransfer.synthfashion.pose_clearance import (
    REST_JOINTS,
    forward_kinematics,
    penetration,
    segment_distance,
)
from mmposetransfer.synthfashion.poses import (
    JOINT_LIMITS,
    POSE_CLASSES,
    TOLERANCE,
    Pose,
    mirror_pose,
    pose_yaw,
    sample_pose,
)

NAMES = tuple(POSE_CLASSES)
PELVIS, L_HIP, R_HIP, L_KNEE, R_KNEE = 0, 1, 2, 4, 5
L_ANKLE, R_ANKLE, CHEST, L_TOE, R_TOE, HEAD = 7, 8, 9, 10, 11, 15
L_SHOULDER, R_SHOULDER, L_ELBOW, R_ELBOW, L_WRIST, R_WRIST = range(16, 22)


def draw(name, count=20):
    return [sample_pose(np.random.default_rng(k), name) for k in range(count)]


def stand(pose):
    """Joints and bone rotations by plain matrix products, from the pose."""
    local = Rotation.from_rotvec(pose.body_pose.reshape(23, 3)).as_matrix()
    joints, bones = [REST_JOINTS[0]], [np.eye(3)]
    for j in range(1, 24):
        p = PARENTS[j]
        joints.append(joints[p] + bones[p] @ (REST_JOINTS[j] - REST_JOINTS[p]))
        bones.append(bones[p] @ local[j - 1])
    return np.stack(joints), np.stack(bones)


@pytest.fixture(scope='module')
def body():
    return BodyModel()


def test_there_are_enough_classes():
    assert len(NAMES) >= 12
    assert {
        'front',
        'side',
        'back',
        'three_quarter',
        'walking',
        'arms_up',
        'hands_on_hips',
        'arms_crossed',
        'hand_on_hip',
        'hand_to_head',
        'leaning',
        'seated',
        'legs_crossed',
        'running',
        'squat',
    } <= set(NAMES)


@pytest.mark.parametrize('name', NAMES)
def test_within_limits_and_clear_of_each_other(name):
    for pose in draw(name):
        assert pose.body_pose.shape == (69,)
        assert pose.body_pose.dtype == np.float32
        assert pose.global_orient.shape == (3,)
        angles = axis_angle_to_angles(pose.body_pose)
        assert (angles >= JOINT_LIMITS[..., 0] - 1e-2).all()
        assert (angles <= JOINT_LIMITS[..., 1] + 1e-2).all()
        depth, parts = penetration(angles)
        assert depth <= TOLERANCE + 1e-3, parts


@pytest.mark.parametrize('name', NAMES)
def test_arms_stay_out_of_an_elliptical_trunk(name):
    """Elbows, forearms, wrists and knuckles against slices of the trunk."""
    for pose in draw(name):
        joints, bones = stand(pose)
        for elbow, wrist, knuckle in ((18, 20, 22), (19, 21, 23)):
            points = [
                joints[elbow],
                (joints[elbow] + joints[wrist]) / 2,
                joints[wrist],
                joints[knuckle],
            ]
            for bone, low, high in (
                (PELVIS, -0.26, -0.05),
                (CHEST, -0.05, 0.16),
            ):
                rest = REST_JOINTS[bone]
                local = (points - joints[bone]) @ bones[bone] + rest
                inside = (local[:, 0] / 0.135) ** 2 + (
                    (local[:, 2] - 0.065) / 0.085
                ) ** 2 < 1
                inside &= (local[:, 1] > low) & (local[:, 1] < high)
                assert not inside.any()


@pytest.mark.parametrize('name', NAMES)
def test_knees_and_elbows_bend_the_right_way(name):
    for pose in draw(name, 10):
        joints, bones = stand(pose)
        for hip, knee, ankle in ((1, 4, 7), (2, 5, 8)):
            shank = bones[hip].T @ (joints[ankle] - joints[knee])
            assert shank[2] < 0.02  # never in front of the thigh's line
        for shoulder, elbow, wrist in ((16, 18, 20), (17, 19, 21)):
            forearm = bones[shoulder].T @ (joints[wrist] - joints[elbow])
            assert forearm[2] > -0.02


def test_deterministic_and_varied():
    for name in NAMES:
        a, b = (sample_pose(np.random.default_rng(5), name) for _ in '12')
        c = sample_pose(np.random.default_rng(6), name)
        assert_near(a.body_pose, b.body_pose)
        assert_near(a.global_orient, b.global_orient)
        assert np.abs(a.body_pose - c.body_pose).max() > 0.03
    with pytest.raises(dataclasses.FrozenInstanceError):
        a.name = 'other'
    with pytest.raises(ValueError, match="unknown pose class 'lying'"):
        sample_pose(np.random.default_rng(0), 'lying')


def test_classes_and_views_are_drawn_like_a_catalogue():
    rng = np.random.default_rng(0)
    poses = [sample_pose(rng) for _ in range(900)]
    assert {pose.name for pose in poses} == set(NAMES)
    yaw = np.array([pose_yaw(pose) for pose in poses])
    away = np.abs(yaw)
    front, oblique = (away < 25).mean(), ((away > 25) & (away < 62)).mean()
    side, back = ((away > 62) & (away < 115)).mean(), (away > 135).mean()
    assert front > 0.35 and front > oblique > 0.1
    assert 0.1 < side < 0.3 and 0.1 < back < 0.3
    assert abs((yaw > 0).mean() - 0.5) < 0.06
    standing = [
        p
        for p in poses
        if p.name in ('front', 'side', 'back', 'three_quarter')
    ]
    assert 0.25 < len(standing) / 900 < 0.6


@pytest.mark.parametrize(
    'name, low, high',
    [
        ('front', 0, 40),
        ('three_quarter', 5, 85),
        ('side', 45, 125),
        ('back', 125, 180),
        ('looking_back', 95, 180),
    ],
)
def test_views_face_where_their_names_say(name, low, high):
    yaw = np.abs([pose_yaw(pose) for pose in draw(name, 60)])
    assert low <= yaw.min() and yaw.max() <= high


def test_looking_back_turns_the_face_to_the_viewer():
    for pose in draw('looking_back'):
        _, bones = stand(pose)
        turn = Rotation.from_rotvec(pose.global_orient).as_matrix()
        hips, face = turn[:, 2], (turn @ bones[HEAD])[:, 2]
        assert face[2] > hips[2] + 0.5


def test_hands_lie_on_the_hips():
    for pose in draw('hands_on_hips'):
        joints, _ = stand(pose)
        for elbow, wrist, sign in (
            (L_ELBOW, L_WRIST, 1),
            (R_ELBOW, R_WRIST, -1),
        ):
            x, y, _ = joints[wrist] * [sign, 1, 1]
            assert 0.15 < x < 0.28 and -0.21 < y < -0.02
            assert joints[elbow][0] * sign > x + 0.06


def test_seated_thighs_are_level_and_shanks_upright():
    for pose in draw('seated'):
        joints, _ = stand(pose)
        tilt = Rotation.from_rotvec(pose.global_orient).as_matrix()
        for hip, knee, ankle in ((1, 4, 7), (2, 5, 8)):
            thigh = tilt @ (joints[knee] - joints[hip])
            shank = tilt @ (joints[ankle] - joints[knee])
            assert abs(thigh[1]) < 0.35 * np.linalg.norm(thigh)
            assert shank[1] < -0.85 * np.linalg.norm(shank)


def test_arms_do_what_the_names_say():
    for pose in draw('arms_up'):
        joints, _ = stand(pose)
        assert joints[[L_WRIST, R_WRIST], 1].min() > joints[HEAD, 1]
    for pose in draw('arms_crossed'):
        joints, _ = stand(pose)
        palms = joints[[22, 23], 0]
        assert palms[0] < 0 < palms[1]  # the left one lies on the right
        assert joints[[L_WRIST, R_WRIST], 2].min() > 0.15
    for pose in draw('hand_to_head'):
        joints, _ = stand(pose)
        top = joints[HEAD] + [0, 0.06, 0]
        nearest = np.linalg.norm(joints[[22, 23]] - top, axis=1).min()
        assert nearest < 0.18


def test_running_lifts_one_knee_and_walking_swings_arms_against_legs():
    for pose in draw('running'):
        joints, _ = stand(pose)
        assert abs(joints[L_KNEE, 1] - joints[R_KNEE, 1]) > 0.08
    for pose in draw('walking'):
        joints, _ = stand(pose)
        legs = joints[L_ANKLE, 2] - joints[R_ANKLE, 2]
        arms = joints[L_WRIST, 2] - joints[R_WRIST, 2]
        assert abs(legs) > 0.3
        assert legs * arms < 0.02


@pytest.mark.parametrize(
    'name',
    ['front', 'contrapposto', 'hands_on_hips', 'seated', 'legs_crossed'],
)
def test_soles_stay_level(name):
    rest = REST_JOINTS[L_TOE] - REST_JOINTS[L_ANKLE]
    slope = np.degrees(np.arcsin(rest[1] / np.linalg.norm(rest)))
    for pose in draw(name):
        joints, _ = stand(pose)
        tilt = Rotation.from_rotvec(pose.global_orient).as_matrix()
        for ankle, toe in ((L_ANKLE, L_TOE), (R_ANKLE, R_TOE)):
            foot = tilt @ (joints[toe] - joints[ankle])
            pitch = np.degrees(np.arcsin(foot[1] / np.linalg.norm(foot)))
            assert abs(pitch - slope) < 8


def test_mirror_twice_is_the_same_and_once_is_a_mirror(body):
    poses = [sample_pose(np.random.default_rng(k)) for k in range(12)]
    mirrored = [mirror_pose(pose) for pose in poses]
    for pose, image in zip(poses, mirrored, strict=True):
        again = mirror_pose(image)
        assert_near(again.body_pose, pose.body_pose)
        assert_near(again.global_orient, pose.global_orient)
    joints, images = (_joints(body, group) for group in (poses, mirrored))
    swap = np.array(
        [
            0,
            2,
            1,
            3,
            5,
            4,
            6,
            8,
            7,
            9,
            11,
            10,
            12,
            14,
            13,
            15,
            17,
            16,
            19,
            18,
            21,
            20,
            23,
            22,
        ]
    )
    np.testing.assert_allclose(images, joints[:, swap] * [-1, 1, 1], atol=4e-3)


def _joints(body, poses):
    """Joints (B, 24, 3) by smplx, relative to the pelvis."""
    output = body.forward(
        np.zeros((len(poses), body.num_betas), np.float32),
        np.stack([pose.body_pose for pose in poses]),
        np.stack([pose.global_orient for pose in poses]),
        np.zeros((len(poses), 3), np.float32),
    )
    return output.joints - output.joints[:, :1]


def test_kinematics_agree_with_smplx(body):
    poses = [sample_pose(np.random.default_rng(k)) for k in range(12)]
    upright = [
        Pose(pose.name, pose.body_pose, np.zeros(3, np.float32))
        for pose in poses
    ]
    expected = _joints(body, upright)
    for pose, joints in zip(poses, expected, strict=True):
        ours, _ = forward_kinematics(axis_angle_to_angles(pose.body_pose))
        np.testing.assert_allclose(ours - ours[0], joints, atol=0.02)


def test_angles_are_euler_angles_of_scipy():
    rng = np.random.default_rng(0)
    angles = rng.uniform(JOINT_LIMITS[..., 0], JOINT_LIMITS[..., 1])
    matrices = joint_rotations(angles)
    for j, name in enumerate(JOINT_NAMES):
        x, y, z = angles[j]
        arm = name.split('_')[-1] in (
            'collar',
            'shoulder',
            'elbow',
            'wrist',
            'hand',
        )
        expected = (
            Rotation.from_euler('ZYX', [z, y, x], degrees=True)
            if arm
            else Rotation.from_euler('XZY', [x, z, y], degrees=True)
        )
        np.testing.assert_allclose(
            matrices[j], expected.as_matrix(), atol=1e-9
        )
    np.testing.assert_allclose(
        axis_angle_to_angles(angles_to_axis_angle(angles)), angles, atol=1e-3
    )
    assert_near(mirror_angles(mirror_angles(angles)), angles)


def test_limits_are_symmetric_and_ordered():
    assert (JOINT_LIMITS[..., 0] < JOINT_LIMITS[..., 1]).all()
    low, high = JOINT_LIMITS[..., 0], JOINT_LIMITS[..., 1]
    np.testing.assert_array_equal(  # whole numbers
        np.sort(np.stack([mirror_angles(low), mirror_angles(high)]), 0),
        np.stack([low, high]),
    )


def test_segment_distance_against_brute_force():
    rng = np.random.default_rng(0)
    t = np.linspace(0, 1, 120)[:, None]
    for _ in range(30):
        p0, p1, q0, q1 = rng.normal(size=(4, 3))
        a, b = p0 + t * (p1 - p0), q0 + t * (q1 - q0)
        brute = np.linalg.norm(a[:, None] - b[None], axis=-1).min()
        exact = segment_distance(p0, p1, q0, q1)
        assert exact <= brute + 1e-9 and brute - exact < 0.03


def test_penetration_sees_an_arm_in_the_trunk():
    angles = np.zeros((23, 3))
    assert penetration(angles)[0] < 0
    angles[JOINT_NAMES.index('left_shoulder')] = 90, 0, -85
    angles[JOINT_NAMES.index('left_elbow')] = 0, -100, 0
    depth, parts = penetration(angles)
    assert depth > 0.05
    assert 'left_forearm' in parts or 'left_palm' in parts
