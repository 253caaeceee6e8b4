"""The denoiser's parts, against plain loops."""

import math

import pytest
import torch
from closeness import assert_near
from torch import nn

from mmposetransfer.models.methods.diffusion import (
    FeatureAttention,
    PoseDenoiser,
    timestep_embedding,
)
from mmposetransfer.models.methods.diffusion.blocks import (
    ResidualBlock,
    divisor_up_to,
    group_norm,
)

SMALL = dict(
    base_channels=8, num_levels=2, num_blocks=1, attention_levels=(1,)
)


def without_zeros(module):
    """What begins as zero gets weights, so that it is seen."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d) and not layer.weight.any():
            nn.init.normal_(layer.weight, std=0.2)
    return module


def inputs(size=16, count=2):
    torch.manual_seed(0)
    img, pose = (count, 3, size, size), (count, 18, size, size)
    return (
        torch.randn(img),
        torch.tensor([7, 900])[:count],
        torch.rand(pose),
        torch.randn(img),
        torch.rand(pose),
    )


def test_the_embedding_of_a_step_is_sines_and_cosines():
    got = timestep_embedding(torch.tensor([0, 3, 999]), 8)
    for row, t in zip(got, (0, 3, 999), strict=True):
        rates = [10_000 ** -(k / 4) for k in range(4)]
        wanted = [math.cos(t * r) for r in rates]
        wanted += [math.sin(t * r) for r in rates]
        torch.testing.assert_close(
            row, torch.tensor(wanted), atol=1e-4, rtol=0
        )


@pytest.mark.parametrize('source_channels', [None, 6])
def test_attention_is_that_of_a_loop(source_channels):
    torch.manual_seed(0)
    layer = without_zeros(FeatureAttention(64, source_channels))
    assert layer.num_heads == 2
    x = torch.randn(1, 64, 3, 4)
    source = None if source_channels is None else torch.randn(1, 6, 5, 2)
    own = layer.norm(x)[0].flatten(1)  # (64, 12)
    seen = own if source is None else layer.source_norm(source)[0].flatten(1)

    def linear(conv, rows):
        return conv.weight[:, :, 0, 0] @ rows + conv.bias[:, None]

    queries = linear(layer.queries, own)
    keys, values = linear(layer.keys_values, seen).chunk(2)
    found = torch.zeros_like(own)
    for head in (slice(0, 32), slice(32, 64)):
        for place in range(own.shape[1]):
            scores = keys[head].T @ queries[head, place] / math.sqrt(32)
            found[head, place] = values[head] @ scores.softmax(0)
    wanted = x[0].flatten(1) + linear(layer.out, found)
    assert_near(layer(x, source)[0].flatten(1), wanted)


def test_the_step_scales_and_shifts():
    block = without_zeros(ResidualBlock(4, 8, time_channels=6))
    x, time = torch.randn(2, 4, 5, 5), torch.randn(2, 6)
    h = block.norm2(block.conv1(nn.functional.silu(block.norm1(x))))
    told = block.time(nn.functional.silu(time))
    for n in range(2):
        for c in range(8):
            h[n, c] = h[n, c] * (1 + told[n, c]) + told[n, c + 8]
    wanted = block.bypass(x) + block.conv2(nn.functional.silu(h))
    assert_near(block(x, time), wanted)


@pytest.mark.parametrize('channels', [1, 2, 4, 8, 12, 18, 48, 96, 320])
def test_groups_and_heads_divide_channels(channels):
    groups = group_norm(channels).num_groups
    assert channels % groups == 0 and 1 <= groups <= 32
    assert channels < 8 or channels // groups >= 4
    assert channels % divisor_up_to(channels, channels // 32) == 0


@pytest.mark.parametrize('patch_size', [1, 2, 4])
@pytest.mark.parametrize('with_ref_pose', [True, False])
def test_the_reference_may_be_encoded_beforehand(patch_size, with_ref_pose):
    network = without_zeros(
        PoseDenoiser(
            patch_size=patch_size, with_ref_pose=with_ref_pose, **SMALL
        )
    )
    noisy, steps, tgt_pose, ref_img, ref_pose = inputs()
    sources = network.encode(ref_img, ref_pose)
    size = 16 // patch_size
    assert [x.shape[2:] for x in sources] == [
        (size // 2, size // 2),
        (size // 4, size // 4),
    ]
    got = network.denoise(noisy, steps, tgt_pose, sources)
    assert got.shape == noisy.shape
    assert_near(network(noisy, steps, tgt_pose, ref_img, ref_pose), got)


def test_every_input_is_looked_at_pair_by_pair():
    network = without_zeros(PoseDenoiser(**SMALL)).eval()
    given = inputs()
    before = network(*given)
    for index in range(5):
        changed = list(given)
        changed[index] = given[index].clone()
        changed[index][1] = changed[index][1] // 2 + 1
        after = network(*changed)
        assert (after[1] - before[1]).abs().max() > 1e-4, index
        assert_near(after[0], before[0])


def test_features_beside_are_added_in_their_place():
    network = without_zeros(
        PoseDenoiser(**{**SMALL, 'beside_levels': (0,), 'patch_size': 2})
    )
    noisy, steps, tgt_pose, *reference = inputs()
    finest, *coarser = network.encode(*reference)
    assert finest.shape == (2, 8, 8, 8)
    seen = []
    network.encoder[0].blocks[0].register_forward_pre_hook(
        lambda _, given: seen.append(given[0])
    )
    network.denoise(noisy, steps, tgt_pose, [finest, *coarser])
    finest = finest.clone()
    finest[..., 3, 5] += 1
    network.denoise(noisy, steps, tgt_pose, [finest, *coarser])
    change = network.encoder[0].beside.weight.sum((1, 2, 3))
    wanted = torch.zeros_like(seen[0])
    wanted[..., 3, 5] = change
    assert_near(seen[1] - seen[0], wanted)


def test_without_its_pose_the_reference_is_a_picture():
    network = without_zeros(PoseDenoiser(with_ref_pose=False, **SMALL))
    *given, ref_pose = inputs()
    assert_near(network(*given, 1 - ref_pose), network(*given, ref_pose))


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(patch_size=3), 'patch_size must be a power of two, got 3'),
        (dict(patch_size=0), 'patch_size must be a power of two, got 0'),
        (dict(attention_levels=(3,)), 'out of 0 to 2 of num_levels=2'),
        (dict(beside_levels=(2,)), 'out of 0 to 1 of num_levels=2'),
    ],
)
def test_what_cannot_be_built_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        PoseDenoiser(**{**SMALL, **changes})


def test_sizes_that_do_not_divide_are_named():
    network = PoseDenoiser(patch_size=2, **SMALL)
    with pytest.raises(ValueError, match='multiples of 8, got 12x12'):
        network(*inputs(12))
