"""Bodies from keypoints, where the truth is known."""

import numpy as np
import pytest
import torch
from closeness import assert_near
from smplx.vertex_ids import vertex_ids
from test_geometry.bodies import random_body, save_like_smpl
from test_geometry.fitted_people import (
    free_body,
    free_fitter,
    people,
    yaw,
)

from mmposetransfer.geometry import (
    BodyModel,
    PerspectiveCamera,
    flow_and_visibility,
)
from mmposetransfer.geometry.fitting import BodyFitter, FitProjector
from mmposetransfer.geometry.fitting.energy import Targets
from mmposetransfer.geometry.fitting.hidden_limbs import add_hidden_arms
from mmposetransfer.geometry.fitting.keypoint_chain import SOLVED_JOINTS
from mmposetransfer.geometry.pose_angles import (
    JOINT_LIMITS,
    axis_angle_to_angles,
)
from mmposetransfer.synthfashion import SynthFashionWorld

KNEES_DOWN = [9, 10, 12, 13]


@pytest.fixture(scope='module')
def crowd():
    """Keypoints, vertices and poses of 40 people, and their fits."""
    keypoints, vertices, poses = people(40)
    return keypoints, vertices, poses, free_fitter()(keypoints)


def turn_between(a, b):
    return np.abs((a - b + np.pi) % (2 * np.pi) - np.pi)


def test_recovers_people_from_their_joints(crowd):
    keypoints, vertices, poses, fits = crowd
    assert fits.success.all()
    assert fits.mean_errors().max() < 1.5
    off = turn_between(
        yaw(fits.global_orient),
        yaw(np.stack([p.global_orient for p in poses])),
    )
    assert np.median(off) < np.radians(8)
    assert (off < np.radians(45)).mean() > 0.9
    found = FitProjector(free_fitter().body)(fits)
    away = np.linalg.norm((found - vertices)[..., :2], axis=-1).mean(1)
    assert np.median(away) < 4
    assert np.percentile(away, 90) < 7


def test_errors_are_those_of_the_posed_body(crowd):
    keypoints, _, _, fits = crowd
    body = free_fitter().body
    output = body.forward(fits.betas, fits.body_pose, fits.global_orient)
    for row in (0, 7):
        points = fits.camera_of(row).project(body.keypoints(output)[row])
        np.testing.assert_allclose(
            np.linalg.norm(points[:, :2] - keypoints[row, :, :2], axis=1),
            fits.errors[row],
            atol=2e-3,
        )


def test_angles_stay_near_their_limits(crowd):
    fits = crowd[-1]
    angles = np.stack([axis_angle_to_angles(p) for p in fits.body_pose])
    beyond = np.maximum(
        JOINT_LIMITS[..., 0] - angles, angles - JOINT_LIMITS[..., 1]
    )
    solved = [j - 1 for j in SOLVED_JOINTS]
    assert beyond.max() < 6
    assert np.delete(beyond, solved, 1).max() < 0.01


def test_the_same_numbers_again_and_alone(crowd):
    keypoints, _, _, fits = crowd
    again = free_fitter()(keypoints)
    for name in ('betas', 'body_pose', 'global_orient', 'camera', 'energy'):
        assert_near(getattr(again, name), getattr(fits, name))
    alone = free_fitter()(keypoints[3:6], batch_size=2)
    np.testing.assert_allclose(alone.body_pose, fits.body_pose[3:6], atol=0.02)


def test_larger_and_elsewhere_is_the_same_person(crowd):
    keypoints, _, _, fits = crowd
    changed = keypoints[:8].copy()
    changed[..., :2] = 3 * changed[..., :2] + [50, -20]
    other = free_fitter()(changed)
    np.testing.assert_allclose(
        other.camera[:, 0], 3 * fits.camera[:8, 0], rtol=0.02
    )
    np.testing.assert_allclose(other.body_pose, fits.body_pose[:8], atol=0.05)
    np.testing.assert_allclose(
        other.camera[:, 1:3], 3 * fits.camera[:8, 1:3] + [50, -20], atol=4
    )


