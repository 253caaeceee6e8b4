"""SSIM against scikit-image and torchmetrics."""

import numpy as np
import pytest
import torch

from mmposetransfer.evaluation import get_protocol
from mmposetransfer.evaluation.functional import ms_ssim, ssim


def _batch(size=(70, 64), count=3, seed=0):
    """Pairs of 8-bit pictures that resemble each other, in [0, 1]."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size[0], : size[1]]
    waves = np.stack([np.sin(x / 9), np.cos(y / 7), np.sin((x + y) / 5)])
    base = 120 + 90 * waves[None] * rng.uniform(0.3, 1, (count, 1, 1, 1))
    noise = rng.normal(0, 9, (2, count, 3, *size))
    pictures = np.clip(base + noise, 0, 255).round()
    return [torch.from_numpy(p / 255).float() for p in pictures]


def _skimage(pred, target, **kwargs):
    from skimage.metrics import structural_similarity

    values = []
    for p, t in zip(pred.numpy(), target.numpy(), strict=True):
        data_range = kwargs.get('data_range', 1.0)
        if data_range == 'generated':
            data_range = p.max() - p.min()
        settings = dict(kwargs, data_range=data_range, channel_axis=0)
        values.append(
            structural_similarity(p.astype(float), t.astype(float), **settings)
        )
    return values


# The calls in the evaluation scripts of the papers.
PUBLISHED = {
    'dsc': dict(
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range='generated',
    ),
    'official': dict(win_size=7),
    'gfla': dict(win_size=51),
}


@pytest.mark.parametrize('protocol', sorted(PUBLISHED))
def test_protocols_equal_scikit_image(protocol):
    pred, target = _batch()
    pred[1] *= 0.4  # another range than its neighbours
    expected = _skimage(pred, target, **PUBLISHED[protocol])
    assert min(expected) > 0.1 and max(expected) < 0.98
    torch.testing.assert_close(
        get_protocol(protocol).ssim(pred, target),
        torch.tensor(expected, dtype=torch.double),
        atol=1e-6,
        rtol=0,
    )


def test_official_protocol_equals_uint8_call():
    pred, target = _batch(seed=1)
    as_uint8 = [(x * 255).round().to(torch.uint8) for x in (pred, target)]
    from skimage.metrics import structural_similarity

    expected = [
        structural_similarity(p, t, win_size=7, channel_axis=0)
        for p, t in zip(*(x.numpy() for x in as_uint8), strict=True)
    ]
    got = get_protocol('official').ssim(pred, target)
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_torchmetrics_protocol_equals_torchmetrics():
    from torchmetrics.functional.image import (
        structural_similarity_index_measure as reference,
    )

    pred, target = _batch(seed=2)
    expected = reference(pred, target, data_range=1.0, reduction='none')
    got = get_protocol('torchmetrics').ssim(pred, target)
    torch.testing.assert_close(got, expected.double(), atol=1e-4, rtol=0)


@pytest.mark.parametrize('window', ['gaussian', 'uniform'])
def test_other_windows_and_ranges(window):
    pred, target = _batch(seed=3)
    settings = (
        dict(gaussian_weights=True, sigma=2.5)
        if window == 'gaussian'
        else dict(win_size=9)
    )
    expected = _skimage(pred * 255, target * 255, data_range=255.0, **settings)
    got = ssim(
        pred * 255,
        target * 255,
        window,
        window_size=9 if window == 'uniform' else None,
        sigma=2.5,
        data_range=255.0,
        sample_covariance=True,
    )
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_identical_and_blank_images():
    pred, _ = _batch()
    assert torch.allclose(ssim(pred, pred), torch.ones(3).double())
    blank = torch.full((1, 3, 32, 32), 0.5)
    for protocol in ('dsc', 'official', 'torchmetrics'):
        value = get_protocol(protocol).ssim(blank, blank)
        assert value == pytest.approx(1.0, abs=1e-6)


def test_order_of_arguments_matters_only_for_the_generated_range():
    pred, target = _batch()
    pred = pred * 0.5
    assert torch.allclose(ssim(pred, target), ssim(target, pred))
    dsc = get_protocol('dsc').ssim
    assert not torch.allclose(dsc(pred, target), dsc(target, pred))


def test_errors_say_what_is_wrong():
    pred, target = _batch((32, 32), count=1)
    with pytest.raises(ValueError, match='at least 51x51, got .32, 32.'):
        get_protocol('gfla').ssim(pred, target)
    with pytest.raises(ValueError, match="smaller window .'official' 7"):
        get_protocol('dsc').ssim(pred[..., :10], target[..., :10])
    with pytest.raises(ValueError, match=r'one shape .*\(1, 3, 32, 31\)'):
        ssim(pred, target[..., :31])
    with pytest.raises(ValueError, match='odd'):
        ssim(pred, target, window_size=8)
    with pytest.raises(ValueError, match="'gaussian' or 'uniform'"):
        ssim(pred, target, window='box')


@pytest.mark.parametrize('size', [(192, 176), (181, 190)])
def test_ms_ssim_equals_torchmetrics(size):
    pytest.importorskip('torchmetrics', reason='needs torchmetrics')
    from torchmetrics.functional.image import (
        multiscale_structural_similarity_index_measure,
    )

    generator = torch.Generator().manual_seed(0)
    target = torch.rand(2, 3, 24, 22, generator=generator)
    target = torch.nn.functional.interpolate(target, size, mode='bilinear')
    noise = torch.rand(2, 3, *size, generator=generator) - 0.5
    for strength in (0.05, 0.4, 1.5):
        pred = (target + strength * noise).clamp(0, 1)
        wanted = multiscale_structural_similarity_index_measure(
            pred.double(), target.double(), data_range=1.0, reduction=None
        )
        np.testing.assert_allclose(ms_ssim(pred, target), wanted, atol=1e-6)
    np.testing.assert_allclose(ms_ssim(target, target), 1, atol=1e-12)
    # Another picture, of the opposite structure: no term goes below 0.
    assert (ms_ssim(1 - target, target) >= 0).all()


def test_ms_ssim_of_small_pictures_is_refused():
    small = torch.rand(1, 3, 96, 87)
    with pytest.raises(ValueError, match=r'88x88, got \(96, 87\)'):
        ms_ssim(small, small)
    with pytest.raises(ValueError, match='176x176'):
        ms_ssim(small, small, border='valid')
