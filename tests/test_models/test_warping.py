"""Warping against scipy, closed forms, numeric gradients, and mmcv."""

import numpy as np
import pytest
import torch
from scipy.ndimage import map_coordinates

from mmposetransfer.models import PixelWarping
from mmposetransfer.models.warping import (
    FeatureWarping,
    FlowWarp,
    available_backends,
    flow_pyramid,
    flow_warp,
    split_by_visibility,
    visibility_pyramid,
    warp_image,
)
from mmposetransfer.registry import MODELS

GATES = (
    'PlainGate',
    'HardGate',
    'SoftGate',
    'ResidualGate',
    'ResidualGateNoVis',
)


def random_case(
    seed=0, batch=2, channels=3, size=(9, 12), spread=4.0, dtype=torch.float64
):
    generator = torch.Generator().manual_seed(seed)

    def randn(*shape):
        return torch.randn(shape, generator=generator, dtype=dtype)

    return (
        randn(batch, channels, *size),
        spread * randn(batch, 2, *size),
        randn(batch, 1, *size),
    )


def warp_with_scipy(x, flow):
    ys, xs = np.mgrid[: flow.shape[2], : flow.shape[3]]
    # A border of zeros: scipy would clamp within the last half pixel.
    padded = np.pad(x.numpy(), ((0, 0), (0, 0), (1, 1), (1, 1)))
    return torch.from_numpy(
        np.stack(
            [
                np.stack(
                    [
                        map_coordinates(
                            channel, [ys + f[1] + 1, xs + f[0] + 1], order=1
                        )
                        for channel in image
                    ]
                )
                for image, f in zip(padded, flow.numpy(), strict=True)
            ]
        )
    )


def test_flow_warp_agrees_with_scipy():
    x, flow, _ = random_case()
    torch.testing.assert_close(
        flow_warp(x, flow), warp_with_scipy(x, flow), atol=1e-9, rtol=0
    )


def test_flow_points_from_target_to_reference():
    x = torch.zeros(1, 1, 8, 8)
    x[0, 0, 2, 5] = 1  # (x, y) = (5, 2) in the reference
    flow = torch.zeros(1, 2, 8, 8)
    flow[0, 0, 6, 1], flow[0, 1, 6, 1] = 4, -4
    warped = flow_warp(x, flow)
    assert warped[0, 0, 6, 1].item() == pytest.approx(1, abs=1e-5)
    # Zero flow leaves the source where it was; nothing else is hit.
    assert warped.sum().item() == pytest.approx(2, abs=1e-4)


def test_outside_is_zero_and_borders_are_exact():
    x = torch.rand(1, 2, 5, 7, dtype=torch.float64) + 1
    still = flow_warp(x, torch.zeros(1, 2, 5, 7, dtype=torch.float64))
    torch.testing.assert_close(still, x)
    away = torch.full((1, 2, 5, 7), 7.0, dtype=torch.float64)
    assert flow_warp(x, away).abs().max() < 1e-12


def test_output_has_the_size_of_the_flow():
    x, _, _ = random_case()
    flow = torch.zeros(2, 2, 4, 5, dtype=x.dtype)
    torch.testing.assert_close(flow_warp(x, flow), x[..., :4, :5])


def test_gradients_are_right():
    x, flow, gate = random_case(batch=1, channels=2, size=(4, 5), spread=1)
    # Away from whole numbers, where bilinear sampling has a kink.
    flow = (
        flow.round()
        + 0.2
        + 0.6
        * torch.rand(
            flow.shape,
            generator=torch.Generator().manual_seed(1),
            dtype=flow.dtype,
        )
    )
    tensors = [t.requires_grad_() for t in (x, flow, gate)]
    assert torch.autograd.gradcheck(
        lambda *t: flow_warp(*t, backend='grid_sample'), tensors
    )


@pytest.mark.full_stack('mmcv.ops')
@pytest.mark.parametrize('gated', [False, True])
def test_backends_agree_in_values_and_gradients(gated):
    results = []
    for backend in ('grid_sample', 'mmcv'):
        x, flow, gate = random_case(seed=3, dtype=torch.float64)
        tensors = [t.requires_grad_() for t in (x, flow, gate)]
        out = flow_warp(x, flow, gate if gated else None, backend=backend)
        weights = torch.linspace(0, 1, out.numel(), dtype=out.dtype)
        (out.flatten() * weights).sum().backward()
        results.append(
            [out.detach(), *(t.grad for t in tensors if t.grad is not None)]
        )
    assert len(results[0]) == (4 if gated else 3)
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-10, rtol=1e-8)


