"""The body that ships: what its file promises."""

import os

import numpy as np
import pytest
from scipy.sparse import coo_matrix, csgraph
from scipy.spatial.transform import Rotation

from mmposetransfer.geometry import (
    BodyModel,
    WeakPerspectiveCamera,
    rasterize,
)
from mmposetransfer.geometry.body_model import FREE_BODY

DATA = os.path.join(os.path.dirname(os.path.dirname(__file__)), 'data')


@pytest.fixture(scope='module')
def body():
    return BodyModel()


@pytest.fixture(scope='module')
def rest(body):
    return body.forward()


def named(body, kind):
    """Faces of one region."""
    names = list(body.extras['region_names'])
    return body.extras['region'] == names.index(kind)


def mask(body, name):
    names = list(body.extras['mask_names'])
    return body.extras['masks'][names.index(name)] / 255


def test_small_and_without_pickles():
    assert os.path.getsize(FREE_BODY) < 8 * 2**20
    with np.load(FREE_BODY, allow_pickle=False) as file:
        for key in file.files:
            assert file[key].dtype.kind in 'fiuU', key


def test_joints_of_shapes_not_fitted_to(body):
    """Under 5 mm on real adults that the regressor has never seen."""
    with np.load(os.path.join(DATA, 'free_body_held_out.npz')) as file:
        ids, vertices, joints = (
            file[k] for k in ('vertex_ids', 'vertices', 'joints')
        )
    regressor = np.load(FREE_BODY)['J_regressor']
    others = np.delete(regressor, ids, axis=1)
    assert not others.any()  # the file has all that the joints depend on
    found = np.einsum('jv,nvc->njc', regressor[:, ids], vertices / 1e4)
    error = np.linalg.norm(found - joints / 1e4, axis=-1)
    assert error.mean() < 0.002
    assert error.mean(axis=0).max() < 0.005  # nor is any joint worse
    spread = np.linalg.norm(joints / 1e4 - joints.mean(0) / 1e4, axis=-1)
    assert spread.mean() > 0.02  # the shapes do differ


def test_joints_follow_affine_motion(body):
    regressor = np.load(FREE_BODY)['J_regressor'].astype(np.float64)
    np.testing.assert_allclose(regressor.sum(1), 1, atol=1e-6)
    assert ((regressor != 0).sum(1) < 100).all()
    linear = np.array([[1.1, 0.2, 0], [0, 0.9, -0.1], [0.3, 0, 1.2]])
    shape = body.rest_vertices()[0].astype(np.float64)
    np.testing.assert_allclose(
        regressor @ (shape @ linear.T + [1, 2, 3]),
        regressor @ shape @ linear.T + [1, 2, 3],
        atol=1e-5,
    )


def test_zero_pose_is_smpls_t_pose(rest):
    """Limbs lie within a few degrees of where SMPL's rest."""
    joints = rest.joints[0]
    np.testing.assert_allclose(joints[0], [0, -0.22, 0.03], atol=0.01)
    directions = {  # of SMPL's mean body
        (16, 18): (0.99, -0.05, -0.10),
        (18, 20): (1.0, 0.03, 0.0),
        (1, 4): (0.09, -0.99, -0.01),
        (4, 7): (-0.03, -0.99, -0.11),
    }
    for (start, end), expected in directions.items():
        for offset, flip in ((0, 1), (1, -1)):
            limb = joints[end + offset] - joints[start + offset]
            expected_limb = np.array(expected) * (flip, 1, 1)
            cosine = (
                limb
                @ expected_limb
                / (np.linalg.norm(limb) * np.linalg.norm(expected_limb))
            )
            assert cosine > np.cos(np.radians(7)), (start, end)
    soles = rest.vertices[0][:, 1].min()
    assert abs(joints[7, 1] - soles) < 0.12  # standing on flat feet
    toes, heel = joints[10], joints[7]
    assert toes[2] - heel[2] > 0.1


def test_hands_face_down_in_the_t_pose(body, rest):
    vertices = rest.vertices[0]
    for side, flip in (('l', 1), ('r', -1)):
        thumb, index, pinky = (
            vertices[body.landmarks[side + f]]
            for f in ('thumb', 'index', 'pinky')
        )
        assert thumb[2] > index[2] > pinky[2]  # thumbs to the front
        assert flip * index[0] > flip * thumb[0] > 0.6