@pytest.mark.parametrize('name', ['front', 'back', 'side'])
def test_facing(name):
    keypoints, _, poses = people(12, 3, name)
    fits = free_fitter()(keypoints)
    off = turn_between(
        yaw(fits.global_orient),
        yaw(np.stack([p.global_orient for p in poses])),
    )
    assert off.max() < np.radians(30)


def test_upper_bodies():
    keypoints, vertices, _ = people(16, 4, 'front')
    keypoints[:, KNEES_DOWN, 2] = 0
    keypoints[:, KNEES_DOWN, :2] = 1e4  # whatever is there
    fits = free_fitter()(keypoints)
    assert fits.success.all()
    assert np.isnan(fits.errors[:, KNEES_DOWN]).all()
    assert fits.mean_errors().max() < 1.5
    found = FitProjector(free_fitter().body)(fits)
    # the legs nobody saw stand below, within a hand's breadth
    away = np.linalg.norm((found - vertices)[..., :2], axis=-1)
    legs = np.isin(free_fitter().body.part_labels, [5, 6])
    assert np.median(away[:, ~legs].mean(1)) < 4
    assert np.median(away[:, legs].mean(1)) < 14


def test_every_joint_but_the_torso_may_be_missing():
    keypoints, _, _ = people(16, 5, 'front')
    for person, joint in enumerate(
        [0, 1, 3, 4, 6, 7, 9, 10, 12, 13, 14, 15, 16, 17]
    ):
        keypoints[person, joint] = 0
    fits = free_fitter()(keypoints)
    assert fits.success.all()
    assert fits.mean_errors().max() < 1.5


def test_a_joint_that_is_far_off_pulls_little():
    keypoints, _, _ = people(10, 6, 'front')
    wrong = keypoints.copy()
    wrong[:, 4, :2] += [-90, -60]  # a wrist on the neighbour's
    fits = free_fitter()(wrong)
    others = np.delete(fits.errors, [3, 4], 1)
    assert np.median(others.mean(1)) < 4


def test_hidden_arms_hang_beside_the_trunk():
    keypoints = torch.from_numpy(people(4, 11, 'side')[0])
    weights = keypoints[..., 2].clone()
    weights[:, [3, 4, 7]] = 0
    weights[1, 2] = 0  # no shoulder, no guess
    targets = Targets(
        keypoints[..., :2], weights, torch.ones(4), torch.ones(4)
    )
    sizes = torch.full((4, 2), 256.0)
    sizes[2, 0] = keypoints[2, 8, 1] + 2  # hips at the lower edge
    sizes[3] = 0  # not known
    out = add_hidden_arms(targets, sizes)
    assert (out.weights[0, [3, 4, 7]] > 0).all()
    assert (out.weights[0, [3, 4, 7]] < 0.1).all()
    assert (out.weights[1, [3, 4]] == 0).all() and out.weights[1, 7] > 0
    assert out.weights[2, 3] > 0 and (out.weights[2, [4, 7]] == 0).all()
    assert (out.weights[3, [3, 4, 7]] > 0).all()
    shoulder, hip, wrist = keypoints[0, 2], keypoints[0, 8], out.points[0, 4]
    torch.testing.assert_close(wrist, 0.05 * shoulder[:2] + 0.95 * hip[:2])
    seen = [j for j in range(18) if j not in (3, 4, 7)]
    torch.testing.assert_close(out.points[:, seen], targets.points[:, seen])
    assert (targets.weights[0, 3:5] == 0).all()  # what was given is kept


def test_guessed_joints_are_reported_as_missing():
    keypoints = people(6, 12, 'side')[0]
    keypoints[:, [3, 4], 2] = 0
    assert np.isnan(free_fitter()(keypoints).errors[:, [3, 4]]).all()


def test_weak_perspective_too():
    keypoints, _, _ = people(6, 7)
    fitter = BodyFitter(free_fitter().body, distance=np.inf)
    fits = fitter(keypoints)
    assert np.isinf(fits.camera[:, 3]).all()
    assert fits.mean_errors().max() < 3


