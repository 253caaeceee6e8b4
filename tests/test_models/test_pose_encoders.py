"""Pose maps against closed forms and OpenCV."""

import math

import cv2
import numpy as np
import pytest
import torch
from synthetic_batch import make_batch

from mmposetransfer.models import (
    DiscPoses,
    GaussianPoses,
    LimbDistancePoses,
    LimbMask,
    PoseTransferDataPreprocessor,
    StickPoses,
    draw_gaussians,
    draw_limbs,
    draw_pose_maps,
)

SIZE = (40, 32)


def nobody():
    return torch.zeros(1, 18, 3)


def joints(**places):
    """Keypoints of one person: j3=(x, y) is joint 3."""
    keypoints = nobody()
    for name, (x, y) in places.items():
        keypoints[0, int(name[1:])] = torch.tensor([x, y, 1.0])
    return keypoints


def test_gaussians_are_gaussians():
    maps = draw_gaussians(joints(j0=(10.5, 20)), SIZE, sigma=6)
    assert maps.shape == (1, 18, *SIZE)
    for y, x in ((20, 10), (20, 11), (3, 30), (39, 0)):
        wanted = math.exp(-((x - 10.5) ** 2 + (y - 20) ** 2) / 72)
        assert maps[0, 0, y, x].item() == pytest.approx(wanted, rel=1e-5)
    assert not maps[0, 1:].any()


def test_missing_joints_may_be_anywhere():
    keypoints = nobody()
    keypoints[..., :2] = torch.nan
    for encoder in (GaussianPoses(), DiscPoses(), LimbMask(), StickPoses()):
        picture = encoder(keypoints, SIZE)
        assert picture.shape == (1, encoder.out_channels, *SIZE)
        assert (picture == picture.min()).all() and picture.isfinite().all()


def test_discs_of_another_range():
    keypoints = joints(j4=(9, 9))
    discs = draw_pose_maps(keypoints, SIZE, 4)
    torch.testing.assert_close(
        DiscPoses(4, low=-1)(keypoints, SIZE), 2 * discs - 1
    )


def test_a_limb_is_a_line_with_round_ends():
    start, end = (6, 8), (25, 30)
    got = draw_limbs(joints(j2=start, j3=end), SIZE, 3, ((2, 3),))[0, 0]
    # Brute force over the points of the line.
    t = np.linspace(0, 1, 2001)
    xs = start[0] + t * (end[0] - start[0])
    ys = start[1] + t * (end[1] - start[1])
    for y, x in np.ndindex(*SIZE):
        distance = np.hypot(xs - x, ys - y).min()
        if abs(distance - 3) > 1e-2:
            assert got[y, x] == (distance < 3), (x, y)


def test_a_limb_with_one_joint_is_missing():
    assert not draw_limbs(joints(j2=(5, 5)), SIZE, 3).any()


def test_a_mask_is_closed():
    """Two joints six pixels apart, of radius 2, become one piece."""
    keypoints = joints(j4=(10, 20), j7=(16, 20))
    apart = LimbMask(2, closing=1)(keypoints, SIZE)[0, 0].numpy()
    closed = LimbMask(2, closing=5)(keypoints, SIZE)[0, 0].numpy()
    wanted = cv2.morphologyEx(
        apart.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)
    )
    np.testing.assert_array_equal(closed, wanted)
    count = cv2.connectedComponents
    assert count(apart.astype(np.uint8))[0] == 3
    assert count(closed.astype(np.uint8))[0] == 2
    with pytest.raises(ValueError, match='odd'):
        LimbMask(closing=4)


def test_sticks_tell_left_from_right():
    right = StickPoses(2)(joints(j2=(6, 8), j3=(25, 30)), SIZE)
    left = StickPoses(2)(joints(j5=(6, 8), j6=(25, 30)), SIZE)
    assert right.amin() == -1 and right.amax() == 1
    drawn = (right > -1).any(1)
    torch.testing.assert_close(drawn, (left > -1).any(1))
    assert (right != left).any()


def test_the_preprocessor_draws_what_it_is_told():
    preprocess = PoseTransferDataPreprocessor(
        pose_encoder=dict(type='GaussianPoses', sigma=2),
        sides=('tgt',),
        derived=dict(
            tgt_mask=dict(type='LimbMask'), ref_stick=dict(type='StickPoses')
        ),
    )
    data = make_batch(2, 32)
    inputs = preprocess(data)['inputs']
    assert 'ref_pose' not in inputs
    assert inputs['tgt_pose'].shape == (2, 18, 32, 32)
    assert inputs['tgt_mask'].shape == (2, 1, 32, 32)
    assert inputs['ref_stick'].shape == (2, 3, 32, 32)
    keypoints = torch.stack(make_batch(2, 32)['inputs']['tgt_keypoints'])
    torch.testing.assert_close(
        inputs['tgt_pose'], draw_gaussians(keypoints, (32, 32), 2)
    )
    with pytest.raises(ValueError, match="'mask'"):
        PoseTransferDataPreprocessor(derived=dict(mask=dict(type='LimbMask')))


# ------------------------------------------------------------- limb distances


def test_distances_to_a_limb_in_steps_of_three_pixels():
    """Neck and right shoulder, 16 pixels apart: an ellipse of 8 and 4."""
    keypoints = joints(j1=(8.4, 20.3), j2=(24.4, 20.3))
    maps = (255 * LimbDistancePoses()(keypoints, (48, 64))).round()[0]
    assert maps.shape == (20, 48, 64)
    distance = maps[3]
    for y, x in ((20, 16), (20, 24), (24, 16), (20, 63), (47, 16), (47, 63)):
        beyond = max(x - 24, 0) + max(y - 24, 0)
        if x <= 24 or y == 20:  # nearest to an end of an axis
            assert distance[y, x] == beyond // 3, (x, y)
    assert (maps[4:] == 255).all()  # all other limbs are missing


def test_colours_of_the_drawing():
    """Of joints whole, of limbs three fifths; blue and red are swapped."""
    alone = LimbDistancePoses()(joints(j4=(9.7, 9)), SIZE)[0, :3]
    color = torch.tensor([0, 1, 170 / 255])  # joint 4: hue 80 degrees
    torch.testing.assert_close(alone[:, 9, 9], color)
    assert alone[:, 9, 5].any() and not alone[:, 9, 14].any()
    limb = joints(j1=(10, 20), j2=(30, 20))
    drawn = LimbDistancePoses()(limb, SIZE)[0, :3]
    torch.testing.assert_close(drawn[:, 20, 20], torch.tensor([0, 0, 0.6]))
    # Over the disc of the neck, of hue 20 degrees.
    expected = torch.tensor([0, 0.4 / 3, 1])
    torch.testing.assert_close(drawn[:, 20, 11], expected, atol=2e-3, rtol=0)


def test_nobody_is_far_away_from_everywhere():
    keypoints = nobody()
    keypoints[..., :2] = torch.nan
    maps = LimbDistancePoses()(keypoints, SIZE)
    assert not maps[:, :3].any() and (maps[:, 3:] == 1).all()
    off = LimbDistancePoses()(joints(j1=(-99, -9), j2=(-90, -9)), SIZE)
    assert (off[:, 3:] == 1).all()
