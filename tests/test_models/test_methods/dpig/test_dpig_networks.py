"""DPIG's networks: regions, codes, poses as vectors."""

import cv2
import numpy as np
import pytest
import torch
from closeness import assert_near

from mmposetransfer.geometry.skeletons import SKELETONS
from mmposetransfer.models.methods.dpig import (
    REGIONS,
    BodyRegions,
    CodeCritic,
    CodeMapper,
    DPIGGenerator,
    PoseAutoencoder,
    pose_vectors,
    vector_keypoints,
)

INDEX = SKELETONS['openpose18'].index
SIZE = 32


@pytest.fixture(autouse=True)
def the_same_every_time():
    torch.manual_seed(0)


def some_joints(count=3, share=0.6):
    joints = 4 + 24 * torch.rand(count, 18, 3)
    joints[..., 2] = (torch.rand(count, 18) < share).float()
    return joints


def build(**changes):
    config = dict(
        bottleneck_size=(8, 8),
        base_channels=4,
        num_levels=3,
        code_channels=8,
        region_size=8,
        region_levels=2,
        region_channels=4,
    )
    return DPIGGenerator(**{**config, **changes}).eval()


# ------------------------------------------------------------------- regions


def test_regions_are_boxes_around_the_joints_that_are_there():
    """A plain loop; a missing joint may be NaN."""
    joints = some_joints()
    boxes = BodyRegions.of(joints, margin=2)
    for n, pose in enumerate(joints.numpy()):
        for r, names in enumerate(REGIONS.values()):
            there = [pose[INDEX(x), :2] for x in names if pose[INDEX(x), 2]]
            assert boxes.present[n, r] == (len(there) >= 2)
            if len(there) >= 2:
                low, high = np.min(there, 0) - 2, np.max(there, 0) + 2
                center, half = boxes.centers[n, r], boxes.halves[n, r]
                np.testing.assert_allclose(center - half, low, atol=1e-4)
                np.testing.assert_allclose(center + half, high, atol=1e-4)
    lost = joints.clone()
    lost[lost[..., 2] == 0] = torch.tensor([torch.nan, torch.nan, 0])
    assert_near(list(BodyRegions.of(lost, 2)), list(boxes))


def test_there_are_seven_of_all_joints():
    assert len(REGIONS) == 7
    names = {name for region in REGIONS.values() for name in region}
    assert names == set(SKELETONS['openpose18'].joints)


def test_a_crop_is_that_of_an_area_resized():
    """A box of whole pixels: OpenCV's bilinear resize."""
    noise = np.random.default_rng(0).normal(size=(SIZE, SIZE))
    smooth = cv2.GaussianBlur(noise.astype(np.float32), (0, 0), 2)
    box = BodyRegions(
        torch.tensor([[[15.5, 11.5]]]),  # columns 8 to 23, rows 6 to 17
        torch.tensor([[[8.0, 6.0]]]),
        torch.tensor([[True]]),
    )
    got = box.crop(torch.from_numpy(smooth)[None, None], 24)[0, 0, 0]
    part = cv2.resize(smooth[6:18, 8:24], (24, 24))
    # Beyond the box OpenCV has nothing to look at.
    np.testing.assert_allclose(got[2:-2, 2:-2], part[2:-2, 2:-2], atol=1e-5)


# --------------------------------------------------------------------- codes


def test_published_sizes():
    with torch.device('meta'):
        network = DPIGGenerator()
        img, pose = torch.zeros(1, 3, 256, 256), torch.zeros(1, 18, 256, 256)
        crops = torch.zeros(7, 128, 64, 64)
        features = network.regions.encoder(crops)
        assert features[-1].shape == (7, 7 * 128, 1, 1)
        code = network.regions(crops)
        assert code.shape == (7, 32) and network.codes == dict(appearance=224)
        codes = dict(appearance=torch.zeros(1, 224))
        assert network.decode(codes, pose).shape == img.shape
        market = DPIGGenerator(
            (8, 4), region_size=48, region_levels=5, background_channels=128
        )
    assert market.codes == dict(appearance=224, background=128)


def test_a_region_that_is_not_seen_has_no_code_and_others_keep_theirs():
    network = build()
    img, joints = torch.randn(2, 3, SIZE, SIZE), some_joints(2, share=1.0)
    whole = network.encode(img, joints)['appearance'].unflatten(1, (7, 4))
    # Both legs, and with them the lower body's hips are left.
    for name in ('left_knee', 'left_ankle'):
        joints[1, INDEX(name), 2] = 0
    got = network.encode(img, joints)['appearance'].unflatten(1, (7, 4))
    leg = list(REGIONS).index('left_leg')
    assert not got[1, leg].any() and whole[1, leg].any()
    assert_near(got[0], whole[0])
    same = [
        r
        for r, names in enumerate(REGIONS.values())
        if not {'left_knee', 'left_ankle'} & set(names)
    ]
    assert len(same) == 5
    assert_near(got[1, same], whole[1, same])


