"""Flow and visibility, against closed forms and against rays."""

import cv2
import meshes
import numpy as np
import pytest
import ray_casting
from closeness import assert_near

from mmposetransfer.geometry import (
    BodyModel,
    PerspectiveCamera,
    WeakPerspectiveCamera,
    correspond,
    flow_and_visibility,
    hidden_points,
    part_map,
    rasterize,
    visible_keypoints,
)
from mmposetransfer.geometry.correspondence import RULES

SIZE = (64, 72)


def reference_positions(flow):
    """(H, W, 2): where the reference shows each pixel's point."""
    grid = ray_casting.pixel_grid(flow.shape[1:])
    return grid.reshape(flow.shape[1:] + (2,)) + np.moveaxis(flow, 0, -1)


def texture(xy):
    """A smooth picture, given anywhere."""
    x, y = xy[..., 0], xy[..., 1]
    return np.float32(0.5 + 0.25 * np.sin(x / 5) + 0.25 * np.cos(y / 7))


@pytest.mark.parametrize('rule', RULES)
def test_textured_plane_under_an_affine_motion(rule):
    tgt, faces = meshes.rectangle(10, 12, 50, 40)
    affine = np.array([[0.9, 0.3, 5.0], [-0.2, 1.1, 8.0]])
    ref = tgt.copy()
    ref[:, :2] = tgt[:, :2] @ affine[:, :2].T + affine[:, 2]
    flow, visibility = flow_and_visibility(ref, tgt, faces, SIZE, rule)
    assert flow.shape == (2,) + SIZE and flow.dtype == np.float32
    assert visibility.shape == (1,) + SIZE and visibility.dtype == np.uint8

    grid = ray_casting.pixel_grid(SIZE).reshape(SIZE + (2,))
    shown = np.zeros(SIZE, bool)
    shown[12:40, 10:50] = True
    expected = np.where(
        shown[..., None], grid @ affine[:, :2].T + affine[:, 2] - grid, 0
    )
    np.testing.assert_allclose(np.moveaxis(flow, 0, -1), expected, atol=1e-4)
    np.testing.assert_array_equal(visibility[0], np.where(shown, 0, 2))

    # Sampling the reference at grid + flow gives the target.
    tgt_img = texture(grid @ affine[:, :2].T + affine[:, 2])
    where = reference_positions(flow).astype(np.float32)
    warped = cv2.remap(texture(grid), where, None, cv2.INTER_LINEAR)
    assert np.abs(warped - tgt_img)[shown].max() < 0.02
    assert np.abs(texture(grid) - tgt_img)[shown].max() > 0.5


@pytest.mark.parametrize('rule', RULES)
def test_points_outside_the_reference_are_invisible(rule):
    tgt, faces = meshes.rectangle(0, 0, 72, 64)
    ref = tgt + [-20.25, 7.25, 0]
    flow, visibility = flow_and_visibility(ref, tgt, faces, SIZE, rule)
    np.testing.assert_allclose(flow[0], -20.25, atol=1e-4)
    np.testing.assert_allclose(flow[1], 7.25, atol=1e-4)
    x, y = np.moveaxis(reference_positions(flow), -1, 0)
    inside = (x >= -0.5) & (x < 71.5) & (y >= -0.5) & (y < 63.5)
    np.testing.assert_array_equal(visibility[0] == 0, inside)


def test_reference_of_another_size():
    tgt, faces = meshes.rectangle(0, 0, 20, 20)
    ref = tgt * [3, 2, 1]
    flow, visibility = flow_and_visibility(
        ref, tgt, faces, (24, 24), ref_size=(30, 60)
    )
    x, y = np.moveaxis(reference_positions(flow), -1, 0)
    np.testing.assert_allclose(
        x[:20, :20], 3 * np.mgrid[:20, :20][1], atol=1e-4
    )
    assert (visibility[0, :15, :20] == 0).all()  # 2 * 14 < 29.5
    assert (visibility[0, 15:20, :20] == 1).all()


def turned_pair(mesh, angle, scale):
    """A solid of revolution and itself turned, and its points."""
    points, faces = mesh
    camera = WeakPerspectiveCamera(scale, 35.3, 31.6)
    tgt = camera.project(points)
    ref = camera.project(meshes.turned(points, angle))
    flow, visibility = flow_and_visibility(ref, tgt, faces, SIZE)
    return flow, visibility[0]