def smpl_like(path):
    """A pickle as SMPL's: 6890 vertices, the free body's joints and face."""
    body, free = random_body(vertices=6890), free_body()
    smpl = free.smpl
    template, dirs = smpl.v_template.numpy(), smpl.shapedirs.numpy()
    regressor = smpl.J_regressor.double().numpy()
    body['v_template'][:24] = regressor @ template
    body['shapedirs'][:24] = np.einsum('jv,vcs->jcs', regressor, dirs)
    for name in ('nose', 'reye', 'leye', 'rear', 'lear'):
        there, here = free.landmarks[name], vertex_ids['smplh'][name]
        body['v_template'][here] = template[there]
        body['shapedirs'][here] = dirs[there]
    body['J_regressor'] = np.eye(24, 6890)
    save_like_smpl(path, body)


def test_a_user_s_smpl_is_fitted_as_the_free_body_is(crowd, tmp_path):
    keypoints, _, _, fits = crowd
    path = tmp_path / 'SMPL_NEUTRAL.pkl'
    smpl_like(path)
    other = BodyFitter(BodyModel(path))(keypoints)
    assert other.body == 'SMPL_NEUTRAL:6890:10'
    for name in ('betas', 'body_pose', 'camera', 'errors'):
        away = np.abs(getattr(other, name) - getattr(fits, name))
        assert np.nanpercentile(away, 90) < 5e-3, name


def test_too_few_joints_are_no_person():
    keypoints, _, _ = people(4, 8)
    keypoints[0, :, 2] = 0
    keypoints[1, 5:, 2] = 0  # one shoulder
    keypoints[2, :, :2] = 40  # all in one spot
    fits = free_fitter()(keypoints)
    assert fits.success.tolist() == [False, False, False, True]
    assert np.isnan(fits.energy[:3]).all()
    assert (fits.body_pose[:3] == 0).all()
    assert np.isfinite(fits.camera).all()


def test_what_is_no_person_costs_more():
    keypoints, _, _ = people(8, 9)
    rng = np.random.default_rng(0)
    noise = keypoints.copy()
    noise[..., :2] = rng.uniform(0, 256, noise[..., :2].shape)
    fits = free_fitter()(noise)
    assert not fits.success.any()


def test_nobody():
    fits = free_fitter()(np.zeros((0, 18, 3)))
    assert len(fits) == 0


def test_bad_input():
    fitter = free_fitter()
    keypoints, _, _ = people(2)
    with pytest.raises(ValueError, match=r'\(N, 18, 3\)'):
        fitter(keypoints[:, :17])
    with pytest.raises(ValueError, match='names: expected 2, got 1'):
        fitter(keypoints, names=['a'])
    with pytest.raises(ValueError, match='sizes'):
        fitter(keypoints, sizes=np.zeros((3, 2)))
    bad = keypoints.copy()
    bad[1, 4, 0] = np.nan
    with pytest.raises(ValueError, match='person 1.*right_wrist'):
        fitter(bad)
    bad[1, 4, 2] = 0  # missing: whatever its x
    assert np.isnan(fitter(bad).errors[1, 4])
    for name in ('distance', 'noise', 'guesses'):
        with pytest.raises(ValueError, match=name):
            BodyFitter(fitter.body, **{name: 0})


def test_flow_of_synthfashion_from_two_fits():
    world = SynthFashionWorld(
        (256, 256), seed=7, split='test', num_people=2000
    )
    pairs = [world.pair(i) for i in range(9)]
    fitter = free_fitter()
    fits = fitter(
        np.stack(
            [
                pair[f'{which}_keypoints']
                for pair in pairs
                for which in ('ref', 'tgt')
            ]
        )
    )
    assert fits.mean_errors().max() < 4
    projector, errors = FitProjector(fitter.body), []
    for number, pair in enumerate(pairs):
        ref, tgt = projector(fits, [2 * number, 2 * number + 1])
        flow, visibility = flow_and_visibility(
            ref, tgt, projector.faces, world.size
        )
        both = (visibility[0] != 2) & (pair['visibility'][0] == 0)
        errors.append(np.hypot(*(flow - pair['flow']))[both].mean())
    assert np.median(errors) < 8


def test_cameras_of_fits_are_the_library_s(crowd):
    camera = crowd[-1].camera_of(0)
    assert isinstance(camera, PerspectiveCamera)
    assert -camera.translation[2] == 4
