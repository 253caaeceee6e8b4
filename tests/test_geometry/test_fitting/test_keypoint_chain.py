"""Keypoints without vertices: as smplx has them, with right derivatives."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from test_geometry.bodies import random_body
from test_geometry.fitted_people import free_body

from mmposetransfer.geometry import BodyModel, PerspectiveCamera
from mmposetransfer.geometry.fitting.energy import (
    EnergyWeights,
    FitEnergy,
    Targets,
    moved,
    project,
    turned,
)
from mmposetransfer.geometry.fitting.keypoint_chain import (
    SOLVED_JOINTS,
    ChainState,
    KeypointChain,
)
from mmposetransfer.geometry.fitting.minimise import minimise
from mmposetransfer.geometry.fitting.pose_prior import PosePrior
from mmposetransfer.geometry.pose_angles import (
    JOINT_LIMITS,
    angles_to_axis_angle,
)

N = 3


def random_state(seed=0):
    """A state in double precision, and the same for BodyModel."""
    rng = np.random.default_rng(seed)
    angles = rng.uniform(
        JOINT_LIMITS[..., 0], JOINT_LIMITS[..., 1], (N, 23, 3)
    )
    turn = Rotation.random(N, random_state=seed)
    betas = rng.normal(size=(N, 10))
    solved = [j - 1 for j in SOLVED_JOINTS]
    camera = np.column_stack(
        [np.log(rng.uniform(90, 200, N)), rng.uniform(80, 160, (N, 2))]
    )
    state = ChainState(
        *map(
            torch.from_numpy,
            (turn.as_matrix(), camera, np.radians(angles[:, solved]), betas),
        )
    )
    pose = np.stack([angles_to_axis_angle(a) for a in angles])
    return state, dict(
        betas=betas, body_pose=pose, global_orient=turn.as_rotvec()
    )


@pytest.fixture(scope='module')
def chain():
    return KeypointChain(free_body(), dtype=torch.float64)


@pytest.fixture(scope='module')
def energy(chain):
    return FitEnergy(chain, PosePrior(dtype=torch.float64), EnergyWeights())


def random_targets(inverse=0.25):
    rng = np.random.default_rng(5)
    weights = rng.uniform(0.2, 1, (N, 18))
    weights[:, ::5] = 0
    return Targets(
        *map(
            torch.from_numpy,
            (
                rng.uniform(0, 256, (N, 18, 2)),
                weights,
                rng.uniform(1, 4, N),
                np.full(N, inverse),
            ),
        )
    )


def steps(chain):
    return torch.zeros(N, 51 + chain.num_betas, dtype=torch.float64)


def test_keypoints_are_those_of_smplx(chain):
    state, arguments = random_state()
    expected = free_body().keypoints(free_body().forward(**arguments))
    np.testing.assert_allclose(chain.keypoints(state), expected, atol=2e-6)


def test_jacobian_is_that_of_autograd(chain):
    state, _ = random_state(1)
    keypoints, jacobian = chain.with_jacobian(state)
    torch.testing.assert_close(keypoints, chain.keypoints(state))

    def total(step):
        return chain.keypoints(moved(state, step)).sum(0)

    expected = torch.autograd.functional.jacobian(total, steps(chain))
    expected = expected.permute(2, 3, 0, 1)  # (N, P, 18, 3)
    assert not expected[:, 3:6].any()  # the camera moves no point
    expected = torch.cat([expected[:, :3], expected[:, 6:]], 1)
    torch.testing.assert_close(jacobian, expected)


@pytest.mark.parametrize('inverse', [0, 0.25])
@pytest.mark.parametrize(
    'stage, count', [('camera', 6), ('pose', 51), ('shape', 61)]
)
def test_gradient_is_that_of_autograd(energy, stage, count, inverse):
    state, _ = random_state(2)
    # a little beyond a limit, so that these count too
    state.angles[:, 3, 0] = energy.prior.high[9] + 0.02
    targets = random_targets(inverse)
    step = steps(energy.chain).requires_grad_()
    value = energy.value(moved(state, step), targets)
    value.sum().backward()
    found, gradient, matrix = energy.quadratic(state, targets, stage)
    torch.testing.assert_close(found, value.detach())
    torch.testing.assert_close(gradient, step.grad[:, :count])
    torch.testing.assert_close(matrix, matrix.mT)
    assert (torch.linalg.eigvalsh(matrix) > -1e-6).all()


def test_turns_are_rotations():
    state, _ = random_state(3)
    turn = torch.randn(N, 3, dtype=torch.float64)
    expected = Rotation.from_rotvec(turn) * Rotation.from_matrix(state.orient)
    np.testing.assert_allclose(
        turned(state.orient, turn), expected.as_matrix(), atol=1e-12
    )
    torch.testing.assert_close(turned(state.orient, 0 * turn), state.orient)


def test_steps_never_go_uphill_and_end_where_the_slope_does(energy):
    truth, _ = random_state(4)
    targets = random_targets()
    targets = targets._replace(
        points=project(
            energy.chain.keypoints(truth),
            truth.camera,
            targets.inverse_distance,
        )
    )
    noise = torch.from_numpy(np.random.default_rng(0).normal(size=(N, 61)))
    state = moved(truth, 0.05 * noise)
    first, before, _ = energy.quadratic(state, targets, 'shape')
    values = [first]
    for _ in range(4):
        state, value, _ = minimise(energy, state, targets, 'shape', 25)
        values.append(value)
    torch.testing.assert_close(energy.value(state, targets), values[-1])
    assert (torch.stack(values).diff(dim=0) <= 1e-9).all()
    _, after, _ = energy.quadratic(state, targets, 'shape')
    assert (after.norm(dim=1) < 1e-2 * before.norm(dim=1)).all()


def test_a_stage_moves_its_own_parameters_only(energy):
    state, _ = random_state(6)
    targets = random_targets()
    camera, _, _ = minimise(energy, state, targets, 'camera', 3)
    torch.testing.assert_close(camera.angles, state.angles, atol=0, rtol=0)
    torch.testing.assert_close(camera.betas, state.betas, atol=0, rtol=0)
    pose, _, _ = minimise(energy, state, targets, 'pose', 3)
    assert (pose.angles != state.angles).any()
    torch.testing.assert_close(pose.betas, state.betas, atol=0, rtol=0)


def test_projection_is_that_of_the_cameras():
    state, _ = random_state()
    points = torch.randn(N, 5, 3, dtype=torch.float64) * 0.5
    pixels = project(points, state.camera, torch.full((N,), 0.25).double())
    for n in range(N):
        scale, tx, ty = state.camera[n].tolist()
        camera = PerspectiveCamera(
            4 * np.exp(scale), (tx, ty), translation=np.array([0, 0, -4.0])
        )
        np.testing.assert_allclose(
            pixels[n], camera.project(points[n].numpy())[:, :2], rtol=1e-9
        )


def test_a_body_without_known_face_is_refused(tmp_path):
    path = tmp_path / 'body.npz'
    np.savez(path, **random_body())
    with pytest.raises(ValueError, match='face of this body'):
        KeypointChain(BodyModel(path))
