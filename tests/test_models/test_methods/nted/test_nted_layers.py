"""Resampling and equalised layers, against loops and other operators."""

import math

import pytest
import torch
import torch.nn.functional as F
from closeness import assert_near
from scipy.signal import convolve2d

from mmposetransfer.models.methods.nted import add_batch_deviation
from mmposetransfer.models.methods.nted.layers import (
    BlurDown,
    EqualConv2d,
    EqualLinear,
    UpConv2d,
    activate,
    blur,
    upsample,
)

TAPS = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
SQUARE = TAPS[:, None] * TAPS


def picture(channels=2, height=6, width=8):
    torch.manual_seed(0)
    return torch.randn(1, channels, height, width)


@pytest.mark.parametrize('padding', [1, 2])
def test_the_filter_is_that_of_scipy(padding):
    x = picture()
    got = blur(x, padding, gain=4.0)
    cut = 3 - padding
    for channel in range(2):
        full = convolve2d(x[0, channel], 4 * SQUARE)
        wanted = full[cut : len(full) - cut, cut : full.shape[1] - cut]
        torch.testing.assert_close(
            got[0, channel], torch.from_numpy(wanted).float()
        )


def test_twice_the_size_is_bilinear_inside():
    x = picture()
    wanted = F.interpolate(x, scale_factor=2, mode='bilinear')
    got = upsample(x)
    assert got.shape == wanted.shape
    assert_near(got[..., 1:-1, 1:-1], wanted[..., 1:-1, 1:-1])


@pytest.mark.parametrize('kernel_size', [1, 3])
def test_half_the_size_is_filter_convolution_and_every_other_pixel(
    kernel_size,
):
    layer = BlurDown(2, 3, kernel_size)
    x = picture()
    # The filter's middle lies between two pixels; the kernel's on one.
    around = F.pad(x, [(kernel_size + 1) // 2] * 4)
    spread = torch.stack(
        [
            torch.from_numpy(
                convolve2d(around[0, channel], SQUARE, mode='valid')
            ).float()
            for channel in range(2)
        ]
    )[None]
    full = F.conv2d(spread, layer.weight / math.sqrt(2 * kernel_size**2))
    got = layer(x)
    assert got.shape == (1, 3, 3, 4)
    torch.testing.assert_close(got, full[..., ::2, ::2])


def test_a_constant_stays_a_constant_inside():
    """Neither way of resampling changes how bright a surface is."""
    ones = torch.ones(1, 1, 12, 12)
    for layer in (UpConv2d(1, 1), BlurDown(1, 1)):
        torch.nn.init.ones_(layer.weight)
        got = (
            layer(ones)[..., 4:-4, 4:-4]
            if isinstance(layer, UpConv2d)
            else (layer(ones)[..., 2:-2, 2:-2])
        )
        # Nine weights of one, scaled by 1 / sqrt(9); of the transposed
        # convolution every pixel gets a quarter of four times the filter.
        wanted = 3.0
        torch.testing.assert_close(got, torch.full_like(got, wanted))


def test_twice_the_size_is_the_adjoint_of_a_convolution():
    """<up(x), y> = <x, down(y)>, with the loop's convolution and filter."""
    layer = UpConv2d(2, 3)
    x, y = picture(), torch.randn(1, 3, 12, 16)
    scaled = layer.weight / math.sqrt(2 * 9)  # (3, 2, 3, 3)
    wide = torch.zeros(3, 13, 17)
    for i in range(6):
        for j in range(8):
            for channel in range(2):
                wide[:, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3] += (
                    scaled[:, channel] * x[0, channel, i, j]
                )
    wanted = torch.stack(
        [
            torch.from_numpy(
                convolve2d(plane.detach(), 4 * SQUARE)[2:-2, 2:-2]
            ).float()
            for plane in wide
        ]
    )
    got = layer(x)
    torch.testing.assert_close(got[0], wanted)
    assert got.shape == y.shape


def test_weights_are_scaled_by_their_inputs():
    conv, linear = EqualConv2d(4, 5, 3), EqualLinear(9, 2)
    x, row = picture(4), torch.randn(3, 9)
    assert_near(conv(x), F.conv2d(x, conv.weight / 6, conv.bias, padding=1))
    assert_near(linear(row), row @ linear.weight.T / 3 + linear.bias)


def test_layers_keep_the_variance():
    torch.manual_seed(0)
    x = torch.randn(1, 64, 32, 32)
    for layer in (EqualConv2d(64, 64, 3), EqualConv2d(64, 64, 1)):
        inner = layer(x)[..., 1:-1, 1:-1]
        assert inner.var().item() == pytest.approx(1, rel=0.15)
        # E f(x)^2 = 2 (1 + 0.2^2) / 2 of a symmetric x.
        got = activate(inner).square().mean() / inner.square().mean()
        assert got.item() == pytest.approx(1.04, rel=0.05)


@pytest.mark.parametrize('count, size', [(8, 4), (6, 3), (2, 2), (5, 1)])
def test_the_deviation_of_a_batch_is_that_of_its_groups(count, size):
    torch.manual_seed(0)
    x = torch.randn(count, 3, 4, 4, dtype=torch.float64)
    got = add_batch_deviation(x)
    assert torch.equal(got[:, :3], x)
    strangers = count // size
    for index in range(count):
        group = x[index % strangers :: strangers]
        assert len(group) == size
        wanted = group.std(0, unbiased=False).mean() if size > 1 else 1e-4
        assert (got[index, 3] - wanted).abs().max() < 1e-6