def test_people_are_people(body):
    """Heights, proportions and sexes of a crowd of random betas."""
    rng = np.random.default_rng(0)
    betas = rng.normal(size=(300, 10))
    betas[:, 0] = np.where(np.arange(300) % 2, 1, -1)
    vertices = body.rest_vertices(betas)
    heights = np.ptp(vertices[..., 1], axis=1)
    woman, man = heights[1::2], heights[::2]
    assert 1.58 < woman.mean() < 1.70 < man.mean() < 1.82
    assert 0.04 < woman.std() < 0.09
    assert heights.min() > 1.38
    assert heights.max() < 2.05
    waist, hips = (width_at(body, vertices, level) for level in (6, 1))
    assert (waist / hips)[1::2].mean() < (waist / hips)[::2].mean() - 0.02


def width_at(body, vertices, joint):
    """Width (N,) of the trunk at the height of a joint at rest."""
    level = body.rest_joints()[0, joint, 1]
    trunk = np.isin(body.part_labels, (2, 5, 6))
    near = trunk & (np.abs(body.rest_vertices()[0][:, 1] - level) < 0.02)
    return np.ptp(vertices[:, near, 0], axis=1)


def test_mesh_is_closed_but_for_the_eyes(body, rest):
    """Borders are the rims behind the lids and of the eye balls only."""
    edges = np.stack([body.faces, np.roll(body.faces, -1, 1)], -1)
    edges = edges.reshape(-1, 2)
    _, uses = np.unique(edges, axis=0, return_counts=True)
    assert (uses == 1).all()  # every edge once each way: oriented
    edge, uses = np.unique(np.sort(edges, 1), axis=0, return_counts=True)
    assert uses.max() == 2
    border = edge[uses == 1]
    eyes = rest.vertices[0][[body.landmarks['leye'], body.landmarks['reye']]]
    away = np.linalg.norm(
        rest.vertices[0][border[:, 0]][:, None] - eyes, axis=-1
    ).min(1)
    assert away.max() < 0.035
    corner = rest.vertices[0][body.faces].astype(np.float64)
    volume = (
        np.einsum(
            'fi,fi->', corner[:, 0], np.cross(corner[:, 1], corner[:, 2])
        )
        / 6
    )
    assert 0.045 < volume < 0.09  # cubic metres, and outward


@pytest.mark.parametrize(
    'turn', [(0, 0), (0, 45), (0, 180), (-30, 20), (30, -60)]
)
def test_no_hole_shows_the_inside(body, rest, turn):
    """Nowhere on a picture of the head is the back of a triangle seen."""
    rotation = Rotation.from_euler('xy', turn, degrees=True)
    centre = rest.joints[0, 15] + [0, 0.05, 0]
    points = rotation.apply(rest.vertices[0] - centre)
    camera = WeakPerspectiveCamera(scale=1500, tx=256, ty=256)
    projected = camera.project(points).astype(np.float32)
    raster = rasterize(projected, body.faces, (512, 512))
    seen = raster.face[raster.face >= 0]
    assert seen.size > 40000
    corner = points[body.faces]
    facing = np.cross(
        corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    )[seen, 2]
    assert (facing < 0).mean() < 1e-4


def test_texture_coordinates(body):
    assert body.uv.min() >= 0
    assert body.uv.max() <= 1
    assert body.face_uv.shape == body.faces.shape
    assert body.face_uv.max() == len(body.uv) - 1
    corner = body.uv[body.face_uv]
    a, b = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    area = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2
    assert 0.3 < area.sum() < 1
    # all corners of a vertex share a coordinate, except on the seams
    pairs = np.unique(
        np.stack([body.faces.ravel(), body.face_uv.ravel()], 1), axis=0
    )
    assert len(pairs) < 1.15 * body.num_vertices


