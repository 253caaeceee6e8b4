"""Patches around joints, their style, and pose maps, against loops."""

import numpy as np
import pytest
import torch
from closeness import assert_near
from scipy.ndimage import map_coordinates

from mmposetransfer.models.methods.upis import (
    HeatmapLoss,
    PatchStyleLoss,
    joint_patches,
)
from mmposetransfer.models.pose_encoders import draw_gaussians


def joints(*rows):
    return torch.tensor(rows, dtype=torch.float32)[None]


def test_patches_of_whole_pixels_are_cut_out():
    features = torch.randn(1, 2, 9, 11)
    (got,) = joint_patches(
        features, joints((4, 3, 1), (7, 5, 0.5)), (9, 11), 2
    )
    assert got.shape == (2, 2, 5, 5)
    assert_near(got[0], features[0, :, 1:6, 2:7], steps=500)
    assert_near(got[1], features[0, :, 3:8, 5:10], steps=500)


def test_patches_are_what_scipy_reads_between_pixels():
    """Of features at half the size: pixels' centres are whole numbers."""
    torch.manual_seed(0)
    features = torch.randn(1, 3, 8, 6)
    pose = joints((5.3, 9.1, 1), (0.4, 15.0, 1))  # of a 16x12 picture
    (got,) = joint_patches(features, pose, (16, 12), 4)
    assert got.shape == (2, 3, 5, 5)
    for joint in range(2):
        x, y = (np.array(pose[0, joint, :2]) + 0.5) / 2 - 0.5
        rows, columns = np.meshgrid(
            y + np.arange(-2, 3), x + np.arange(-2, 3), indexing='ij'
        )
        for channel in range(3):
            wanted = map_coordinates(
                np.pad(features[0, channel].numpy(), 4),  # zeros outside
                [rows + 4, columns + 4],
                order=1,
            )
            np.testing.assert_allclose(got[joint, channel], wanted, atol=1e-5)


def test_joints_that_are_missing_have_empty_patches():
    pose = joints((float('nan'), 3, 0), (2, 2, 1))
    (got,) = joint_patches(torch.ones(1, 1, 8, 8), pose, (8, 8), 1)
    assert_near(got[:, 0].mean((1, 2)), torch.tensor([0.0, 1]))


def test_style_is_the_mean_over_joints_known_in_both():
    torch.manual_seed(0)
    loss = PatchStyleLoss(('relu1_1',), 2, 'random', loss_weight=3.0)
    first, second = torch.rand(2, 2, 3, 16, 16) * 2 - 1
    ours = torch.tensor([[[5, 6, 1], [9, 8, 1], [4, 4, 0]]] * 2).float()
    theirs = torch.tensor([[[8, 9, 1], [6, 5, 0], [7, 7, 1]]] * 2).float()
    theirs[1, 1, 2] = 1
    a, b = (loss.vgg(img)['relu1_1'].numpy() for img in (first, second))
    distances = []
    for n, joint in ((0, 0), (1, 0), (1, 1)):
        grams = []
        for features, pose in ((a, ours), (b, theirs)):
            x, y = pose[n, joint, :2].int().tolist()
            rows = features[n, :, y - 2 : y + 3, x - 2 : x + 3]
            rows = rows.reshape(len(rows), -1)
            grams.append(rows @ rows.T / rows.size)
        distances.append(np.abs(grams[0] - grams[1]).mean())
    got = loss(first, second, ours, theirs)
    assert got.item() == pytest.approx(3 * np.mean(distances), rel=1e-4)


def test_style_follows_the_joints_wherever_they_are():
    """A picture that moved by whole pixels keeps its style at its joints."""
    torch.manual_seed(0)
    img = torch.rand(1, 3, 24, 24) * 2 - 1
    moved = torch.roll(img, (3, -4), (2, 3))
    pose = joints((12, 9, 1), (11, 13, 1))
    offset = torch.tensor([-4.0, 3, 0])
    loss = PatchStyleLoss(('relu1_1',), 2, 'random')
    there = loss(moved, img, pose + offset, pose)
    elsewhere = loss(moved, img, pose, pose)
    assert there < 1e-3 * elsewhere


def test_without_common_joints_style_is_zero_with_a_gradient():
    loss = PatchStyleLoss(('relu1_1',), 2, 'random')
    img = torch.rand(1, 3, 16, 16, requires_grad=True)
    got = loss(img, img.detach(), joints((3, 3, 0)), joints((3, 3, 1)))
    got.backward()
    assert got == 0 and not img.grad.any()


def test_a_detector_that_finds_nothing_loses_one():
    pose = draw_gaussians(torch.rand(2, 18, 3) * 32 + 0.1, (32, 32), 2)
    loss = HeatmapLoss(loss_weight=2.0)
    assert_near(loss(torch.zeros_like(pose), pose), torch.tensor(2.0))
    assert loss(pose, pose) == 0
    assert_near(loss(1.5 * pose, pose), torch.tensor(0.5))


def test_of_a_pose_without_joints_nothing_is_to_be_found():
    nothing = torch.zeros(1, 18, 8, 8)
    loss = HeatmapLoss()
    assert loss(nothing, nothing) == 0
    assert_near(loss(nothing + 0.1, nothing), torch.tensor(18 * 64 * 0.01))