@pytest.mark.parametrize('shape', ['sphere', 'cylinder'])
@pytest.mark.parametrize('angle', [-1.1, 0.4, 2.0, np.pi])
def test_turning_sphere_and_cylinder(shape, angle):
    scale = 25.0
    flow, visibility = turned_pair(getattr(meshes, shape)(), angle, scale)
    x, y = np.moveaxis(
        (ray_casting.pixel_grid(SIZE) - [35.3, 31.6]).reshape(SIZE + (2,))
        / [scale, -scale],
        -1,
        0,
    )
    squared = 1 - x**2 - (y**2 if shape == 'sphere' else 0)
    on = (squared > 0) & (np.abs(y) < 1)
    np.testing.assert_array_equal(
        (visibility < 2)[np.abs(squared) > 0.02], on[np.abs(squared) > 0.02]
    )
    on &= squared > 0.02  # away from the rim, where facets matter
    z = np.sqrt(np.maximum(squared, 0))
    new_x = np.cos(angle) * x + np.sin(angle) * z
    new_z = np.cos(angle) * z - np.sin(angle) * x
    np.testing.assert_allclose(
        flow[0][on], (scale * (new_x - x))[on], atol=0.05
    )
    np.testing.assert_allclose(flow[1][on], 0, atol=1e-3)
    # What was turned to the back is invisible: a half, less the angle.
    sure = on & (np.abs(new_z) > 0.05)
    np.testing.assert_array_equal(visibility[sure], (new_z < 0)[sure])


def test_rotating_cylinder_shows_the_known_share():
    """After a turn by a, an angle of pi - a of the front is still seen."""
    points, faces = meshes.cylinder(rows=3, cols=720)
    size = (5, 2001)
    camera = WeakPerspectiveCamera(990, 1000, 2)
    for angle in (0.3, 1.0, 2.5):
        _, visibility = flow_and_visibility(
            camera.project(meshes.turned(points, angle)),
            camera.project(points),
            faces,
            size,
        )
        x = np.flatnonzero(visibility[0, 2] == 0)
        seen = np.arcsin((x[[0, -1]] - 1000) / 990)
        assert seen[1] - seen[0] == pytest.approx(np.pi - angle, abs=0.1)


def test_occluder_in_front_of_a_plane():
    plane, faces = meshes.rectangle(4, 4, 68, 60, depth=2)
    square, square_faces = meshes.rectangle(0, 0, 16, 12, depth=1)
    mesh = [
        meshes.join((plane, faces), (square + offset, square_faces))
        for offset in ([8.0, 8.0, 0.0], [40.0, 30.0, 0.0])
    ]
    flow, visibility = flow_and_visibility(
        mesh[0][0], mesh[1][0], mesh[0][1], SIZE
    )
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    expected = np.full(SIZE, 2)
    expected[4:60, 4:68] = 0
    # The plane behind the reference's square; closed, as edges hide too.
    expected[(x >= 8) & (x <= 24) & (y >= 8) & (y <= 20)] = 1
    expected[30:42, 40:56] = 0  # the square itself, moved
    np.testing.assert_array_equal(visibility[0], expected)
    np.testing.assert_allclose(flow[:, 35, 45], [-32, -22], atol=1e-4)
    np.testing.assert_allclose(flow[:, 10, 10], 0, atol=1e-4)


@pytest.mark.parametrize('gap, hidden', [(0.0005, False), (0.002, True)])
def test_tolerance_is_in_units_of_depth(gap, hidden):
    back, faces = meshes.rectangle(4, 4, 60, 60, depth=1)
    front, front_faces = meshes.rectangle(-1, -1, 71, 63, depth=1 - gap)
    ref, both = meshes.join((back, faces), (front, front_faces))
    tgt = ref.copy()
    tgt[len(back) :, 0] += 500  # the cover is gone
    _, visibility = flow_and_visibility(ref, tgt, both, SIZE)
    assert (visibility[0, 4:60, 4:60] == hidden).all()
    _, visibility = flow_and_visibility(ref, tgt, both, SIZE, tolerance=0.01)
    assert (visibility[0, 4:60, 4:60] == 0).all()


