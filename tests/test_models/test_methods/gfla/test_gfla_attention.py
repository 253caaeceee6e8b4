"""Local attention against unfolding and a plain loop."""

import pytest
import torch
import torch.nn.functional as F
from closeness import assert_near

from mmposetransfer.models.methods.gfla import LocalAttention, sample_patches


def untiled(tiles, size):
    """Tiles (N, C, kH, kW) in the layout of ``F.unfold``, (N, C k^2, H W)."""
    return F.unfold(tiles, size, stride=size)


@pytest.mark.parametrize('size', [1, 3, 5])
def test_patches_without_flow_are_unfolded(size):
    torch.manual_seed(0)
    x = torch.randn(2, 3, 6, 7)
    tiles = sample_patches(x, torch.zeros(2, 2, 6, 7), size)
    assert tiles.shape == (2, 3, 6 * size, 7 * size)
    assert_near(
        untiled(tiles, size), F.unfold(x, size, padding=size // 2), steps=256
    )


def bilinear(x, at_x, at_y):
    """One bilinear sample of (C, H, W), zeros outside, in plain Python."""
    left, top = int(at_x // 1), int(at_y // 1)
    total = torch.zeros(x.shape[0], dtype=x.dtype)
    for row in (top, top + 1):
        for column in (left, left + 1):
            if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
                weight = (1 - abs(at_x - column)) * (1 - abs(at_y - row))
                total += weight * x[:, row, column]
    return total


def attend_by_loop(attention, target, source, flow):
    """One pair, pixel by pixel."""
    size = attention.kernel_size
    steps = [i - size // 2 for i in range(size)]
    channels, height, width = target.shape
    out = torch.zeros_like(target)
    for h in range(height):
        for w in range(width):
            dx, dy = flow[:, h, w].tolist()
            patches = [
                torch.stack(
                    [
                        bilinear(image, w + x + j, h + y + i)
                        for i in steps
                        for j in steps
                    ],
                    1,
                ).view(1, channels, size, size)
                for image, x, y in ((target, 0, 0), (source, dx, dy))
            ]
            # One layer over both patches at once.
            weight = torch.cat(
                [attention.see_target.weight, attention.see_source.weight], 1
            )
            hidden = F.conv2d(
                torch.cat(patches, 1), weight, attention.see_source.bias
            )
            kernel = attention.kernels(hidden).flatten().softmax(0)
            out[:, h, w] = patches[1].view(channels, -1) @ kernel
    return out


@pytest.mark.parametrize('size', [3, 5])
def test_attention_is_a_softmax_over_the_flowed_patch(size):
    torch.manual_seed(size)
    attention = LocalAttention(2, size, hidden_channels=4).double()
    target, source = torch.randn(2, 2, 2, 5, 4, dtype=torch.float64)
    flow = 2 * torch.randn(2, 2, 5, 4, dtype=torch.float64)
    with torch.no_grad():
        got = attention(target, source, flow)
        for i in range(2):
            wanted = attend_by_loop(attention, target[i], source[i], flow[i])
            torch.testing.assert_close(got[i], wanted, rtol=0, atol=1e-9)


def test_equal_kernels_average_the_patch():
    attention = LocalAttention(3, 3, hidden_channels=4)
    torch.nn.init.zeros_(attention.kernels[1].weight)
    torch.nn.init.zeros_(attention.kernels[1].bias)
    x = torch.randn(1, 3, 6, 6)
    got = attention(torch.randn(1, 3, 6, 6), x, torch.zeros(1, 2, 6, 6))
    # Counting what lies outside of the picture as zeros.
    assert_near(got.detach(), F.avg_pool2d(x, 3, 1, 1))


def test_gradients_are_those_of_finite_differences():
    torch.manual_seed(0)
    attention = LocalAttention(1, 3, hidden_channels=2).double()
    target, source, flow = (
        torch.rand(1, c, 3, 3, dtype=torch.float64) for c in (1, 1, 2)
    )
    # Between pixels: bilinear sampling has corners at them.
    inputs = [target, source, 0.2 + 0.6 * flow]
    for x in inputs:
        x.requires_grad_()
    assert torch.autograd.gradcheck(attention, inputs)


def test_a_kernel_without_a_middle_is_refused():
    with pytest.raises(ValueError, match='must be odd, got 4'):
        LocalAttention(3, 4)
