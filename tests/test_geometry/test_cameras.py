"""Cameras."""

import cv2
import numpy as np
import pytest

from mmposetransfer.geometry import PerspectiveCamera, WeakPerspectiveCamera


def test_axes_of_both_cameras():
    left_up_front = np.array([0.1, 0.2, 0.3])
    for camera in (
        WeakPerspectiveCamera(100, 64, 64),
        PerspectiveCamera(300, (64, 64), translation=(0, 0, -3)),
    ):
        x, y, depth = camera.project(left_up_front)
        x0, y0, depth0 = camera.project(np.zeros(3))
        assert (x0, y0) == (64, 64)
        assert x > x0  # the body's left is on the right
        assert y < y0  # up is up, rows grow downwards
        assert depth == pytest.approx(depth0 - 0.3)  # its front is nearer


def test_weak_perspective_values():
    points = np.array([[[1.0, 2.0, 3.0]], [[-1.0, 0.5, -2.0]]])
    projected = WeakPerspectiveCamera(10, 5, 7).project(points)
    assert projected.tolist() == [[[15, -13, -3]], [[-5, 2, 2]]]


def test_dtype_is_kept():
    camera = WeakPerspectiveCamera(10, 5, 7)
    assert camera.project(np.zeros((4, 3))).dtype == np.float64
    assert camera.project(np.zeros((4, 3), np.float32)).dtype == np.float32
    assert camera.project([[0, 0, 0]]).dtype == np.float32


@pytest.mark.parametrize('size', [(256, 256), (128, 64), (64, 128)])
def test_framing_fills_the_picture_up_to_the_margin(size):
    rng = np.random.default_rng(0)
    points = rng.normal(0, [0.3, 0.8, 0.2], (500, 3)) + [1, -2, 3]
    camera = WeakPerspectiveCamera.framing(points, size, margin=0.1)
    xy = camera.project(points)[:, :2]
    last = np.array(size[::-1]) - 1
    low, high = xy.min(0) / last, xy.max(0) / last
    np.testing.assert_allclose(low + high, 1, atol=1e-5)  # in the middle
    assert min(low) == pytest.approx(0.1, abs=1e-5)  # one side touches


def test_perspective_agrees_with_opencv():
    rng = np.random.default_rng(1)
    points = rng.normal(0, 0.5, (50, 3))
    rotation = cv2.Rodrigues(np.array([0.2, -0.7, 0.1]))[0]
    translation = np.array([0.1, -0.2, -4.0])
    camera = PerspectiveCamera((310, 290), (63.5, 31.5), rotation, translation)
    # OpenCV's camera looks along +z with y down.
    axes = np.diag([1.0, -1.0, -1.0])
    expected = cv2.projectPoints(
        points,
        cv2.Rodrigues(axes @ rotation)[0],
        axes @ translation,
        np.array([[310, 0, 63.5], [0, 290, 31.5], [0, 0, 1.0]]),
        None,
    )[0]
    projected = camera.project(points)
    np.testing.assert_allclose(projected[:, :2], expected[:, 0], atol=1e-9)
    depth = (points @ (axes @ rotation).T + axes @ translation)[:, 2]
    np.testing.assert_allclose(projected[:, 2], depth, atol=1e-12)


def test_far_away_both_cameras_agree():
    rng = np.random.default_rng(2)
    points = rng.normal(0, 0.5, (50, 3))
    far = PerspectiveCamera(1e8, (3, 4), translation=(0, 0, -1e6))
    np.testing.assert_allclose(
        far.project(points)[:, :2],
        WeakPerspectiveCamera(100, 3, 4).project(points)[:, :2],
        atol=1e-3,
    )


def test_points_behind_the_camera_stay_finite_and_behind():
    camera = PerspectiveCamera(100, (0, 0))
    projected = camera.project(np.array([[0.1, 0.1, 2.0], [0.1, 0.1, 0.0]]))
    assert np.isfinite(projected).all()
    assert (projected[:, 2] <= 0).all()


@pytest.mark.parametrize(
    'make, message',
    [
        (lambda: WeakPerspectiveCamera(-1, 0, 0), 'scale=-1'),
        (lambda: WeakPerspectiveCamera(1, float('nan'), 0), 'tx=nan'),
        (lambda: PerspectiveCamera(0, (0, 0)), 'focal'),
        (lambda: PerspectiveCamera(1, (0, 0, 0)), r'centre .*\(2,\).*\(3,\)'),
        (
            lambda: PerspectiveCamera(1, (0, 0), rotation=np.eye(4)),
            r'rotation',
        ),
        (lambda: PerspectiveCamera(1, (0, 0), near=0), 'near > 0, got 0'),
        (
            lambda: WeakPerspectiveCamera(1, 0, 0).project(np.zeros((3, 2))),
            r'\(\.\.\., 3\).*\(3, 2\)',
        ),
        (
            lambda: WeakPerspectiveCamera.framing(
                np.full((3, 3), np.nan), (8, 8)
            ),
            'finite',
        ),
        (
            lambda: WeakPerspectiveCamera.framing(np.zeros((3, 3)), (8, 8)),
            'cannot frame',
        ),
        (
            lambda: WeakPerspectiveCamera.framing(
                np.eye(3), (8, 8), margin=0.5
            ),
            'got 0.5',
        ),
    ],
)
def test_bad_input_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
