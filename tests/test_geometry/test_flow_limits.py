"""Where flow ends, against plain loops."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt, map_coordinates

from mmposetransfer.geometry import extend_flow, hide_outside


@pytest.fixture
def blob():
    """Random flow on a disc of random visibility."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:40, :30]
    body = (x - 12) ** 2 + (y - 20) ** 2 < 64
    visibility = np.where(body, rng.integers(0, 2, body.shape), 2)
    flow = rng.normal(0, 6, (2, 40, 30)).astype(np.float32) * body
    return flow, visibility[None].astype(np.uint8)


def test_points_off_the_person_are_invisible(blob):
    flow, visibility = blob
    share = np.random.default_rng(1).random((1, 40, 30)).astype(np.float32)
    limited = hide_outside(flow, visibility, share)
    y, x = np.mgrid[:40, :30]
    found = map_coordinates(
        share[0], [y + flow[1], x + flow[0]], order=1, mode='constant'
    )
    sure = np.abs(found - 0.5) > 0.05  # OpenCV counts in 32nds of pixels
    expected = np.where((visibility[0] == 0) & (found < 0.5), 1, visibility[0])
    np.testing.assert_array_equal(limited[0][sure], expected[sure])
    assert (limited != visibility).any()


def test_a_whole_frame_hides_what_lies_beyond_it(blob):
    flow, visibility = blob
    flow[0, 10, 12], flow[1, 10, 12] = 40, 0
    visibility[0] = 0
    limited = hide_outside(flow, visibility, np.ones((1, 40, 30)))
    assert limited[0, 10, 12] == 1
    assert limited[0, 20, 2] == 0  # no flow: it stays where it is


@pytest.mark.parametrize('margin', [0, 3, 5.5])
def test_flow_goes_on_as_that_of_the_nearest_pixel(blob, margin):
    flow, visibility = blob
    outside = visibility[0] == 2
    distance, (rows, columns) = distance_transform_edt(
        outside, return_indices=True
    )
    extended = extend_flow(flow, visibility, margin)
    np.testing.assert_array_equal(extended[:, ~outside], flow[:, ~outside])
    far = distance > margin + 0.5
    assert not extended[:, far].any()
    near = outside & (distance <= margin - 0.5)
    # Where two pixels are about equally near, either will do.
    given = np.abs(extended - flow[:, rows, columns]).max(0)[near]
    assert (given == 0).mean() > 0.8 if margin else not near.any()
    known = {tuple(f) for f in flow[:, ~outside].T}
    assert {tuple(f) for f in extended[:, near].T} <= known


def test_without_a_body_there_is_nothing_to_go_on():
    flow = np.zeros((2, 8, 8), np.float32)
    visibility = np.full((1, 8, 8), 2, np.uint8)
    np.testing.assert_array_equal(extend_flow(flow, visibility, 4), flow)
