"""Weight normalisation and its start, the prior's groups."""

import pytest
import torch
import torch.nn.functional as F
from closeness import assert_near
from processes import run_processes
from torch import nn

from mmposetransfer.models.methods.vunet.layers import (
    Downsample,
    ResidualBlock,
    Upsample,
    WeightNormConv2d,
)
from mmposetransfer.models.methods.vunet.prior import (
    AutoregressivePrior,
    from_groups,
    to_groups,
)


@pytest.fixture(autouse=True)
def the_same_every_time():
    torch.manual_seed(0)


def batch(channels=5, size=12):
    return 3 * torch.randn(4, channels, size, size) + 2


# -------------------------------------------------------- weight normalisation


@pytest.mark.parametrize(
    'layer, shape',
    [
        (WeightNormConv2d(5, 7), (4, 7, 12, 12)),
        (WeightNormConv2d(5, 7, 1), (4, 7, 12, 12)),
        (Downsample(5, 7), (4, 7, 6, 6)),
    ],
)
def test_the_first_batch_gives_mean_zero_and_variance_one(layer, shape):
    out = layer.train()(batch())
    assert out.shape == shape
    torch.testing.assert_close(
        out.mean((0, 2, 3)), torch.zeros(7), rtol=0, atol=1e-5
    )
    torch.testing.assert_close(
        out.var((0, 2, 3), correction=0), torch.ones(7), rtol=1e-4, atol=0
    )


def test_the_second_batch_is_normalised_by_the_first():
    layer = WeightNormConv2d(5, 7)
    layer(batch())
    state = {key: value.clone() for key, value in layer.state_dict().items()}
    layer(10 * batch())
    assert all(torch.equal(v, state[k]) for k, v in layer.state_dict().items())


def test_nothing_is_chosen_outside_of_training():
    layer = WeightNormConv2d(5, 7).eval()
    layer(batch())
    assert not layer.initialized and layer.gain.eq(1).all()
    layer.train()(batch())
    assert layer.initialized and not layer.gain.eq(1).all()


def test_it_is_the_convolution_of_torchs_weight_norm():
    """Values and gradients of direction and length."""
    layer = WeightNormConv2d(5, 7, stride=2)
    layer(batch())
    reference = nn.utils.parametrizations.weight_norm(
        nn.Conv2d(5, 7, 3, 2, 1), dim=0
    )
    weights = reference.parametrizations.weight
    with torch.no_grad():
        weights.original0.copy_(layer.gain[:, None, None, None])
        weights.original1.copy_(layer.direction)
        reference.bias.copy_(layer.bias)
    x = batch()
    for network in (layer, reference):
        network(x).square().sum().backward()
    torch.testing.assert_close(layer(x), reference(x), rtol=1e-4, atol=1e-5)
    for got, wanted in (
        (layer.direction, weights.original1),
        (layer.gain, weights.original0),
        (layer.bias, reference.bias),
    ):
        torch.testing.assert_close(
            got.grad, wanted.grad.reshape(got.shape), rtol=1e-3, atol=1e-2
        )


def test_a_loaded_layer_does_not_choose_again():
    layer = WeightNormConv2d(5, 7)
    layer(batch())
    again = WeightNormConv2d(5, 7)
    again.load_state_dict(layer.state_dict())
    again.train()(10 * batch() - 3)
    assert torch.equal(again.gain, layer.gain)
    fresh = WeightNormConv2d(5, 7).state_dict()
    again.load_state_dict(fresh)  # begun anew
    torch.testing.assert_close(
        again(batch()).std((0, 2, 3)), torch.ones(7), rtol=0.01, atol=0
    )


def test_a_channel_that_does_not_vary_is_not_blown_up():
    layer = WeightNormConv2d(2, 3)
    out = layer(torch.zeros(2, 2, 4, 4))
    assert out.abs().max() < 1e-3 and layer.gain.max() <= 10


def start(rank):
    """A layer's start on a batch that differs from process to process."""
    torch.manual_seed(0)
    layer = WeightNormConv2d(5, 7)
    torch.manual_seed(1 + rank)
    x = (1 + rank) * batch()
    layer(x)
    return x, layer.gain.detach(), layer.bias.detach()