@pytest.mark.skipif(
    'mmcv' in available_backends(),
    reason='the compiled operators of mmcv are there',
)
def test_missing_backend_says_how_to_get_it():
    x, flow, _ = random_case()
    with pytest.raises(ImportError, match='pip install mmcv'):
        flow_warp(x, flow, backend='mmcv')


@pytest.mark.parametrize(
    'shapes, message',
    [
        (((2, 3, 4, 4), (2, 3, 4, 4)), r'flow \(N, 2, H, W\)'),
        (((2, 3, 4, 4), (1, 2, 4, 4)), 'batch of 2'),
    ],
)
def test_wrong_shapes_are_named(shapes, message):
    x, flow = map(torch.zeros, shapes)
    with pytest.raises(ValueError, match=message):
        flow_warp(x, flow)


def test_unknown_backend_is_refused():
    with pytest.raises(ValueError, match="'grid_sample'"):
        FlowWarp(backend='cuda')


def test_warp_stays_in_float32_under_autocast():
    x, flow, _ = random_case(size=(64, 64), spread=20, dtype=torch.float32)
    with torch.autocast('cpu', torch.bfloat16):
        warped = flow_warp(x.bfloat16(), flow)
    assert warped.dtype == torch.float32
    torch.testing.assert_close(warped, flow_warp(x.bfloat16().float(), flow))


def test_pyramids():
    flow = torch.tensor([8.0, -4.0]).view(1, 2, 1, 1).expand(1, 2, 8, 8)
    for level, f in enumerate(flow_pyramid(flow, 4)):
        assert f.shape[-1] == 8 // 2**level
        # A constant shift of 8 pixels is one of 8 / 2^l coarse ones.
        torch.testing.assert_close(
            f, torch.full_like(f, 1) * flow[..., :1, :1] / 2**level
        )
    visibility = torch.full((1, 1, 4, 4), 2, dtype=torch.uint8)
    visibility[0, 0, 0, 0] = 0
    visibility[0, 0, 3, 2:] = 1
    coarse = visibility_pyramid(visibility, 2)[1]
    assert coarse[0, 0].tolist() == [[0, 2], [2, 1]]


def test_split_excludes_and_drops_the_background():
    x = torch.rand(1, 2, 1, 3)
    visibility = torch.tensor([0, 1, 2]).view(1, 1, 1, 3)
    seen, unseen = split_by_visibility(x, visibility).chunk(2, 1)
    assert torch.equal(seen, x * torch.tensor([1.0, 0, 0]))
    assert torch.equal(unseen, x * torch.tensor([0.0, 1, 0]))


@pytest.mark.parametrize('gate', GATES)
def test_feature_warping_learns_through_every_gate(gate):
    layer = FeatureWarping(4, gate=dict(type=gate))
    x, flow, _ = random_case(channels=4, size=(8, 8), dtype=torch.float32)
    x.requires_grad_()
    visibility = torch.randint(0, 3, (2, 1, 8, 8)).float()
    layer(x, flow, visibility).square().mean().backward()
    assert x.grad.abs().sum() > 0
    assert all(p.grad is not None for p in layer.parameters())


def test_hard_gate_zeroes_the_background_only():
    gate = MODELS.build(dict(type='HardGate', channels=2))
    visibility = torch.tensor([0, 1, 2]).view(1, 1, 1, 3)
    x = torch.ones(1, 2, 1, 3)
    assert gate(x, visibility)[0, 0, 0].tolist() == [1, 1, 0]


def test_warped_image_is_black_off_the_body():
    img = torch.rand(1, 3, 4, 4)
    visibility = torch.zeros(1, 1, 4, 4, dtype=torch.uint8)
    visibility[..., 2:] = 2
    warped = warp_image(img, torch.zeros(1, 2, 4, 4), visibility)
    torch.testing.assert_close(warped[..., :2], img[..., :2])
    assert (warped[..., 2:] == -1).all()


def test_pixel_warping_mixes_by_its_weight():
    layer = PixelWarping(base_channels=4, max_channels=8, num_levels=2).eval()
    img, ref = torch.rand(2, 1, 3, 8, 8)
    flow = torch.zeros(1, 2, 8, 8)
    visibility = torch.zeros(1, 1, 8, 8, dtype=torch.uint8)
    for bias, expected in ((50.0, ref), (-50.0, img)):
        torch.nn.init.zeros_(layer.head[2][1].weight)
        torch.nn.init.constant_(layer.head[2][1].bias, bias)
        out, weight, warped = layer(img, ref, flow, visibility)
        torch.testing.assert_close(out, expected)
        torch.testing.assert_close(warped, ref)
        assert weight.shape == (1, 1, 8, 8)
