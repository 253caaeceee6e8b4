"""Posing: smplx, the quick way, and a plain reference agree."""

import numpy as np
import pytest
import torch
from bodies import PARENTS, random_body
from closeness import assert_near
from scipy.spatial.transform import Rotation

from mmposetransfer.geometry import (
    BodyModel,
    SkinWeights,
    body_parts,
    get_skeleton,
    skin,
    sparse_weights,
)


@pytest.fixture(scope='module')
def free():
    return BodyModel()


@pytest.fixture(scope='module', params=['free', 'random'])
def model(request, tmp_path_factory):
    if request.param == 'free':
        return BodyModel()
    path = tmp_path_factory.mktemp('body') / 'body.npz'
    np.savez(path, **random_body())
    return BodyModel(path)


def random_pose(batch=3, seed=0):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(batch, 10)),
        rng.normal(0, 0.5, (batch, 69)),
        rng.normal(size=(batch, 3)),
        rng.normal(size=(batch, 3)),
    )


def reference_pose(data, betas, body_pose, global_orient, transl):
    """SMPL's equations in float64, one vertex group after another."""
    shaped = data['v_template'] + data['shapedirs'] @ betas
    rest = data['J_regressor'] @ shaped
    pose = np.concatenate([global_orient, body_pose]).reshape(24, 3)
    local = Rotation.from_rotvec(pose).as_matrix()
    shaped = shaped + data['posedirs'] @ (local[1:] - np.eye(3)).ravel()
    turn, place = local.copy(), rest.copy()
    for joint, parent in enumerate(PARENTS):
        if joint:
            turn[joint] = turn[parent] @ local[joint]
            place[joint] = place[parent] + turn[parent] @ (
                rest[joint] - rest[parent]
            )
    vertices = np.zeros_like(shaped)
    for joint in range(24):
        moved = (shaped - rest[joint]) @ turn[joint].T + place[joint]
        vertices += data['weights'][:, [joint]] * moved
    return vertices + transl, place + transl


def test_forward_is_smpl(model):
    data = dict(np.load(model.path))
    given = random_pose(batch=2)
    output = model.forward(*given)
    for i in range(2):
        vertices, joints = reference_pose(data, *(g[i] for g in given))
        np.testing.assert_allclose(output.vertices[i], vertices, atol=1e-5)
        np.testing.assert_allclose(output.joints[i], joints, atol=1e-5)


def test_quick_pose_equals_smplx(model):
    given = random_pose()
    slow, quick = model.forward(*given), model.pose(*given)
    np.testing.assert_allclose(quick.vertices, slow.vertices, atol=1e-5)
    np.testing.assert_allclose(quick.joints, slow.joints, atol=1e-5)


def test_skinning_the_body_itself_equals_smplx(model):
    betas, pose, orient, transl = random_pose()
    expected = model.forward(betas, pose, orient, transl).vertices
    transforms = model.joint_transforms(betas, pose, orient, transl)
    rest = model.rest_vertices(betas, pose)
    for weights in (model.weights, model.skin_weights):
        np.testing.assert_allclose(
            skin(rest, weights, transforms), expected, atol=1e-5
        )
    some = np.arange(0, model.num_vertices, 7)  # as a garment would
    np.testing.assert_allclose(
        skin(rest[1, some], model.weights[some], transforms[1]),
        expected[1, some],
        atol=1e-5,
    )


def test_zero_pose(model):
    output = model.forward()
    np.testing.assert_allclose(
        output.vertices[0], np.load(model.path)['v_template'], atol=1e-6
    )
    np.testing.assert_allclose(
        model.joint_transforms(),
        np.eye(4)[None].repeat(24, 0)[None],
        atol=1e-6,
    )
    np.testing.assert_allclose(model.rest_joints(), output.joints, atol=1e-5)


def test_whole_body_turns_rigidly(model):
    """Global orientation turns the zero pose about the pelvis."""
    turn = Rotation.from_rotvec([0.3, -1.1, 0.7])
    rest = model.forward()
    output = model.forward(
        global_orient=turn.as_rotvec(), transl=[1.0, 2.0, 3.0]
    )
    pelvis = rest.joints[0, 0]
    for moved, still in (
        (output.vertices, rest.vertices),
        (output.joints, rest.joints),
    ):
        np.testing.assert_allclose(
            moved[0],
            turn.apply(still[0] - pelvis) + pelvis + [1, 2, 3],
            atol=1e-5,
        )


def test_inputs_are_repeated_and_padded(model):
    betas, pose, orient, _ = random_pose()
    output = model.forward(betas[0, :4], pose, orient[:1])
    padded = np.concatenate([betas[0, :4], np.zeros(6)])
    for i in range(3):
        alone = model.forward(padded, pose[i], orient[0])
        np.testing.assert_allclose(
            output.vertices[i], alone.vertices[0], atol=1e-5
        )


def test_torch_in_numpy_out_without_gradients(model):
    betas, pose, orient, transl = random_pose()
    tensors = [
        torch.tensor(a, requires_grad=True)
        for a in (betas, pose, orient, transl)
    ]
    output = model.forward(*tensors)
    assert isinstance(output.vertices, np.ndarray)
    assert output.vertices.dtype == np.float32
    assert_near(
        output.vertices, model.forward(betas, pose, orient, transl).vertices
    )
    assert not any(p.requires_grad for p in model.smpl.parameters())