def test_parts_cover_the_body(body, rest):
    vertices, labels = rest.vertices[0], body.part_labels
    assert (
        set(np.unique(labels))
        == set(np.unique(body.face_parts))
        == {1, 2, 3, 4, 5, 6}
    )
    centre = {k: vertices[labels == k].mean(0) for k in range(1, 7)}
    assert centre[1][1] > centre[2][1] > centre[5][1]
    assert centre[3][0] > 0.3 > -0.3 > centre[4][0]
    assert centre[5][0] > 0.05 > -0.05 > centre[6][0]
    for part in range(1, 7):  # each in one piece, the eyes aside
        faces = body.faces[(body.face_parts == part) & ~named(body, 'eyes')]
        pairs = faces.ravel(), np.roll(faces, 1, axis=1).ravel()
        graph = coo_matrix(
            (np.ones(len(pairs[0])), pairs), (len(vertices),) * 2
        )
        _, label = csgraph.connected_components(graph)
        _, sizes = np.unique(label[faces[:, 0]], return_counts=True)
        assert sizes.max() > 0.97 * sizes.sum()


def test_regions_lie_where_they_should(body, rest):
    vertices = rest.vertices[0]
    centre = {
        name: vertices[body.faces[named(body, name)]].mean((0, 1))
        for name in body.extras['region_names']
    }
    assert centre['left_hand'][0] > 0.7 > -0.7 > centre['right_hand'][0]
    assert centre['left_foot'][1] < -1
    assert centre['left_foot'][0] > 0.05 > -0.05 > centre['right_foot'][0]
    assert centre['scalp'][1] > centre['eyes'][1] > centre['mouth'][1]
    assert centre['mouth'][1] > centre['neck'][1] > 0.2
    assert centre['face'][2] > centre['ears'][2] > centre['scalp'][2] - 0.05
    for name in ('leye', 'reye'):
        assert body.landmarks[name] in body.faces[named(body, 'eyes')]


def test_masks_and_eyes(body, rest):
    top = int(rest.vertices[0][:, 1].argmax())
    nose = body.landmarks['nose']
    assert mask(body, 'scalp')[top] == 1
    assert mask(body, 'scalp')[nose] == 0
    assert mask(body, 'face')[nose] == 1
    assert mask(body, 'face')[top] < 0.5
    soft = (mask(body, 'scalp') > 0.02) & (mask(body, 'scalp') < 0.98)
    assert soft.sum() > 40  # the hairline falls off softly
    height = {
        name: np.average(rest.vertices[0][:, 1], weights=mask(body, name))
        for name in ('brows', 'lashes', 'moustache', 'lips', 'beard')
    }
    assert list(height.values()) == sorted(height.values(), reverse=True)
    balls = np.unique(body.faces[named(body, 'eyes')])
    place = body.extras['eye_coords']
    assert not np.delete(place, balls, axis=0).any()
    for name in ('leye', 'reye'):
        np.testing.assert_array_equal(place[body.landmarks[name]], 0)
    radius = np.linalg.norm(place[balls], axis=1)
    assert 1.5 < radius.max() < 3  # there is white around the iris


def test_face_atlas_agrees_with_the_mesh(body, rest):
    """The lips of the picture lie on the vertices around the mouth."""
    extras = body.extras
    lips = (
        extras['face_atlas'][list(extras['face_atlas_names']).index('lips')]
        / 255
    )
    left, bottom, right, top = extras['face_atlas_box']
    rows, columns = np.indices(lips.shape) + 0.5
    x = left + columns / lips.shape[1] * (right - left)
    y = top - rows / lips.shape[0] * (top - bottom)
    centre = np.array([np.average(a, weights=lips) for a in (x, y)])
    mouth = np.unique(body.faces[named(body, 'mouth')])
    slit = extras['face_coords'][mouth]
    assert abs(centre[0]) < 0.02
    assert abs(centre[1] - slit[:, 1].mean()) < 0.1
    wide = x[lips > 0.5].max()
    assert abs(wide - slit[:, 0].max()) < 0.08
    # and head units are what the file says they are
    frame = extras['head_frame']
    np.testing.assert_allclose(
        rest.vertices[0][:, :2],
        extras['face_coords'] * frame[3] + frame[:2],
        atol=1e-5,
    )
