"""Textures by attention, and what they learn from, against loops."""

import pytest
import torch
import torch.nn.functional as F
from closeness import assert_near

from mmposetransfer.models.methods.nted import (
    AttentionReconstructionLoss,
    TextureAttention,
    TextureDistribution,
    TextureExtraction,
    distribute,
    extract,
)


def test_textures_are_means_of_the_places_that_they_look_at():
    torch.manual_seed(0)
    values, scores = torch.randn(2, 3, 4, 5), torch.randn(2, 6, 4, 5)
    textures, weights = extract(values, scores)
    for n in range(2):
        for k in range(6):
            share = scores[n, k].exp() / scores[n, k].exp().sum()
            torch.testing.assert_close(weights[n, k], share.flatten())
            wanted = [(share * values[n, c]).sum() for c in range(3)]
            torch.testing.assert_close(textures[n, k], torch.stack(wanted))


def test_places_get_means_of_the_textures_that_they_ask_for():
    torch.manual_seed(0)
    textures, scores = torch.randn(2, 6, 3), torch.randn(2, 6, 4, 5)
    got = distribute(textures, scores)
    for n in range(2):
        for y in range(4):
            for x in range(5):
                share = scores[n, :, y, x].softmax(0)
                wanted = sum(share[k] * textures[n, k] for k in range(6))
                torch.testing.assert_close(got[n, :, y, x], wanted)


def test_sure_attention_moves_pixels():
    """One texture a place, asked for elsewhere: a permutation."""
    torch.manual_seed(0)
    values = torch.randn(1, 3, 2, 3)
    order = torch.randperm(6)
    at = 1e4 * torch.eye(6).view(1, 6, 2, 3)
    textures, _ = extract(values, at)
    got = distribute(textures, at[:, order])
    wanted = torch.empty(1, 3, 6)
    for texture, place in enumerate(order):
        wanted[..., place] = values.flatten(2)[..., texture]
    torch.testing.assert_close(got.flatten(2), wanted)


@pytest.mark.parametrize('length', [1.0, 8.0])
def test_features_are_looked_at_by_their_direction(length):
    torch.manual_seed(0)
    layer = TextureExtraction(5, 3, 1, feature_length=length)
    x = torch.randn(1, 5, 4, 4)
    _, weights = layer(x)
    _, same = layer(7 * x + 2)
    torch.testing.assert_close(same, weights)
    scores = torch.empty(3, 4, 4)
    for y in range(4):
        for z in range(4):
            v = x[0, :, y, z] - x[0, :, y, z].mean()
            v = length * v / v.norm()
            scores[:, y, z] = layer.filters.weight[:, :, 0, 0] @ v / 5**0.5
    textures, wanted = extract(layer.values(x), scores[None])
    torch.testing.assert_close(weights, wanted)
    torch.testing.assert_close(layer(x)[0], textures)


def test_textures_are_added():
    torch.manual_seed(0)
    layer = TextureDistribution(5, 3, 3)
    x, textures = torch.randn(1, 5, 4, 4), torch.randn(1, 3, 5)
    got, scores = layer(x, textures)
    assert_near(scores, layer.filters(x))
    assert_near(got, (x + distribute(textures, scores)) / 2**0.5)


def sure(order, size):
    """Attention that moves each place to another."""
    at = 1e4 * torch.eye(len(order)).view(1, -1, *size)
    return TextureAttention(at.flatten(2).softmax(-1), at[:, order])


def test_attention_that_leads_to_the_target_has_no_loss():
    torch.manual_seed(0)
    ref = torch.rand(1, 3, 4, 4) * 2 - 1
    order = torch.randperm(16)
    tgt = torch.empty_like(ref)
    tgt.flatten(2)[..., order] = ref.flatten(2)
    loss = AttentionReconstructionLoss(15.0)
    assert loss([sure(order, (4, 4))], ref, tgt).item() < 1e-5
    stays = sure(torch.arange(16), (4, 4))
    both = loss([sure(order, (4, 4)), stays], ref, tgt)
    torch.testing.assert_close(both, 15 * (ref - tgt).abs().mean() / 2)


def test_the_loss_of_no_knowledge_is_that_of_the_mean_colour():
    ref = torch.rand(2, 3, 8, 8)
    tgt = torch.rand(2, 3, 8, 8)
    attention = TextureAttention(
        torch.full((2, 5, 16), 1 / 16), torch.zeros(2, 5, 4, 4)
    )
    small, wanted = (F.interpolate(x, (4, 4)) for x in (ref, tgt))
    mean = small.mean((2, 3), keepdim=True)
    got = AttentionReconstructionLoss(1.0)([attention], ref, tgt)
    torch.testing.assert_close(got, (mean - wanted).abs().mean())


def test_attention_learns_where_colours_go():
    """Of scores alone, by gradient descent."""
    torch.manual_seed(0)
    ref = torch.rand(1, 3, 4, 4) * 2 - 1
    tgt = ref.roll((1, 2), (2, 3))
    looks = torch.randn(1, 16, 16, requires_grad=True)
    asks = torch.randn(1, 16, 4, 4, requires_grad=True)
    loss = AttentionReconstructionLoss(1.0)
    optimizer = torch.optim.Adam([looks, asks], lr=0.2)
    values = []
    for _ in range(150):
        attention = TextureAttention(looks.softmax(-1), asks)
        value = loss([attention], ref, tgt)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        values.append(value.item())
    assert values[-1] == pytest.approx(0, abs=0.1 * values[0])