def test_perspective_plane_moves_by_a_homography():
    uv, faces = meshes.grid(3, 3)
    world = np.stack([2 * uv[:, 0] - 1, 1 - 2 * uv[:, 1], 0 * uv[:, 0]], 1)
    cameras = [
        PerspectiveCamera(
            60, (35, 31), cv2.Rodrigues(np.array(turn))[0], (0.1, 0, -3.0)
        )
        for turn in ([0.3, 0.8, 0.1], [-0.4, -0.5, 0.2])
    ]
    ref, tgt = (camera.project(world) for camera in cameras)
    flow, visibility = flow_and_visibility(
        ref, tgt, faces, SIZE, perspective=True
    )
    corners = [0, 2, 6, 8]
    homography = cv2.getPerspectiveTransform(
        np.float32(tgt[corners, :2]), np.float32(ref[corners, :2])
    )
    grid = ray_casting.pixel_grid(SIZE)
    mapped = cv2.perspectiveTransform(grid[None], homography)[0]
    shown = visibility[0] < 2
    assert shown.sum() > 800
    np.testing.assert_allclose(
        reference_positions(flow)[shown],
        mapped.reshape(SIZE + (2,))[shown],
        atol=2e-3,
    )
    assert (visibility[0][shown] == 0).all()
    # Weak perspective would be wrong here.
    affine, _ = flow_and_visibility(ref, tgt, faces, SIZE)
    assert np.abs(affine - flow).max() > 0.5


def test_what_lies_behind_a_perspective_camera_is_invisible():
    tgt = np.array([[0, 0, 2], [60, 0, 2], [0, 60, 2.0]])
    ref = tgt * [1, 1, -1]
    flow, visibility = flow_and_visibility(
        ref, tgt, [[0, 1, 2]], SIZE, perspective=True
    )
    assert (visibility == 1).sum() > 1000 and (visibility != 0).all()
    assert (flow == 0).all()


def test_a_steep_face_does_not_hide_itself():
    """Seen edge-on, rounding moves a point by more than the tolerance."""
    tgt = np.array([[0, 0, 0], [60, 0, 0], [0, 60, 0.0]])
    ref = np.array([[20, 3, 0], [20.01, 3, 1e3], [20, 50, 500.0]])
    _, visibility = flow_and_visibility(ref, tgt, [[0, 1, 2]], SIZE)
    assert (visibility == 0).sum() > 1000 and not (visibility == 1).any()


def assert_agrees(result, truth):
    """Flow everywhere, visibility but for points within a hair."""
    flow, visibility = result
    true_flow, true_visibility = truth
    # Where a ray along an edge sees the other face, flow may differ.
    differ = np.abs(flow - true_flow).max(0) > 2e-3
    covered = true_visibility < 2
    assert differ.sum() <= 0.003 * covered.sum()
    wrong = (visibility != true_visibility)[0] & ~differ
    assert wrong.sum() <= 0.003 * covered.sum()
    assert {0, 1, 2} <= set(np.unique(true_visibility))


@pytest.mark.parametrize('seed', range(4))
def test_random_meshes_agree_with_rays(seed):
    rng = np.random.default_rng(seed)
    size = (40, 48)
    tgt, faces = meshes.soup(rng, 50, size)
    ref, _ = meshes.soup(rng, 50, size)
    assert_agrees(
        flow_and_visibility(ref, tgt, faces, size),
        ray_casting.flow_and_visibility(ref, tgt, faces, size),
    )


@pytest.fixture(scope='module')
def bodies():
    """Two poses of the free body, projected, at (48, 36)."""
    model = BodyModel()
    rng = np.random.default_rng(0)
    output = model.forward(
        betas=np.zeros((2, model.num_betas)),
        body_pose=rng.normal(0, 0.25, (2, 69)),
        global_orient=np.array([[0, 0.5, 0], [0, -0.6, 0]]),
        transl=np.zeros((2, 3)),
    )
    camera = WeakPerspectiveCamera.framing(output.vertices, (48, 36))
    joints = model.keypoints(output)
    return model, camera.project(output.vertices), camera.project(joints)


def test_free_body_agrees_with_rays(bodies):
    model, (ref, tgt), _ = bodies
    assert_agrees(
        flow_and_visibility(ref, tgt, model.faces, (48, 36)),
        ray_casting.flow_and_visibility(ref, tgt, model.faces, (48, 36)),
    )


def test_face_rule_on_the_free_body(bodies):
    model, (ref, tgt), _ = bodies
    size = (48, 36)
    _, visibility = flow_and_visibility(ref, tgt, model.faces, size, 'face')
    shown = set(ray_casting.draw(ref, model.faces, size)[0].ravel())
    face = rasterize(tgt, model.faces, size).face
    expected = np.array(
        [[2 if f < 0 else int(f not in shown) for f in row] for row in face]
    )
    differ = (visibility[0] != expected).sum()
    assert differ <= 0.003 * (face >= 0).sum()
    assert 0 < (visibility == 0).sum() < (face >= 0).sum()


