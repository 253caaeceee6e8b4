"""Mirror twins: closed forms of bodies in mirrored poses."""

from dataclasses import replace

import numpy as np
import pytest
from known_fits import known_fits

from mmposetransfer.geometry import BodyModel, FlowSynthesizer, mirror_twins
from mmposetransfer.geometry.fitting import BodyFits

WIDTH = 64
# SMPL's joints below the pelvis that a mirror exchanges.
PAIRS = ((1, 2), (4, 5), (7, 8), (10, 11), (13, 14), (16, 17), (18, 19))
PAIRS += ((20, 21), (22, 23))


@pytest.fixture(scope='module')
def body():
    return BodyModel()


def in_a_mirror(fits):
    """The same people in a mirror beside them, as their pictures flipped."""
    flip = np.float32([1, -1, -1])  # an axial vector under x -> -x
    joints = np.arange(23)
    for left, right in PAIRS:
        joints[[left - 1, right - 1]] = right - 1, left - 1
    pose = fits.body_pose.reshape(-1, 23, 3)[:, joints] * flip
    camera = fits.camera.copy()
    camera[:, 1] = WIDTH - 1 - camera[:, 1]
    return replace(
        fits,
        body_pose=pose.reshape(-1, 69),
        global_orient=fits.global_orient * flip,
        camera=camera,
        betas=np.zeros_like(fits.betas),
    )


def test_the_twin_of_a_twin_is_the_point_itself(body):
    twins = mirror_twins(body)
    rest = body.smpl.v_template.numpy()
    again = np.linalg.norm(rest[twins[twins]] - rest, axis=1)
    assert (again == 0).mean() > 0.999 and again.max() < 0.003
    mirrored = rest * np.float32([-1, 1, 1])
    assert np.linalg.norm(rest[twins] - mirrored, axis=1).max() < 0.003


def test_twins_exchange_left_and_right(body):
    exchange = np.array([0, 1, 2, 4, 3, 6, 5])
    parts = body.part_labels
    same = parts[mirror_twins(body)] == exchange[parts]
    assert same.mean() > 0.98  # parts meet at vertices of equal weights


def test_in_the_mirrored_pose_each_twin_is_seen_in_the_mirror(body):
    fits = known_fits(3)
    fits = replace(fits, betas=np.zeros_like(fits.betas))
    both = BodyFits.concatenate([fits, in_a_mirror(fits)])
    synthesize = FlowSynthesizer(both, body)
    for row in range(3):
        flow, visibility = synthesize.twins(row + 3, row)
        shown = visibility[0] != 2
        assert shown.sum() > 300
        expected = WIDTH - 1 - 2 * np.arange(WIDTH, dtype=np.float32)
        error = np.abs(flow[0] - expected)[shown]
        assert error.max() < 0.3 and np.median(error) < 0.01
        assert np.abs(flow[1][shown]).max() < 0.3
        assert (visibility[0] == 0).sum() > 0.97 * shown.sum()


def test_who_faces_the_camera_straight_is_their_own_twin_by_the_mirror(body):
    """The T-pose: the twin of x is at 2 c - x, and the centre at itself."""
    one = known_fits(1)
    one = replace(
        one,
        body_pose=np.zeros_like(one.body_pose),
        global_orient=np.zeros_like(one.global_orient),
        betas=np.zeros_like(one.betas),
    )
    synthesize = FlowSynthesizer(one, body)
    flow, visibility = synthesize.twins(0, 0)
    shown = visibility[0] != 2
    centre = one.camera[0, 1]
    expected = 2 * (centre - np.arange(WIDTH, dtype=np.float32))
    np.testing.assert_allclose(
        flow[0][shown], np.broadcast_to(expected, shown.shape)[shown], atol=0.3
    )
    own, _ = synthesize(0, 0)
    np.testing.assert_allclose(own, 0, atol=1e-4)
