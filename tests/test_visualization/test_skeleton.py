"""Drawn skeletons."""

import numpy as np
import pytest
import torch
from pictured_samples import person

from mmposetransfer.visualization import draw_skeleton


def test_joints_are_where_they_belong_at_any_scale():
    keypoints = torch.zeros(18, 3)
    keypoints[4] = torch.tensor([10.0, 20.0, 1.0])
    for scale in (1, 3):
        canvas = np.zeros((40 * scale, 30 * scale, 3), np.uint8)
        drawn = draw_skeleton(canvas, keypoints, scale, line_width=2)
        ys, xs = np.nonzero(drawn.sum(-1))
        centre = np.array([xs.mean(), ys.mean()])
        # the centre of pixel (10, 20), enlarged
        expected = (np.array([10, 20]) + 0.5) * scale - 0.5
        np.testing.assert_allclose(centre, expected, atol=0.3)
        assert not canvas.any()  # the input is left alone


def test_missing_joints_and_their_limbs_are_not_drawn():
    canvas = np.zeros((64, 64, 3), np.uint8)
    keypoints = person((64, 64))
    whole = draw_skeleton(canvas, keypoints)
    keypoints[10, 2] = 0  # the right ankle
    without = draw_skeleton(canvas, keypoints)
    assert whole[52:56, 24:32].any() and not without[52:56, 24:32].any()
    keypoints[:, 2] = 0
    assert not draw_skeleton(canvas, keypoints).any()


def test_left_and_right_have_different_colours():
    drawn = draw_skeleton(np.zeros((64, 64, 3), np.uint8), person((64, 64)))
    right, left = drawn[31, 21].astype(int), drawn[31, 43].astype(int)
    assert abs(right - left).max() > 60


def test_points_far_outside_or_not_finite_do_no_harm():
    keypoints = person((64, 64))
    keypoints[0, :2] = 1e12
    keypoints[1, 0] = float('nan')
    drawn = draw_skeleton(np.zeros((64, 64, 3), np.uint8), keypoints)
    assert drawn.any()


def test_wrong_shape_says_how_to_convert():
    with pytest.raises(ValueError, match=r'\(17, 3\).*convert_keypoints'):
        draw_skeleton(np.zeros((8, 8, 3), np.uint8), np.ones((17, 3)))
