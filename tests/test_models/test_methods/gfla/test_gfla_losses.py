"""Sampling correctness, affine regularisation: closed forms, loops."""

import itertools
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from closeness import assert_near
from torch import cosine_similarity

from mmposetransfer.models.losses import VGG19Features
from mmposetransfer.models.methods.gfla import (
    AffineRegularizationLoss,
    SamplingCorrectnessLoss,
    affine_residual,
    sampling_correctness,
)


def grid(height, width):
    """X and y of each pixel, (1, 1, H, W) each."""
    ys, xs = torch.meshgrid(
        torch.arange(height, dtype=torch.float32),
        torch.arange(width, dtype=torch.float32),
        indexing='ij',
    )
    return xs[None, None], ys[None, None]


def test_an_affine_flow_costs_nothing():
    xs, ys = grid(8, 9)
    flow = torch.cat([3 - 0.5 * xs + 0.2 * ys, 0.1 * xs + ys - 7], 1)
    loss = AffineRegularizationLoss(kernel_sizes=(5, 3), loss_weight=1.0)
    assert loss([flow, flow]).item() == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize('size', [3, 5])
def test_a_quadratic_flow_costs_what_no_line_explains(size):
    """Of x^2 over -r ... r the variance is left, in each of the rows."""
    xs, ys = grid(9, 9)
    flow = torch.cat([xs**2, torch.zeros_like(ys)], 1)
    at = np.arange(size) - size // 2
    wanted = size * size * np.var(at.astype(float) ** 2)
    loss = AffineRegularizationLoss(kernel_sizes=(size,), loss_weight=1.0)
    assert loss([flow]).item() == pytest.approx(wanted, rel=1e-4)


def affine_cost_by_loop(flow, size):
    """Least squares from the target's places to the reference's."""
    height, width = flow.shape[-2:]
    costs = []
    for top in range(height - size + 1):
        for left in range(width - size + 1):
            rows = [
                (x, y)
                for y in range(top, top + size)
                for x in range(left, left + size)
            ]
            target = np.array([(x, y, 1.0) for x, y in rows])
            reference = np.array(
                [(x + flow[0, y, x], y + flow[1, y, x]) for x, y in rows]
            )
            fit, *_ = np.linalg.lstsq(target, reference, rcond=None)
            costs.append(((target @ fit - reference) ** 2).sum())
    return np.mean(costs)


def test_regularisation_is_what_least_squares_leaves():
    torch.manual_seed(0)
    flows = [torch.randn(2, 2, 7, 6), torch.randn(2, 2, 5, 4)]
    wanted = sum(
        np.mean([affine_cost_by_loop(f.numpy(), size) for f in flow])
        for flow, size in zip(flows, (5, 3), strict=True)
    )
    loss = AffineRegularizationLoss(kernel_sizes=(5, 3), loss_weight=0.5)
    assert loss(flows).item() == pytest.approx(0.5 * wanted, rel=1e-5)


def test_the_residual_is_a_projection_of_rank_less_three():
    p = affine_residual(5).double()
    torch.testing.assert_close(p @ p, p, rtol=0, atol=1e-6)
    assert p.trace().item() == pytest.approx(25 - 3, abs=1e-5)


def test_an_exact_flow_is_as_correct_as_can_be():
    """Of moved features: 1/e, and more for any other flow."""
    torch.manual_seed(0)
    ref = torch.rand(1, 16, 8, 8)
    tgt = torch.roll(ref, 2, 3)  # what was at x is at x + 2
    flow = torch.zeros(1, 2, 8, 8)
    flow[:, 0] = -2
    flow[:, 0, :, :2] = 6  # those that came in on the other side
    exact = sampling_correctness(ref, tgt, flow).item()
    assert exact == pytest.approx(math.exp(-1), abs=1e-5)
    assert sampling_correctness(ref, tgt, 0 * flow).item() > exact + 0.01


def test_correctness_is_the_papers_sum():
    """By a loop, with flows of half pixels: means of four features."""
    torch.manual_seed(0)
    ref, tgt = torch.rand(2, 2, 5, 3, 4, dtype=torch.float64)
    steps = torch.randint(-1, 1, (2, 2, 3, 4))  # to the upper left of the four
    around = F.pad(ref, (1, 2, 1, 2))  # zeros outside
    terms = []
    for n, y, x in itertools.product(range(2), range(3), range(4)):
        wanted = tgt[n, :, y, x]
        everywhere = ref[n].flatten(1).T
        best = max(cosine_similarity(u, wanted, 0) for u in everywhere)
        dx, dy = steps[n, :, y, x].tolist()
        four = around[n, :, y + dy + 1 : y + dy + 3, x + dx + 1 : x + dx + 3]
        found = cosine_similarity(four.mean((1, 2)), wanted, 0)
        terms.append(math.exp(-found / best))
    got = sampling_correctness(ref, tgt, steps + 0.5).item()
    assert got == pytest.approx(sum(terms) / len(terms), rel=1e-6)


def test_correctness_leads_the_flow_to_where_the_features_are():
    """Descent on the flow alone finds a bump that moved by a pixel."""
    xs, ys = grid(8, 8)

    def bumps(x, y):
        square = (xs - x) ** 2 + (ys - y) ** 2
        return torch.cat([torch.exp(-square / 8), torch.ones_like(xs)], 1)

    ref, tgt = bumps(4.0, 3.0), bumps(3.0, 3.0)
    shift = torch.zeros(1, 2, 1, 1, requires_grad=True)
    optimizer = torch.optim.Adam([shift], lr=0.1)
    for _ in range(60):
        optimizer.zero_grad()
        inner = (slice(None), slice(None), slice(2, 6), slice(2, 6))
        flow = shift.expand(1, 2, 8, 8)
        mask = torch.zeros(1, 1, 8, 8)
        mask[inner] = 1
        sampling_correctness(ref, tgt, flow * mask).backward()
        optimizer.step()
    dx, dy = shift.flatten().tolist()
    assert dx == pytest.approx(1, abs=0.15) and abs(dy) < 0.15


def test_finer_layers_are_averaged_down_to_their_flow():
    torch.manual_seed(0)
    ref, tgt = torch.rand(2, 1, 3, 16, 16) * 2 - 1
    flows = [torch.randn(1, 2, 8, 8), torch.randn(1, 2, 4, 4)]
    layers = ('relu1_1', 'relu2_1')
    loss = SamplingCorrectnessLoss(layers, 'random', loss_weight=2.0)
    vgg = VGG19Features(layers, 'random')
    a, b = vgg(ref), vgg(tgt)

    def halved(x):
        return x.view(1, x.shape[1], -1, 2, x.shape[3] // 2, 2).mean((3, 5))

    wanted = 2 * sum(
        sampling_correctness(halved(a[layer]), halved(b[layer]), flow)
        for layer, flow in zip(layers, flows, strict=True)
    )
    assert_near(loss(flows, ref, tgt), wanted)


def test_layers_that_do_not_fit_are_refused():
    loss = SamplingCorrectnessLoss(('relu2_1',), 'random')
    img = torch.zeros(1, 3, 16, 16)
    with pytest.raises(ValueError, match=r"'relu2_1'.*8x8.*16x16"):
        loss([torch.zeros(1, 2, 16, 16)], img, img)
    with pytest.raises(ValueError, match="'conv2_1'.*take 'relu2_1'"):
        SamplingCorrectnessLoss(('relu1_1', 'conv2_1'), 'random')