@pytest.mark.parametrize(
    'name, value',
    [
        ('betas', np.zeros((2, 11))),
        ('body_pose', np.zeros((2, 72))),
        ('body_pose', np.zeros((1, 2, 3, 4))),
        ('global_orient', np.zeros(4)),
        ('transl', np.zeros((3, 2))),
    ],
)
def test_wrong_shape_is_named(free, name, value):
    with pytest.raises(ValueError, match=f'{name}: expected'):
        free.forward(**{name: value})


def test_bad_values_and_batches(free):
    with pytest.raises(ValueError, match='body_pose: holds NaN'):
        free.pose(body_pose=np.full(69, np.nan))
    with pytest.raises(ValueError, match='batches of 2, 3, 1 and 1'):
        free.pose(np.zeros((2, 10)), np.zeros((3, 69)))


def test_keypoints_are_openpose18(free):
    """Names, sides and order, by where they lie in the zero pose."""
    names = get_skeleton('openpose18').joints
    points = dict(zip(names, free.keypoints(free.forward())[0], strict=True))
    for name, point in points.items():
        side = (name.startswith('left')) - (name.startswith('right'))
        assert np.sign(np.round(point[0], 2)) == side, name
        if side > 0:  # the body is symmetric
            other = points[name.replace('left', 'right')]
            np.testing.assert_allclose(point * [-1, 1, 1], other, atol=0.005)
    height = [
        points[n][1]
        for n in (
            'left_eye',
            'nose',
            'neck',
            'left_hip',
            'left_knee',
            'left_ankle',
        )
    ]
    assert height == sorted(height, reverse=True)
    reach = [
        points[n][0]
        for n in (
            'left_eye',
            'left_ear',
            'left_shoulder',
            'left_elbow',
            'left_wrist',
        )
    ]
    assert reach == sorted(reach)
    front = [points[n][2] for n in ('nose', 'left_eye', 'left_ear')]
    assert front == sorted(front, reverse=True)
    np.testing.assert_allclose(
        points['neck'],
        (points['left_shoulder'] + points['right_shoulder']) / 2,
        atol=1e-6,
    )


def test_keypoints_of_smpl_and_of_strangers(tmp_path):
    """A mesh of 6890 vertices is SMPL's; others have to say their face."""
    np.savez(tmp_path / 'smpl.npz', **random_body(vertices=6890))
    body = BodyModel(tmp_path / 'smpl.npz')
    output = body.forward()
    points, vertices = body.keypoints(output)[0], output.vertices[0]
    np.testing.assert_array_equal(
        points[[0, 14, 15, 16, 17]], vertices[[332, 6260, 2800, 4071, 583]]
    )
    np.testing.assert_array_equal(points[4], output.joints[0, 21])
    np.savez(tmp_path / 'other.npz', **random_body())
    other = BodyModel(tmp_path / 'other.npz')
    with pytest.raises(ValueError, match='300 vertices.*landmarks'):
        other.keypoints(other.forward())


def test_body_parts_by_strongest_joint():
    weights = np.zeros((4, 24))
    weights[[0, 1, 2, 3], [15, 20, 21, 7]] = 1  # head, wrists, left ankle
    labels, faces = body_parts(
        weights, np.array([[0, 0, 1], [2, 2, 1], [3, 3, 0]])
    )
    np.testing.assert_array_equal(labels, [1, 3, 4, 5])
    np.testing.assert_array_equal(faces, [1, 4, 5])


def test_skin_closed_form():
    """Half of each of two shifts is their mean; a turn turns."""
    points = np.array([[1.0, 0, 0], [0, 2, 0]])
    transforms = np.stack([np.eye(4)] * 3)
    transforms[0, :3, 3] = 1, 0, 0
    transforms[1, :3, 3] = 0, 3, 0
    transforms[2, :3, :3] = Rotation.from_rotvec([0, 0, np.pi / 2]).as_matrix()
    weights = np.array([[0.5, 0.5, 0], [0, 0, 1]])
    np.testing.assert_allclose(
        skin(points, weights, transforms),
        [[1.5, 1.5, 0], [-2, 0, 0]],
        atol=1e-6,
    )


def test_sparse_weights_keep_the_strongest():
    dense = np.array([[0.1, 0.6, 0.0, 0.3], [1.0, 0, 0, 0]])
    full = sparse_weights(dense)
    assert full.index.shape == (2, 3)
    back = np.zeros_like(dense)
    np.add.at(back, (np.arange(2)[:, None], full.index), full.weight)
    np.testing.assert_allclose(back, dense, atol=1e-7)
    two = sparse_weights(dense, bones=2)
    np.testing.assert_array_equal(two.index[0], [1, 3])
    np.testing.assert_allclose(two.weight[0], [2 / 3, 1 / 3], atol=1e-6)


@pytest.mark.parametrize(
    'rest, weights, transforms, message',
    [
        ((5, 2), (5, 24), (24, 4, 4), 'rest_vertices'),
        ((5, 3), (4, 24), (24, 4, 4), 'weights are of 4 points'),
        ((5, 3), (5, 24), (24, 3, 4), 'transforms'),
        ((5, 3), (5, 24), (20, 4, 4), 'name joint 23'),
        ((2, 5, 3), (5, 24), (3, 24, 4, 4), 'batch of 2'),
    ],
)
def test_skin_names_what_does_not_fit(rest, weights, transforms, message):
    with pytest.raises(ValueError, match=message):
        skin(np.zeros(rest), np.full(weights, 1 / 24), np.zeros(transforms))


def test_skin_weights_are_bound_to_their_points():
    weights = SkinWeights(
        np.zeros((3, 1), np.uint8), np.ones((3, 1), np.float32)
    )
    with pytest.raises(ValueError, match='weights are of 3 points'):
        skin(np.zeros((4, 3)), weights, np.eye(4)[None])
