"""Body parts in their frames: where they come from, and what is missing."""

import pytest
import torch
from closeness import assert_near

from mmposetransfer.geometry.skeletons import SKELETONS
from mmposetransfer.models.methods.vunet import (
    PAPER_PARTS,
    PARTS,
    body_part_crops,
)

INDEX = SKELETONS['openpose18'].index
SIZE = (64, 64)


def places(height=64, width=64):
    """A picture whose two channels are x and y."""
    ys, xs = torch.meshgrid(
        torch.arange(float(height)), torch.arange(float(width)), indexing='ij'
    )
    return torch.stack([xs, ys])[None]


def keypoints(**joints):
    result = torch.full((1, 18, 3), float('nan'))
    result[..., 2] = 0
    for name, place in joints.items():
        result[0, INDEX(name)] = torch.tensor([*place, 1.0])
    return result


def mean_of_edges(crop):
    """Places at the middles of the left, right, upper and lower edges.

    The crop samples pixels: an edge lies half a pixel beyond the first.
    """
    left, right = crop[..., 0].mean(-1), crop[..., -1].mean(-1)
    upper, lower = crop[..., 0, :].mean(-1), crop[..., -1, :].mean(-1)
    step = (right - left) / (crop.shape[-1] - 1) / 2
    down = (lower - upper) / (crop.shape[-2] - 1) / 2
    return left - step, right + step, upper - down, lower + down


def assert_points(got, wanted):
    for point, place in zip(got, wanted, strict=True):
        assert point.tolist() == pytest.approx(place, abs=1e-3)


def test_a_limb_stands_upright_and_is_half_as_wide():
    """An upper arm that points to the right in the picture."""
    joints = keypoints(left_shoulder=(20, 30), left_elbow=(40, 30))
    crop = body_part_crops(places(), joints, (10, 6), ['left_upper_arm'])
    assert crop.shape == (1, 2, 10, 6)
    assert_points(
        mean_of_edges(crop[0]), [(30, 35), (30, 25), (20, 30), (40, 30)]
    )


@pytest.mark.parametrize(
    'part, joints, upper, lower',
    [
        (
            'right_lower_arm',
            ('right_elbow', 'right_wrist'),
            (30, 20),
            (30, 45),
        ),
        ('left_lower_leg', ('left_knee', 'left_ankle'), (30, 20), (30, 45)),
        ('left_upper_leg', ('left_hip', 'left_knee'), (30, 20), (30, 40)),
    ],
)
def test_hands_and_feet_belong_to_their_limb(part, joints, upper, lower):
    ends = dict(zip(joints, [(30, 20), (30, 40)], strict=True))
    crop = body_part_crops(places(), keypoints(**ends), (16, 16), [part])
    assert_points(mean_of_edges(crop[0])[2:], [upper, lower])


def test_the_head_reaches_as_far_above_the_nose_as_the_neck_below():
    joints = keypoints(nose=(32, 20), neck=(32, 30))
    crop = body_part_crops(places(), joints, (8, 8), ['head'])
    assert_points(
        mean_of_edges(crop[0]), [(22, 20), (42, 20), (32, 10), (32, 30)]
    )


def test_the_torso_is_that_of_shoulders_and_hips():
    """Of a parallelogram: the corners, a quarter wider than from joint on."""
    joints = keypoints(
        right_shoulder=(20, 10),
        left_shoulder=(36, 14),
        right_hip=(24, 40),
        left_hip=(40, 44),
    )
    crop = body_part_crops(places(), joints, (32, 32), ['torso'])[0]
    right, left = (22, 25), (38, 29)  # the middles of its sides
    wide = [
        tuple(a + share * (b - a) for a, b in zip(right, left, strict=True))
        for share in (-0.125, 1.125)
    ]
    assert_points(mean_of_edges(crop), [*wide, (28, 12), (32, 42)])
    turned = keypoints(
        left_shoulder=(20, 10),
        right_shoulder=(36, 14),
        left_hip=(24, 40),
        right_hip=(40, 44),
    )
    behind = body_part_crops(places(), turned, (32, 32), ['torso'])[0]
    assert_near(behind, crop.flip(-1), steps=1000)


def test_a_part_with_a_missing_joint_is_blank_and_others_stay():
    torch.manual_seed(0)
    joints = 64 * torch.rand(3, 18, 3) + 0.1
    img = torch.randn(3, 3, *SIZE)
    whole = body_part_crops(img, joints, (8, 8)).unflatten(1, (8, 3))
    joints[1, INDEX('left_elbow')] = torch.tensor([float('nan'), 0, 0])
    got = body_part_crops(img, joints, (8, 8)).unflatten(1, (8, 3))
    blank = [
        i for i, name in enumerate(PAPER_PARTS) if name.startswith('left')
    ]
    blank = [i for i in blank if 'arm' in PAPER_PARTS[i]]
    assert len(blank) == 2 and not got[1, blank].any()
    got[1, blank] = whole[1, blank]
    assert_near(got, whole)


def test_eight_parts_unless_told_otherwise_and_no_others():
    assert len(PAPER_PARTS) == 8 and len(PARTS) == 10
    joints = torch.rand(1, 18, 3) * 64
    crops = body_part_crops(places(), joints, (4, 4), list(PARTS))
    assert crops.shape == (1, 20, 4, 4)
    with pytest.raises(ValueError, match=r"\['ear'\].*'torso', 'head'"):
        body_part_crops(places(), joints, (4, 4), ['ear'])
