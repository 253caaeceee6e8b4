"""PSNR, L1 and the warp by the true flow, against closed forms."""

import numpy as np
import pytest
import torch

from mmposetransfer.evaluation.functional import (
    centre_crop,
    l1,
    psnr,
    to_unit_range,
    warp_visible,
)


def test_psnr_and_l1_of_a_constant_error():
    target = torch.rand(2, 3, 8, 8) * 0.5
    pred = target.clone()
    pred[0] += 0.1
    pred[1] += 0.01
    np.testing.assert_allclose(psnr(pred, target), [20, 40], atol=1e-3)
    np.testing.assert_allclose(l1(pred, target), [0.1, 0.01], atol=1e-6)
    assert torch.isinf(psnr(target, target)).all()


def test_psnr_equals_scikit_image():
    from skimage.metrics import peak_signal_noise_ratio

    generator = torch.Generator().manual_seed(0)
    pred, target = torch.rand(2, 3, 3, 16, 16, generator=generator) * 255
    expected = [
        peak_signal_noise_ratio(t.numpy(), p.numpy(), data_range=255)
        for p, t in zip(pred, target, strict=True)
    ]
    got = psnr(pred, target, data_range=255)
    np.testing.assert_allclose(got, expected, atol=1e-4)


def test_to_unit_range_rounds_as_a_saved_picture():
    values = torch.tensor([-1.5, -1.0, 0.0, 1.0, 2.0, 1 / 255])
    expected = torch.tensor([0, 0, 128, 255, 255, 128]) / 255
    torch.testing.assert_close(to_unit_range(values), expected)


def test_truncating_is_a_cast_to_uint8():
    # Between the steps; on them float32 may be off to either side.
    steps = np.arange(255)[:, None] + [0.01, 0.4, 0.6, 0.99]
    values = (steps / 127.5 - 1).astype(np.float32)
    expected = ((values + 1.0) * 127.5).clip(0, 255).astype(np.uint8)
    got = to_unit_range(torch.from_numpy(values), truncate=True) * 255
    np.testing.assert_allclose(got, expected, atol=1e-3)


@pytest.mark.parametrize('truncate', [True, False])
def test_pictures_of_8_bits_stay_as_they_are(truncate):
    steps = torch.arange(256)
    images = steps.to(torch.uint8).float() / 127.5 - 1  # the preprocessor's
    got = to_unit_range(images, truncate) * 255
    torch.testing.assert_close(got, steps.float(), atol=1e-3, rtol=0)


def test_true_flow_warp_moves_visible_pixels_and_copies_the_rest():
    reference = torch.arange(2 * 3 * 6 * 8.0).view(2, 3, 6, 8)
    flow = torch.zeros(2, 2, 6, 8)
    flow[:, 0] = 2  # the target's pixel x comes from x + 2
    flow[:, 1] = -1
    visibility = torch.full((2, 1, 6, 8), 2, dtype=torch.uint8)
    visibility[:, :, 1:3, :6] = 0
    visibility[:, :, 3] = 1
    expected = reference.clone()
    expected[:, :, 1:3, :6] = reference[:, :, 0:2, 2:]
    got = warp_visible(reference, flow, visibility)
    torch.testing.assert_close(got, expected, atol=1e-4, rtol=0)


def test_centre_crop_is_the_middle():
    images = torch.arange(5 * 6).view(1, 1, 5, 6)
    got = centre_crop(images, (2, 4))
    assert got.flatten().tolist() == [7, 8, 9, 10, 13, 14, 15, 16]
    assert centre_crop(images, (5, 6)).shape == images.shape
    with pytest.raises(ValueError, match=r'at least \(5, 7\).*got \(5, 6\)'):
        centre_crop(images, (5, 7))


@pytest.mark.parametrize('function', [psnr, l1])
def test_half_precision_is_not_summed_in_half(function):
    pred = torch.zeros(1, 3, 128, 128, dtype=torch.bfloat16)
    target = torch.full_like(pred, 0.25)
    expected = {psnr: 10 * np.log10(16), l1: 0.25}[function]
    assert float(function(pred, target)) == pytest.approx(expected)
