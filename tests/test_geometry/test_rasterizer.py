"""The z-buffer, against rays and against what pictures must satisfy."""

import meshes
import numpy as np
import pytest
import ray_casting
from closeness import assert_near
from hypothesis import given, settings
from hypothesis import strategies as st

from mmposetransfer.geometry import (
    BodyModel,
    PerspectiveCamera,
    Raster,
    WeakPerspectiveCamera,
    interpolate,
    rasterize,
)


def assert_same_picture(raster, face, bary, depth, tolerance=1e-5):
    """The same but for single pixels at edges, where rays are undecided."""
    covered = face >= 0
    agree = raster.face == face
    assert covered.sum() > 50
    # A ray along an edge may see either face, at the same depth.
    np.testing.assert_allclose(
        raster.depth[covered & (raster.face >= 0)],
        depth[covered & (raster.face >= 0)],
        atol=tolerance,
    )
    assert ((raster.face >= 0) != covered).sum() == 0
    assert (~agree).sum() <= 0.002 * covered.sum()
    same = agree & covered
    np.testing.assert_allclose(raster.bary[same], bary[same], atol=2e-4)
    assert (raster.bary[~covered] == 0).all()
    assert np.isinf(raster.depth[~covered]).all()


@pytest.mark.parametrize('seed', range(4))
def test_random_triangles_agree_with_rays(seed):
    size = (40, 56)
    vertices, faces = meshes.soup(np.random.default_rng(seed), 60, size)
    assert_same_picture(
        rasterize(vertices, faces, size),
        *ray_casting.draw(vertices, faces, size),
    )


def test_free_body_agrees_with_rays():
    model = BodyModel()
    size = (48, 32)
    pose = np.random.default_rng(0).normal(0, 0.3, (1, 69))
    vertices = model.forward(
        betas=np.zeros((1, model.num_betas)),
        body_pose=pose,
        global_orient=np.array([[0, 0.7, 0]]),
        transl=np.zeros((1, 3)),
    ).vertices[0]
    projected = WeakPerspectiveCamera.framing(vertices, size).project(vertices)
    assert_same_picture(
        rasterize(projected, model.faces, size),
        *ray_casting.draw(projected, model.faces, size),
    )


@pytest.mark.parametrize('seed', range(2))
def test_perspective_agrees_with_rays_in_space(seed):
    rng = np.random.default_rng(seed)
    size = (40, 56)
    camera = PerspectiveCamera(50, (27.5, 19.5), translation=(0, 0, -3))
    centre = rng.uniform(-1, 1, (60, 1, 3))
    vertices = (centre + rng.normal(0, 0.4, (60, 3, 3))).reshape(-1, 3)
    faces = np.arange(180).reshape(60, 3)
    raster = rasterize(camera.project(vertices), faces, size, True)
    pixels = ray_casting.pixel_grid(size)
    directions = np.stack(
        [
            (pixels[:, 0] - 27.5) / 50,
            (19.5 - pixels[:, 1]) / 50,
            np.full(len(pixels), -1),
        ],
        1,
    )
    depth, face, bary = ray_casting.cast(
        np.tile([0.0, 0.0, 3.0], (len(pixels), 1)), directions, vertices, faces
    )
    assert raster.perspective
    assert_same_picture(
        raster,
        face.reshape(size),
        bary.reshape(size + (3,)),
        depth.reshape(size),
        tolerance=1e-4,
    )


coordinate = st.one_of(
    st.integers(-2, 14).map(float),
    st.integers(-8, 56).map(lambda quarter: quarter / 4),
    st.floats(-3, 15, width=32),
)


