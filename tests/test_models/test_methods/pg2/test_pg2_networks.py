"""PG2's networks: sizes, what sees what, and values against plain loops."""

import pytest
import torch
import torch.nn.functional as F
from closeness import assert_near

from mmposetransfer.models.backbones import UNetDecoder, UNetEncoder
from mmposetransfer.models.discriminators import DCGANDiscriminator
from mmposetransfer.models.methods.pg2 import (
    PG2CoarseGenerator,
    PG2RefineGenerator,
)


@pytest.fixture(autouse=True)
def the_same_every_time():
    torch.manual_seed(0)


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def conv(inputs, outputs, side=3):
    """Parameters of a convolution with a bias."""
    return outputs * (side * side * inputs + 1)


def unet(inputs, levels, below):
    """Parameters of encoder and decoder, counted level by level.

    Args:
        inputs (int): Channels of the input.
        levels (int): Of 128, 256, ... channels.
        below (int): Channels that come out of the bottleneck.
    """
    total = conv(inputs, 128)
    for level in range(1, levels + 1):
        width = 128 * level
        total += 2 * conv(width, width)
        if level < levels:
            total += conv(width, width + 128)
            from_below = width
        else:
            from_below = below
        joined = width + from_below
        total += 2 * conv(joined, joined)
        if level > 1:
            total += conv(joined, width - 128, side=1)
    return total + conv(256 if levels > 1 else 128 + below, 3)


@pytest.mark.parametrize(
    'levels, bottleneck, size',
    [(6, (8, 8), (256, 256)), (5, (8, 4), (128, 64))],
)
def test_published_sizes(levels, bottleneck, size):
    """Channels, levels and bottleneck of the paper, at both of its sizes."""
    with torch.device('meta'):
        coarse = PG2CoarseGenerator(bottleneck, num_levels=levels)
        refine = PG2RefineGenerator(num_levels=levels - 2)
        img, pose = torch.zeros(1, 3, *size), torch.zeros(1, 18, *size)
        features = coarse.encoder(torch.cat([img, pose], 1))
        assert features[-1].shape == (1, 128 * levels, *bottleneck)
        assert coarse(img, pose).shape == refine(img, img).shape == img.shape
    places = bottleneck[0] * bottleneck[1]
    code = (128 * levels * places + 1) * 64 + (64 + 1) * 128 * places
    assert parameters(coarse) == unet(21, levels, below=128) + code
    deepest = 128 * (levels - 2)
    assert parameters(refine) == unet(6, levels - 2, below=deepest)


@pytest.mark.parametrize(
    'channels, final, size',
    [
        ((64, 128, 256, 512, 512), (8, 8), (256, 256)),
        ((64, 128, 256, 512), (8, 4), (128, 64)),
    ],
)
def test_the_critic_is_that_of_dcgan(channels, final, size):
    with torch.device('meta'):
        critic = DCGANDiscriminator(final, num_conv=len(channels))
        img = torch.zeros(2, 3, *size)
        assert critic.features(img).shape == (2, channels[-1], *final)
        assert critic(img).shape == (2, 1)
    total, inputs = 64 - 2 * 64, 3  # the first has a bias and no BatchNorm
    for outputs in channels:
        total += 25 * inputs * outputs + 2 * outputs
        inputs = outputs
    assert parameters(critic) == total + channels[-1] * final[0] * final[1] + 1


def test_the_critic_starts_as_dcgan():
    first, _, second, *_ = DCGANDiscriminator(num_conv=2).features
    assert second.weight.mean().abs() < 1e-3
    assert second.weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert not first.bias.any() and second.bias is None


def influence(network, *inputs):
    """How far the corner of an output depends on each pixel of an input."""
    inputs[0].requires_grad_()
    network(*inputs)[0, :, 0, 0].sum().backward()
    return inputs[0].grad[0].abs().sum(0)


def test_the_code_lets_the_coarse_generator_see_the_whole_picture():
    """A corner depends on the other; through convolutions alone it cannot."""
    size = 64
    img, pose = torch.randn(1, 3, size, size), torch.randn(1, 18, size, size)
    coarse = PG2CoarseGenerator(base_channels=8, num_levels=2)
    assert (influence(coarse, img, pose) > 0).float().mean() > 0.9
    refine = PG2RefineGenerator(base_channels=8, num_levels=2)
    seen = influence(refine, torch.randn(1, 3, size, size), img)
    # 3x3: the stem, two of the finest block, the strided one, two and two at
    # half the size, two and the head: 1 + 2 + 1 + 2 (2 + 2) + 2 + 1 pixels;
    # upsampling adds none in this direction.
    assert seen[:, 16:].any() == seen[16:].any() == torch.tensor(False)
    assert seen[:16, :16].any()


def reference_block(block, x):
    for layer in (block.first, block.second):
        x = F.relu(F.conv2d(x, layer.weight, layer.bias, padding=1))
    return x


def test_encoder_and_decoder_by_hand():
    """Level by level; upsampling comes first here, as the paper has it."""
    encoder, decoder = UNetEncoder(2, [3, 5]), UNetDecoder(4, [3, 5], 2)
    x, below = torch.randn(2, 2, 6, 10), torch.randn(2, 4, 3, 5)
    stem = F.relu(encoder.stem(x))
    fine = stem + reference_block(encoder.blocks[0], stem)
    halved = F.relu(encoder.downsamples[0](fine))
    small = halved + reference_block(encoder.blocks[1], halved)
    assert_near(encoder(x), [fine, small])

    joined = torch.cat([below, small], 1)
    joined = joined + reference_block(decoder.blocks[1], joined)
    large = joined.repeat_interleave(2, 2).repeat_interleave(2, 3)
    large = F.relu(decoder.upsamples[0](large))
    top = torch.cat([large, fine], 1)
    top = top + reference_block(decoder.blocks[0], top)
    assert_near(decoder(below, [fine, small]), decoder.head(top))


@pytest.mark.parametrize('size', [(44, 29), (64, 64), (20, 80)])
def test_pictures_of_other_sizes_pass(size):
    coarse = PG2CoarseGenerator((8, 8), base_channels=4, num_levels=3)
    img, pose = torch.randn(2, 3, *size), torch.randn(2, 18, *size)
    made = coarse(img, pose)
    refine = PG2RefineGenerator(base_channels=4, num_levels=2)
    critic = DCGANDiscriminator(base_channels=4, num_conv=2)
    assert made.shape == refine(made, img).shape == img.shape
    assert critic(made).shape == (2, 1)


def test_a_larger_bottleneck_is_averaged_and_repeated():
    coarse = PG2CoarseGenerator((2, 3), base_channels=4, num_levels=2)
    features = torch.randn(2, 8, 4, 6)
    averaged = features.unflatten(3, (3, 2)).unflatten(2, (2, 2)).mean((3, 5))
    maps = coarse.bottleneck(averaged)  # of its own size
    wanted = maps.repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert_near(coarse.bottleneck(features), wanted)
    code = averaged.flatten(1) @ coarse.to_code.weight.T + coarse.to_code.bias
    back = code @ coarse.from_code.weight.T + coarse.from_code.bias
    assert_near(maps, back.reshape(2, 4, 2, 3))
