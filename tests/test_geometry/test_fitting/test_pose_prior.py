"""The pose prior: a mixture of Gaussians of the sampler's poses."""

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from mmposetransfer.geometry.fitting.keypoint_chain import SOLVED_JOINTS
from mmposetransfer.geometry.fitting.pose_prior import (
    PosePrior,
    load_pose_bank,
)
from mmposetransfer.geometry.pose_angles import (
    JOINT_LIMITS,
    JOINT_NAMES,
    axis_angle_to_angles,
    mirror_angles,
)
from mmposetransfer.synthfashion.poses import POSE_CLASSES, sample_pose

SOLVED = np.array(SOLVED_JOINTS) - 1


@pytest.fixture(scope='module')
def prior():
    return PosePrior(dtype=torch.float64)


def solved(poses):
    return torch.from_numpy(np.radians(np.stack(poses)[:, SOLVED])).flatten(1)


def sampled(count, seed=0, name=None):
    rng = np.random.default_rng(seed)
    return [
        axis_angle_to_angles(sample_pose(rng, name).body_pose)
        for _ in range(count)
    ]


def test_bank_holds_the_sampler_s_classes_and_their_mirror_images():
    angles, weights = load_pose_bank()
    assert len(angles) == 2 * len(POSE_CLASSES)
    np.testing.assert_allclose(weights.sum(), 1)
    limits = np.radians(JOINT_LIMITS) + [-2e-3, 2e-3]  # tenths of degrees
    assert ((angles >= limits[..., 0]) & (angles <= limits[..., 1])).all()
    half = len(POSE_CLASSES)
    np.testing.assert_allclose(
        np.degrees(angles[half]),
        [mirror_angles(a) for a in np.degrees(angles[0])],
        atol=1e-4,
    )


def test_bank_is_what_the_sampler_draws_today():
    angles = np.degrees(load_pose_bank()[0][0, :3])  # the first class, drawn
    name = next(iter(POSE_CLASSES))  # from the first seed
    for pose, drawn in zip(angles, sampled(3, 0, name), strict=True):
        nearest = min(
            np.abs(pose - drawn).max(),
            np.abs(pose - mirror_angles(drawn)).max(),
        )
        assert nearest < 0.1, 'run tools/body_tools/make_pose_bank.py'


def test_sampled_poses_are_likelier_than_scrambled_ones(prior):
    poses = sampled(60)
    rng = np.random.default_rng(1)
    wrong = [
        np.stack(
            [
                poses[k][j]
                for j, k in enumerate(rng.integers(0, len(poses), 23))
            ]
        )
        for _ in poses
    ]
    like = prior.energies(solved(poses)).min(1).values
    unlike = prior.energies(solved(wrong)).min(1).values
    assert like.median() < unlike.median() - 5
    uniform = [
        rng.uniform(JOINT_LIMITS[..., 0], JOINT_LIMITS[..., 1]) for _ in poses
    ]
    assert like.max() < prior.energies(solved(uniform)).min()


def test_mirrored_poses_are_as_likely(prior):
    poses = sampled(30, 2)
    there = prior.energies(solved(poses)).min(1).values
    mirrored = (
        prior.energies(solved([mirror_angles(p) for p in poses])).min(1).values
    )
    # the broad component alone is not symmetric, to a small degree
    torch.testing.assert_close(there, mirrored, rtol=0, atol=0.05)


def test_energies_are_log_densities(prior):
    poses = solved(sampled(4, 3))
    energies = prior.energies(poses)
    one, other = 3, 30
    densities = [
        multivariate_normal.logpdf(
            poses, prior.means[c], torch.linalg.inv(prior.precision[c])
        )
        for c in (one, other)
    ]
    weights = load_pose_bank()[1]
    np.testing.assert_allclose(
        energies[:, one] - energies[:, other],
        densities[1] - densities[0] + np.log(weights[other] / weights[one]),
        atol=1e-5,
    )


def test_unseen_joints_follow_the_seen_ones(prior):
    poses = sampled(40, 4, 'arms_crossed')
    angles = solved(poses)
    component = prior.energies(angles).argmin(1)
    whole = prior.complete(angles, component)
    torch.testing.assert_close(
        whole[:, SOLVED].flatten(1), angles, rtol=0, atol=1e-6
    )
    low, high = np.radians(JOINT_LIMITS).transpose(2, 0, 1)
    unseen = np.setdiff1d(np.arange(23), SOLVED)
    assert (whole[:, unseen].numpy() >= low[unseen] - 1e-6).all()
    assert (whole[:, unseen].numpy() <= high[unseen] + 1e-6).all()
    truth = np.radians(np.stack(poses))
    error = np.abs(whole.numpy() - truth)[:, unseen]
    assert error.mean() < np.radians(4)


def test_ankles_level_the_feet_of_bent_legs(prior):
    ankle, knee, hip = (
        JOINT_NAMES.index(f'left_{n}') for n in ('ankle', 'knee', 'hip')
    )
    angles = solved(sampled(20, 5, 'squat'))
    whole = prior.complete(angles, prior.energies(angles).argmin(1))
    slope = whole[:, [ankle, knee, hip], 0].sum(1)  # of the sole, nearly
    assert slope.abs().mean() < np.radians(25)
    assert whole[:, ankle, 0].abs().mean() > np.radians(15)