def test_processes_start_alike_from_all_of_their_batches():
    (first, gain, bias), (second, other_gain, other_bias) = run_processes(
        2, start
    )
    assert torch.equal(gain, other_gain) and torch.equal(bias, other_bias)
    torch.manual_seed(0)
    whole = WeightNormConv2d(5, 7)
    whole(torch.cat([first, second]))
    torch.testing.assert_close(gain, whole.gain.detach(), rtol=1e-4, atol=0)
    torch.testing.assert_close(bias, whole.bias.detach(), rtol=1e-3, atol=1e-5)


# -------------------------------------------------------------------- blocks


def plain(layer, x):
    """A weight-normalised convolution by hand."""
    length = layer.direction.square().sum((1, 2, 3), keepdim=True).sqrt()
    weight = layer.direction / length * layer.gain[:, None, None, None]
    return F.conv2d(x, weight, layer.bias, layer.stride, layer.padding)


def elu(x):
    return torch.where(x > 0, x, x.exp() - 1)


def test_a_residual_block_by_hand():
    x, a = batch(4), batch(6)
    block = ResidualBlock(4)
    block(x)
    torch.testing.assert_close(
        block(x), x + plain(block.conv, elu(x)), rtol=1e-4, atol=1e-4
    )
    block = ResidualBlock(4, 6)
    block(x, a)
    joined = torch.cat([x, plain(block.extra, elu(a))], 1)
    torch.testing.assert_close(
        block(x, a), x + plain(block.conv, elu(joined)), rtol=1e-4, atol=1e-4
    )


def test_dropout_is_for_training_alone():
    block = ResidualBlock(4, dropout=0.5)
    x = batch(4)
    assert not torch.equal(block(x), block(x))
    block.eval()
    assert_near(block(x), block(x))


def test_upsampling_gives_four_channels_a_place_in_a_square():
    up, x = Upsample(5, 2), batch()
    got = up(x)
    convolved = plain(up, x).unflatten(1, (2, 4))
    for i, group in enumerate(to_groups(got)):
        torch.testing.assert_close(
            group, convolved[:, :, i], rtol=1e-4, atol=1e-5
        )


# --------------------------------------------------------------------- prior


def test_groups_are_places_of_squares_and_can_be_put_back():
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    groups = [group.flatten().tolist() for group in to_groups(x)]
    assert groups == [
        [0, 2, 8, 10],
        [1, 3, 9, 11],
        [4, 6, 12, 14],
        [5, 7, 13, 15],
    ]
    y = torch.randn(2, 3, 4, 6)
    assert torch.equal(from_groups(to_groups(y)), y)


def test_a_group_depends_on_those_before_it_and_on_no_other():
    prior = AutoregressivePrior(4, 0.0).eval()
    h, latent = torch.randn(1, 4, 4, 4), torch.randn(1, 4, 4, 4)
    latent.requires_grad_()
    means = to_groups(prior(h, latent)[0])
    for i, mean in enumerate(means):
        if not i:
            continue  # it sees the pose alone
        (grad,) = torch.autograd.grad(
            mean.square().sum(), latent, retain_graph=True
        )
        seen = [bool(group.any()) for group in to_groups(grad)]
        assert seen == [k < i for k in range(4)]
    (grad,) = torch.autograd.grad(means[0].sum(), latent)
    assert not grad.any()


def test_a_latent_that_is_not_given_is_drawn_around_the_means():
    """Given what was drawn, the prior has the means it was drawn around."""
    prior = AutoregressivePrior(4, 0.0).eval()
    h = torch.randn(64, 4, 8, 8)
    means, drawn = prior(h)
    again, same = prior(h, drawn)
    assert_near(again, means)
    assert same is drawn
    noise = (drawn - means).flatten()
    assert noise.mean().abs() < 0.02
    assert noise.std().item() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    'shape, latent, message',
    [
        ((1, 4, 3, 4), None, 'pad_size_divisor'),
        ((1, 4, 4, 4), (1, 4, 2, 2), 'crop_factor'),
    ],
)
def test_sizes_that_do_not_fit_are_refused(shape, latent, message):
    prior = AutoregressivePrior(4, 0.0)
    latent = None if latent is None else torch.zeros(latent)
    with pytest.raises(ValueError, match=message):
        prior(torch.zeros(shape), latent)
