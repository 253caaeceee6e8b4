"""PATN's blocks against loops, and the generator made of them."""

import numpy as np
import pytest
import torch
from closeness import assert_near
from torch import nn

from mmposetransfer.models.methods.patn import (
    PATNGenerator,
    PoseAttentionalTransferBlock,
)

NORMS = ['instance', 'batch']


def noise(*shape):
    return torch.rand(*shape) * 2 - 1


# ------------------------------------------------------------------- by loops


def reflected(index, length):
    """Where a place beyond the border is found: the border is a mirror."""
    if index < 0:
        return -index
    return 2 * (length - 1) - index if index >= length else index


def convolved(x, conv):
    """A 3x3 convolution with reflected borders, of (N, C, H, W)."""
    weight = conv.weight.detach().numpy()
    count, _, height, width = x.shape
    out = np.zeros((count, len(weight), height, width))
    for n, o, y, x0 in np.ndindex(out.shape):
        for c, dy, dx in np.ndindex(weight.shape[1:]):
            row = reflected(y + dy - 1, height)
            column = reflected(x0 + dx - 1, width)
            out[n, o, y, x0] += weight[o, c, dy, dx] * x[n, c, row, column]
        if conv.bias is not None:
            out[n, o, y, x0] += conv.bias[o].item()
    return out


def normalised(x, norm):
    """Of each image, or of the batch, to mean 0 and variance 1."""
    axes = (0, 2, 3) if isinstance(norm, nn.BatchNorm2d) else (2, 3)
    x = x - x.mean(axes, keepdims=True)
    x = x / np.sqrt((x**2).mean(axes, keepdims=True) + norm.eps)
    if norm.weight is None:
        return x
    weight, bias = (
        p.detach().numpy()[:, None, None] for p in norm.parameters()
    )
    return x * weight + bias


def stepped(block, image, pose):
    """A pose-attentional transfer block, layer by layer."""
    conv1, norm1, _, _, conv2, norm2 = block.image_convs
    pose_conv1, pose_norm1, _, _, pose_conv2 = block.pose_convs
    change = normalised(convolved(image, conv1), norm1).clip(0)
    change = normalised(convolved(change, conv2), norm2)
    features = normalised(convolved(pose, pose_conv1), pose_norm1).clip(0)
    features = convolved(features, pose_conv2)
    image = image + change / (1 + np.exp(-features))
    return image, np.concatenate([features, image], 1)


@pytest.mark.parametrize('norm', NORMS)
@pytest.mark.parametrize('pose_channels', [2, 4])
def test_a_block_is_what_loops_make_of_it(norm, pose_channels):
    torch.manual_seed(0)
    block = PoseAttentionalTransferBlock(2, pose_channels, norm, 0).double()
    for parameter in block.parameters():
        nn.init.normal_(parameter)
    image = noise(2, 2, 3, 4).double()
    pose = noise(2, pose_channels, 3, 4).double()
    got = block(image, pose)
    wanted = stepped(block, image.numpy(), pose.numpy())
    for one, other in zip(got, wanted, strict=True):
        assert_near(one, torch.from_numpy(other), steps=1000)


# ----------------------------------------------------------------- attention


def attend(block, bias):
    """Fix the masks of a block: 0 for a bias of -200, 1 for one of 200."""
    last = block.pose_convs[-1]
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias, bias)


@pytest.mark.parametrize('bias, share', [(-200, 0), (0, 0.5), (200, 1)])
def test_the_mask_says_by_how_much_the_image_changes(bias, share):
    block = PoseAttentionalTransferBlock(2, 2, dropout=0)
    attend(block, bias)
    image = noise(1, 2, 4, 4)
    got, pose = block(image, noise(1, 2, 4, 4))
    assert_near(got, image + share * block.image_convs(image))
    assert torch.equal(pose[:, 2:], got)
    assert_near(pose[:, :2], torch.full_like(got, bias))


def small(**changes):
    torch.manual_seed(0)
    arguments = dict(base_channels=2, num_blocks=2, dropout=0)
    return PATNGenerator(**{**arguments, **changes})


def test_poses_reach_the_image_by_attention_alone():
    generator = small()
    inputs = noise(1, 3, 16, 16), noise(1, 18, 16, 16), noise(1, 18, 16, 16)
    other = inputs[0], noise(1, 18, 16, 16), noise(1, 18, 16, 16)
    assert not torch.allclose(generator(*inputs), generator(*other))
    for block in generator.blocks:
        attend(block, -200)
    assert torch.equal(generator(*inputs), generator(*other))


def test_image_and_both_poses_matter():
    inputs = noise(1, 3, 16, 16), noise(1, 18, 16, 16), noise(1, 18, 16, 16)
    for tensor in inputs:
        tensor.requires_grad_()
    small()(*inputs).square().sum().backward()
    assert all(tensor.grad.any() for tensor in inputs)


# ---------------------------------------------------------------------- whole


def test_the_generator_has_as_many_parameters_as_published():
    count = sum(p.numel() for p in PATNGenerator().parameters())
    assert round(count / 1e6, 2) == 41.36  # the paper's table of sizes


@pytest.mark.parametrize('norm', NORMS)
@pytest.mark.parametrize('levels, size', [(1, (16, 10)), (2, (16, 12))])
def test_pictures_have_the_size_of_the_reference(norm, levels, size):
    generator = small(norm=norm, num_levels=levels, pose_channels=8)
    img = 9 * generator.image_encoder[0].weight.new_ones(2, 3, *size)
    img = generator(img, noise(2, 4, *size), noise(2, 4, *size))
    assert img.shape == (2, 3, *size)
    assert img.abs().max() <= 1


def test_a_size_that_cannot_be_halved_is_refused():
    with pytest.raises(ValueError, match='multiples of 4, got 16x14'):
        small()(noise(1, 3, 16, 14), *[noise(1, 18, 16, 14)] * 2)


def test_an_unknown_norm_is_refused():
    with pytest.raises(ValueError, match="'instance', 'batch'.*got 'layer'"):
        small(norm='layer')


def test_dropout_acts_in_training_only():
    generator = small(dropout=0.5)
    inputs = noise(1, 3, 16, 16), noise(1, 18, 16, 16), noise(1, 18, 16, 16)
    assert not torch.equal(generator(*inputs), generator(*inputs))
    generator.eval()
    assert torch.equal(generator(*inputs), generator(*inputs))


def test_weights_start_as_published():
    generator = small(base_channels=16, norm='batch')
    convs = [
        module.weight.flatten()
        for module in generator.modules()
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d))
    ]
    weights = torch.cat(convs).detach()
    assert weights.mean().abs() < 1e-4
    assert weights.std() == pytest.approx(0.02, rel=0.01)