@settings(max_examples=150, deadline=None)
@given(
    corners=st.lists(
        st.tuples(coordinate, coordinate), min_size=4, max_size=4
    ),
    fan=st.booleans(),
    turn=st.integers(0, 15),
)
def test_neighbours_cover_each_pixel_exactly_once(corners, fan, turn):
    """A quad cut along a diagonal, or into four around an inner point."""
    corners = np.array(corners)
    middle = corners.mean(0)
    angle = np.arctan2(*(corners - middle).T[::-1])
    corners = corners[np.argsort(angle)]  # star-shaped around the middle
    if fan:
        points = np.concatenate([corners, [np.float32(middle)]])
        triangles = [(0, 1, 4), (1, 2, 4), (2, 3, 4), (3, 0, 4)]
    else:
        points, triangles = corners, [(0, 1, 2), (0, 2, 3)]
    points = np.float32(points).astype(np.float64)
    areas = [
        np.linalg.det(np.c_[points[list(t)], np.ones(3)]) for t in triangles
    ]
    if min(areas) <= 0 <= max(areas):
        return  # folded: triangles rightly overlap
    size = (12, 13)
    vertices = np.concatenate([points, np.zeros((len(points), 1))], 1)
    # Some of them wound the other way round.
    count = sum(
        (
            rasterize(vertices, [t[::-1] if turn >> n & 1 else t], size).face
            == 0
        ).astype(int)
        for n, t in enumerate(triangles)
    )
    assert count.max() <= 1
    # Pixels well inside the outline are covered.
    x, y = ray_casting.pixel_grid(size).T
    inside = np.ones(len(x), bool)
    outline = points[:4]
    for a, b in zip(outline, np.roll(outline, -1, 0), strict=True):
        cross = (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])
        inside &= cross > 1e-5 * (1 + np.abs(b - a).sum())
    convex = all(
        np.linalg.det(np.c_[np.roll(outline, n, 0)[:3], np.ones(3)]) > 0
        for n in range(4)
    )
    if convex:
        assert (count.ravel()[inside] == 1).all()


def test_top_and_left_edges_are_in_bottom_and_right_are_out():
    vertices, faces = meshes.rectangle(2, 3, 6, 8)
    covered = rasterize(vertices, faces, (12, 12)).face >= 0
    expected = np.zeros((12, 12), bool)
    expected[3:8, 2:6] = True
    np.testing.assert_array_equal(covered, expected)


@pytest.mark.parametrize('perspective', [False, True])
def test_chequered_leaves_out_every_other_pixel(perspective):
    size = (31, 40)
    vertices, faces = meshes.soup(np.random.default_rng(3), 60, size)
    vertices[:, 2] += 2 - vertices[:, 2].min()
    whole = rasterize(vertices, faces, size, perspective)
    part = rasterize(vertices, faces, size, perspective, chequered=True)
    row, col = np.indices(size)
    drawn = (row + col) % 2 == 0
    np.testing.assert_array_equal(part.face[drawn], whole.face[drawn])
    np.testing.assert_allclose(part.bary[drawn], whole.bary[drawn], atol=1e-6)
    np.testing.assert_allclose(part.depth[drawn], whole.depth[drawn])
    assert (whole.face[~drawn] >= 0).any()
    assert (part.face[~drawn] == -1).all()
    assert (part.bary[~drawn] == 0).all()
    assert np.isinf(part.depth[~drawn]).all()


def test_winding_does_not_matter():
    vertices, faces = meshes.soup(np.random.default_rng(5), 40, (32, 32))
    one = rasterize(vertices, faces, (32, 32))
    other = rasterize(vertices, faces[:, ::-1], (32, 32))
    np.testing.assert_array_equal(one.face, other.face)
    np.testing.assert_allclose(one.bary, other.bary[..., ::-1], atol=1e-6)


def test_clipping_equals_cropping():
    vertices, faces = meshes.soup(np.random.default_rng(6), 40, (32, 32))
    large = rasterize(vertices + [16, 16, 0], faces, (64, 64))
    small = rasterize(vertices, faces, (32, 32))
    np.testing.assert_array_equal(large.face[16:48, 16:48], small.face)
    assert (large.face >= 0).sum() > (small.face >= 0).sum()


def test_huge_coordinates_cover_everything():
    vertices = np.array([[-1e20, -1e20, 1], [1e20, -1e20, 1], [0, 1e20, 1]])
    raster = rasterize(vertices, [[0, 1, 2]], (8, 9))
    assert (raster.face == 0).all()
    np.testing.assert_allclose(raster.depth, 1, rtol=1e-6)


def test_degenerate_triangles_are_ignored():
    vertices = [[1, 1, 0], [5, 5, 0], [3, 3, 0], [3, 3, 0]]
    raster = rasterize(vertices, [[0, 1, 2], [2, 3, 2], [0, 1, 1]], (8, 8))
    assert (raster.face == -1).all()