@pytest.mark.parametrize('rule', RULES)
def test_a_body_outside_of_the_picture(bodies, rule):
    model, (ref, tgt), _ = bodies
    outside = tgt + np.float32([500, 0, 0])
    flow, visibility = flow_and_visibility(
        ref, outside, model.faces, (48, 36), rule
    )
    assert (flow == 0).all() and (visibility == 2).all()
    flow, visibility = flow_and_visibility(
        outside, tgt, model.faces, (48, 36), rule
    )
    assert set(np.unique(visibility)) == {1, 2}
    assert flow[0, visibility[0] == 1].min() > 400


@pytest.mark.parametrize('rule', RULES)
def test_rasters_may_be_given(bodies, rule):
    model, (ref, tgt), _ = bodies
    size = (48, 36)
    ref_raster = rasterize(ref, model.faces, size)
    given = correspond(
        rasterize(tgt, model.faces, size),
        ref,
        model.faces,
        rule=rule,
        ref_raster=ref_raster,
    )
    drawn = flow_and_visibility(ref, tgt, model.faces, size, rule)
    assert_near(given, drawn)


def test_a_body_sees_itself(bodies):
    """The identity: no flow, all visible, by both rules."""
    model, (ref, _), _ = bodies
    for rule in RULES:
        flow, visibility = flow_and_visibility(
            ref, ref, model.faces, (48, 36), rule
        )
        assert np.abs(flow).max() < 1e-4
        assert set(np.unique(visibility)) == {0, 2}


@pytest.mark.parametrize(
    'count, share', [(40, 0.2), (600, 0.03), (3000, 0.015)]
)
def test_hidden_points_agree_with_rays(count, share):
    rng = np.random.default_rng(3)
    size = (32, 40)
    vertices, faces = meshes.soup(rng, count, size, share)
    points = rng.uniform([-0.5, -0.5, -0.5], [39.4, 31.4, 1.5], (900, 3))
    distance, _, _ = ray_casting.cast(
        *ray_casting.orthographic_rays(points[:, :2]), vertices, faces
    )
    before = points[:, 2] - (distance - ray_casting.FAR)
    hidden = hidden_points(points, vertices, faces, size)
    sure = np.abs(before - 1e-3) > 1e-3
    assert 50 < hidden.sum() < 850
    np.testing.assert_array_equal(hidden[sure], (before > 1e-3)[sure])


@pytest.mark.parametrize('width', range(1, 7))
@pytest.mark.parametrize('height', range(1, 7))
def test_small_faces_hide_every_single_point_behind_them(width, height):
    vertices, faces = meshes.rectangle(
        2.6, 1.6, 2.4 + width, 1.4 + height, rows=2, cols=2
    )
    for x in range(3, 3 + width):
        for y in range(2, 2 + height):
            point = [[x - 0.3, y + 0.2, 1.0]]
            inside = 2.6 <= x - 0.3 <= 2.4 + width and y + 0.2 <= 1.4 + height
            hidden = hidden_points(point, vertices, faces, (10, 11))
            assert hidden.tolist() == [inside]


def test_part_map():
    left, faces = meshes.rectangle(0, 0, 4, 8, rows=2, cols=2)
    right, _ = meshes.rectangle(4, 0, 7, 8, rows=2, cols=2)
    vertices, both = meshes.join((left, faces), (right, faces))
    parts = part_map(rasterize(vertices, both, (8, 8)), [1, 1, 6, 6])
    assert parts.dtype == np.uint8
    np.testing.assert_array_equal(
        parts, np.tile([1, 1, 1, 1, 6, 6, 6, 0], (8, 1))
    )