def test_one_encoder_is_shared_by_all_regions():
    """Where all boxes are the same, so are all codes."""
    joints = torch.ones(1, 18, 3)
    joints[..., :2] = torch.tensor([4.0, 6.0])
    joints[:, 1::2, :2] = torch.tensor([20.0, 25.0])
    equal = [
        r
        for r, names in enumerate(REGIONS.values())
        if len({INDEX(name) % 2 for name in names}) == 2
    ]
    assert len(equal) == 7
    img = torch.randn(1, 3, SIZE, SIZE)
    codes = build().encode(img, joints)['appearance'].unflatten(1, (7, 4))
    assert_near(codes, codes[:, :1].expand_as(codes))


def test_the_codes_are_repeated_at_every_place_beside_the_pose():
    network = build()
    codes = dict(appearance=torch.randn(2, 28))
    pose = torch.randn(2, 18, SIZE, SIZE)
    maps = (
        torch.zeros(2, 28, SIZE, SIZE) + codes['appearance'][..., None, None]
    )
    wanted = network.unet(torch.cat([maps, pose], 1))
    assert_near(network.decode(codes, pose), wanted)


def test_foreground_and_background_do_not_see_each_other():
    """Behind the stem, which looks three pixels far."""
    network = build(background_channels=6)
    img, joints = torch.randn(1, 3, SIZE, SIZE), some_joints(1, share=1.0)
    mask = torch.zeros(1, 1, SIZE, SIZE)
    mask[..., :16] = 1
    codes = network.encode(img, joints, mask)
    behind, before = img.clone(), img.clone()
    behind[..., 20:] += 1
    before[..., :12] += 1
    got = network.encode(behind, joints, mask)
    assert_near(got['appearance'], codes['appearance'])
    assert (got['background'] - codes['background']).abs().max() > 1e-4
    got = network.encode(before, joints, mask)
    assert (got['appearance'] - codes['appearance']).abs().max() > 1e-4
    assert_near(got['background'], codes['background'])
    with pytest.raises(ValueError, match='ref_mask'):
        network.encode(img, joints)


@pytest.mark.parametrize('size', [(44, 29), (64, 64)])
def test_pictures_of_other_sizes_pass(size):
    network = build(background_channels=6)
    img, pose = torch.randn(2, 3, *size), torch.randn(2, 18, *size)
    mask = torch.ones(2, 1, *size)
    assert network(img, some_joints(2), pose, mask).shape == img.shape


# --------------------------------------------------------------------- poses


def test_poses_are_vectors_and_back():
    joints = some_joints()
    joints[joints[..., 2] == 0] = torch.tensor([torch.nan, torch.nan, 0])
    vectors = pose_vectors(joints, (48, 64))
    assert vectors.shape == (3, 54) and vectors.isfinite().all()
    again = vector_keypoints(vectors, (48, 64))
    there = joints[..., 2] > 0
    assert torch.equal(again[..., 2] > 0, there)
    assert_near(again[there], joints[there])
    corners = torch.tensor([[[0.0, 0.0, 1.0], [63.0, 47.0, 0.3]]])
    got = pose_vectors(corners, (48, 64))
    assert_near(got, torch.tensor([[-1.0, -1, 1, 1, 1, 1]]))


def test_the_same_pose_at_another_size_is_the_same_vector():
    vectors = pose_vectors(some_joints(), (48, 64))
    larger = vector_keypoints(vectors, (256, 256))
    torch.testing.assert_close(pose_vectors(larger, (256, 256)), vectors)


def test_a_decoded_joint_is_there_by_half():
    network = PoseAutoencoder(hidden_channels=8, code_channels=4)
    vectors = network(torch.randn(5, 54))
    seen = vectors.unflatten(1, (18, 3))[..., 2]
    assert seen.min() > 0 and seen.max() < 1
    keypoints = vector_keypoints(vectors, (32, 32))
    assert torch.equal(keypoints[..., 2], (seen > 0.5).float())


def test_residual_layers_by_hand():
    mapper = CodeMapper(4, hidden_channels=6, num_blocks=2)
    x = torch.randn(3, 4)

    def layer(linear, x):
        x = x @ linear.weight.T + linear.bias
        return torch.where(x > 0, x, 0.3 * x)

    h = layer(mapper.stem[0], x)
    for block in mapper.blocks:
        h = h + layer(block[2], layer(block[0], h))
    wanted = h @ mapper.head.weight.T + mapper.head.bias
    assert_near(mapper(x), wanted)


def test_noise_has_the_deviation_that_it_is_said_to_have():
    noise = CodeMapper(50, noise_std=0.2).noise(2000)
    assert noise.std().item() == pytest.approx(0.2, rel=0.02)
    assert noise.mean().abs() < 2e-3


def test_a_clipped_critic_is_bounded():
    critic = CodeCritic(6, hidden_channels=8, clip=0.03)
    before = [p.detach().clone() for p in critic.parameters()]
    critic.clip()
    for now, then in zip(critic.parameters(), before, strict=True):
        assert torch.equal(now, then.clamp(-0.03, 0.03))