def test_nearest_face_wins_and_of_equals_the_first():
    near, faces = meshes.rectangle(-1, -1, 9, 9, depth=1, rows=2, cols=2)
    far, _ = meshes.rectangle(-1, -1, 9, 9, depth=2, rows=2, cols=2)
    vertices, both = meshes.join((far, faces), (near, faces))
    assert (rasterize(vertices, both, (8, 8)).face >= 2).all()
    vertices, both = meshes.join((near, faces), (near, faces))
    assert (rasterize(vertices, both, (8, 8)).face < 2).all()


def test_faces_at_the_near_plane_are_dropped():
    vertices = np.array([[0, 0, 1], [9, 0, 1], [0, 9, 1], [9, 9, -1.0]])
    faces = [[0, 1, 2], [1, 2, 3]]
    raster = rasterize(vertices, faces, (9, 9), perspective=True)
    assert set(np.unique(raster.face)) == {-1, 0}
    raster = rasterize(vertices, faces, (9, 9), perspective=True, near=2)
    assert (raster.face == -1).all()


def test_interpolating_positions_gives_the_pixels():
    size = (32, 32)
    vertices, faces = meshes.soup(np.random.default_rng(7), 40, size)
    raster = rasterize(vertices, faces, size)
    positions = interpolate(raster, faces, vertices)
    covered = raster.face >= 0
    expected = ray_casting.pixel_grid(size).reshape(size + (2,))
    np.testing.assert_allclose(
        positions[covered][:, :2], expected[covered], atol=1e-4
    )
    np.testing.assert_allclose(
        positions[covered][:, 2], raster.depth[covered], atol=1e-5
    )
    assert (positions[~covered] == 0).all()


def test_perspective_interpolation_reprojects_to_the_pixels():
    size = (32, 32)
    camera = PerspectiveCamera(40, (15, 16), translation=(0, 0, -2))
    world = np.array([[-1, -1, 1], [1, -1, 0.5], [0, 1, -3.0]])
    raster = rasterize(camera.project(world), [[0, 1, 2]], size, True)
    covered = raster.face >= 0
    points = interpolate(raster, np.array([[0, 1, 2]]), world)[covered]
    expected = ray_casting.pixel_grid(size).reshape(size + (2,))[covered]
    assert covered.sum() > 100
    np.testing.assert_allclose(
        camera.project(points)[:, :2], expected, atol=1e-3
    )


def test_buffers_are_reused_and_cleared():
    vertices, faces = meshes.soup(np.random.default_rng(8), 40, (32, 32))
    out = Raster.empty((32, 32))
    rasterize(vertices, faces, (32, 32), out=out)
    again = rasterize(vertices + [20, 0, 0], faces, (32, 32), out=out)
    assert again.face is out.face
    fresh = rasterize(vertices + [20, 0, 0], faces, (32, 32))
    assert_near(again[:3], fresh[:3])


def test_bad_input_is_named():
    vertices, faces = meshes.rectangle(0, 0, 4, 4)
    broken = vertices.copy()
    broken[3, 1] = np.nan
    with pytest.raises(ValueError, match='1 vertices .* first vertex 3'):
        rasterize(broken, faces, (8, 8))
    with pytest.raises(ValueError, match=r'\(V, 3\).*\(35, 2\)'):
        rasterize(vertices[:, :2], faces, (8, 8))
    with pytest.raises(ValueError, match=r'\(F, 3\).*\(48, 2\)'):
        rasterize(vertices, faces[:, :2], (8, 8))
    for bad in (35, -1):
        with pytest.raises(ValueError, match=rf'\[0, 35\).*{bad}.* face 1'):
            rasterize(vertices, [[0, 1, 2], [0, 1, bad]], (8, 8))
    with pytest.raises(ValueError, match='8x8, got 4x4'):
        rasterize(vertices, faces, (8, 8), out=Raster.empty((4, 4)))
    raster = rasterize(vertices, faces, (8, 8))
    with pytest.raises(ValueError, match=r'\(V, C\)'):
        interpolate(raster, faces, vertices[:, 0])
    with pytest.raises(ValueError, match=r'\[0, 5\)'):
        interpolate(raster, faces, vertices[:5])
    with pytest.raises(ValueError, match='there are 1 faces'):
        interpolate(raster, faces[:1], vertices)