def test_visible_keypoints_of_a_trunk_and_an_arm():
    """A slab 0.2 thick with its joint in the middle, an arm before half."""
    trunk, faces = meshes.rectangle(10, 10, 40, 40, depth=1.9)
    arm, arm_faces = meshes.rectangle(10, 10, 20, 40, depth=1.5)
    raster = rasterize(
        *meshes.join((trunk, faces), (arm, arm_faces)), (64, 64)
    )
    joints = np.array(
        [
            [30, 30, 2.0],
            [15, 30, 2.0],
            [15, 30, 1.53],
            [-3, 30, 2.0],
            [30, 63.6, 2.0],
            [60, 60, 2.0],
        ]
    )
    keypoints = visible_keypoints(joints, raster, tolerance=0.15)
    assert keypoints.dtype == np.float32
    np.testing.assert_allclose(keypoints[:, :2], joints[:, :2])
    assert keypoints[:, 2].tolist() == [1, 0.5, 1, 0, 0, 1]
    thin = visible_keypoints(joints, raster, np.array([0.05] * 6))
    assert thin[0, 2] == 0.5


def test_keypoints_of_the_free_body_from_four_sides():
    """From behind no face, from a side no far eye; hands always."""
    model = BodyModel()
    turns = np.array(
        [[0, angle, 0] for angle in (0, np.pi / 2, np.pi, -np.pi / 2)]
    )
    output = model.forward(
        betas=np.zeros((4, model.num_betas)),
        body_pose=np.zeros((4, 69)),
        global_orient=turns,
        transl=np.zeros((4, 3)),
    )
    camera = WeakPerspectiveCamera.framing(output.vertices, (256, 256))
    scores = []
    for vertices, joints in zip(
        output.vertices, model.keypoints(output), strict=True
    ):
        raster = rasterize(camera.project(vertices), model.faces, (256, 256))
        scores.append(visible_keypoints(camera.project(joints), raster)[:, 2])
    front, left_turned, back, right_turned = np.array(scores)
    nose, r_eye, l_eye, r_ear, l_ear = 0, 14, 15, 16, 17
    wrists, ankles, hips = [4, 7], [10, 13], [8, 11]
    assert (front == 1).all()
    assert (back[[nose, r_eye, l_eye]] == 0.5).all()
    assert (back[wrists + ankles + hips] == 1).all()
    # Turned to its left, the body shows its right side.
    assert left_turned[[r_eye, r_ear]].tolist() == [1, 1]
    assert left_turned[[l_eye, l_ear, 11]].tolist() == [0.5, 0.5, 0.5]
    assert right_turned[[l_eye, l_ear]].tolist() == [1, 1]
    assert right_turned[[r_eye, r_ear, 8]].tolist() == [0.5, 0.5, 0.5]


def test_bad_input_is_named():
    vertices, faces = meshes.rectangle(0, 0, 4, 4)
    raster = rasterize(vertices, faces, (8, 8))
    with pytest.raises(ValueError, match=r"\('depth', 'face'\).*'deep'"):
        flow_and_visibility(vertices, vertices, faces, (8, 8), rule='deep')
    with pytest.raises(ValueError, match=r'\(30, 3\) and \(35, 3\)'):
        flow_and_visibility(vertices[:30], vertices, faces, (8, 8))
    broken = vertices.copy()
    broken[0, 0] = np.inf
    with pytest.raises(ValueError, match='ref_vertices: expected finite'):
        correspond(raster, broken, faces)
    with pytest.raises(ValueError, match='tgt_vertices: expected finite'):
        flow_and_visibility(vertices, broken, faces, (8, 8))
    with pytest.raises(ValueError, match='expected one mesh'):
        correspond(raster, vertices, faces[:2])
    with pytest.raises(ValueError, match=r'ref_raster: .*8x8, got 4x4'):
        correspond(
            raster,
            vertices,
            faces,
            rule='face',
            ref_raster=rasterize(vertices, faces, (4, 4)),
        )
    with pytest.raises(ValueError, match=r'picture of 8x8.*x in \[0.0, 9.0'):
        hidden_points([[0, 0, 0], [9, 0, 0]], vertices, faces, (8, 8))
    with pytest.raises(ValueError, match=r'points: .*\(N, 3\).*\(2,\)'):
        hidden_points([0, 0], vertices, faces, (8, 8))
    with pytest.raises(ValueError, match=r'face_parts.*\(3,\)'):
        part_map(raster, [1, 2, 3])
    with pytest.raises(ValueError, match=r'joints.*\(K, 3\).*\(18, 2\)'):
        visible_keypoints(np.zeros((18, 2)), raster)
    with pytest.raises(ValueError, match='tolerance.*17 joints.*18'):
        visible_keypoints(np.zeros((17, 3)), raster)
    with pytest.raises(ValueError, match='at joint 2'):
        visible_keypoints([[0, 0, 0], [0, 0, 0], [np.nan, 0, 0]], raster, 1)
