"""DSC's networks: sizes, what sees what, normalisation."""

import pytest
import torch
from closeness import assert_near
from torch import nn

from mmposetransfer.models.methods.dsc import (
    DSCDiscriminator,
    DSCGenerator,
)
from mmposetransfer.models.methods.dsc.layers import PictureNorm


@pytest.fixture(autouse=True)
def the_same_every_time():
    torch.manual_seed(0)


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_as_many_parameters_as_published():
    """82.08 M by Table 3 of PATN (Zhu et al., CVPR 2019)."""
    with torch.device('meta'):
        generator = DSCGenerator()
    assert round(parameters(generator) / 1e6, 2) == 82.08


@pytest.mark.parametrize(
    'levels, size, channels',
    [
        (6, (256, 256), (64, 128, 256, 512, 512, 512, 512)),
        (5, (128, 64), (64, 128, 256, 512, 512, 512)),
    ],
)
def test_levels_of_the_two_data_sets(levels, size, channels):
    with torch.device('meta'):
        generator = DSCGenerator(num_levels=levels)
        x = torch.zeros(1, 18, *size)
        for level, layer in enumerate(generator.pose_encoder):
            x = layer(x)
            assert x.shape[1:] == (
                channels[level],
                size[0] // 2**level,
                size[1] // 2**level,
            )
    # Blocks of the decoder: 512 channels down to 128, three of them dropping.
    outputs = [up[1].out_channels for up in generator.ups]
    assert outputs == list(reversed(channels))[:levels]
    dropped = [up[-1].p for up in generator.ups]
    assert dropped == [0.5] * 3 + [0] * (levels - 3)


def test_the_critic_halves_five_times():
    with torch.device('meta'):
        critic = DSCDiscriminator()
        # 256 -> 127 -> 63 -> 31 -> 15 -> 7: the first has no border.
        assert critic(torch.zeros(2, 42, 256, 256)).shape == (2, 1, 7, 7)
    total, inputs = 64, 42  # the bias of the first
    for outputs in (64, 128, 256, 512, 1):
        total += 16 * inputs * outputs
        inputs = outputs
    assert parameters(critic) == total + 3 * 2  # of three normalisations


def test_picture_norm_is_a_layer_norm_over_the_picture():
    norm, x = PictureNorm(), 3 * torch.randn(2, 4, 6, 5) + 1
    nn.init.constant_(norm.weight, 1.5)
    nn.init.constant_(norm.bias, -0.2)
    layer = nn.LayerNorm((4, 6, 5), elementwise_affine=False)
    assert_near(norm(x), 1.5 * layer(x) - 0.2)


def build(**changes):
    arguments = dict(base_channels=4, num_levels=3, num_warp_levels=2)
    return DSCGenerator(**(arguments | changes)).eval()


def inputs(size=32):
    joints = size * torch.rand(2, 2, 18, 3) + 0.1
    img, poses = torch.rand(2, 3, size, size), torch.rand(2, 2, 18, size, size)
    return [img, *poses, *joints]


@pytest.mark.parametrize('norm', ['picture', 'instance'])
def test_pictures_are_in_range(norm):
    img = build(norm=norm)(*inputs())
    assert img.shape == (2, 3, 32, 32) and img.abs().max() <= 1


def test_skips_are_deformed_at_the_finest_levels_only():
    """Of the reference alone; the others are the encoders' features."""
    img, ref_pose, tgt_pose, *joints = inputs()
    generator = build()
    skips = generator._skips(torch.cat([img, ref_pose], 1), tgt_pose, *joints)
    x, pose = torch.cat([img, ref_pose], 1), tgt_pose
    for level, skip in enumerate(skips):
        x = generator.ref_encoder[level](x)
        pose = generator.pose_encoder[level](pose)
        moved, still = skip.chunk(2, 1)
        assert_near(still, pose)
        assert torch.allclose(moved, x, atol=1e-5) == (level >= 2)


def test_joints_matter_only_where_skips_are_deformed():
    *maps, ref, tgt = inputs()
    other = tgt.flip(1)
    baseline, deformed = build(num_warp_levels=0), build()
    assert_near(baseline(*maps, ref, tgt), baseline(*maps, ref, other))
    change = deformed(*maps, ref, tgt) - deformed(*maps, ref, other)
    assert change.abs().max() > 1e-3


def test_sizes_that_do_not_fit_are_refused():
    img, *rest = inputs(36)
    with pytest.raises(ValueError, match='multiples of 8'):
        build()(img, *rest)


def test_another_normalisation_is_refused():
    with pytest.raises(ValueError, match="'picture' or 'instance'"):
        build(norm='batch')
