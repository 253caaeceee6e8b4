"""Protocols: what is done to pictures, against other libraries."""

from dataclasses import FrozenInstanceError, replace

import cv2
import numpy as np
import pytest
import torch
from evaluation_samples import evaluate, make_samples, stack
from PIL import Image

from mmposetransfer.evaluation import (
    ImageQuality,
    Protocol,
    SSIMVariant,
    get_protocol,
    protocol_names,
    register_protocol,
)
from mmposetransfer.evaluation.protocols import published


def _pictures(size, count=2, seed=0):
    """Smooth colours with some noise, uint8 (N, H, W, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size[0], : size[1]]
    waves = np.stack([np.sin(x / 9), np.cos(y / 7), np.sin((x + y) / 5)], -1)
    base = 120 + 80 * waves * rng.uniform(0.5, 1, (count, 1, 1, 1))
    noisy = base + rng.normal(0, 9, base.shape)
    return noisy.clip(0, 255).astype(np.uint8)


def _as_model_makes_them(pictures):
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


def _as_pictures(images):
    return (images * 255).permute(0, 2, 3, 1).round().numpy()


def test_names_are_known_and_part_of_the_numbers():
    assert {
        'dsc',
        'patn',
        'official',
        'gfla',
        'gfla_256x176',
        'gfla_512x352',
        'torchmetrics',
    } <= set(protocol_names())
    for name in protocol_names():
        protocol = get_protocol(name)
        assert protocol.name == name and protocol.source
        assert protocol.numbered('SSIM') == f'SSIM_{name}'


def test_a_misspelt_name_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match="'dcs'.*mean 'dsc'.*Known.*gfla"):
        get_protocol('dcs')


def test_protocols_do_not_change():
    with pytest.raises(FrozenInstanceError):
        get_protocol('dsc').name = 'other'
    with pytest.raises(ValueError, match="another protocol 'dsc'"):
        register_protocol(replace(get_protocol('dsc'), rounding='down'))
    again = register_protocol(get_protocol('dsc'))
    assert again is get_protocol('dsc')


@pytest.mark.parametrize(
    'wrong, message',
    [
        (dict(name='my lab/1'), "letters.*got 'my lab/1'"),
        (dict(rounding='up'), "rounding.*'nearest', 'down'.*got 'up'"),
        (dict(resize_filter='box'), "resize_filter.*'bicubic'.*got 'box'"),
        (dict(jpeg_quality=101), 'from 0 to 100, got 101'),
        (dict(real_set='val'), "real_set.*'train', 'test'.*got 'val'"),
        (dict(file_format='gif'), "file_format.*'png', 'jpg'.*got 'gif'"),
        (dict(lpips_network='net'), "lpips_network.*'squeeze'.*got 'net'"),
        (dict(fid_network='v3'), "fid_network.*'torchvision'.*got 'v3'"),
        (dict(jpeg_of=('false',)), "'generated' and 'true'.*'false'"),
        (
            dict(resize_filter='lanczos', antialias=False),
            'Lanczos with antialias=False',
        ),
    ],
)
def test_what_cannot_be_computed_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        replace(get_protocol('dsc'), **wrong)


def test_a_protocol_of_ones_own(monkeypatch):
    monkeypatch.setattr(published, '_protocols', {})
    mine = Protocol('mine', 'me', SSIMVariant('uniform', 5))
    with pytest.raises(ValueError, match="no evaluation protocol 'mine'"):
        ImageQuality('mine')
    assert ImageQuality(mine).protocol is mine
    register_protocol(mine)
    samples = make_samples(2)
    numbers = evaluate(
        [('ImageQuality', dict(protocol='mine'))], samples, baselines=[]
    )
    assert set(numbers) == {'SSIM_mine', 'PSNR_mine', 'L1_mine'}


def test_pictures_are_rounded_or_cut_down_to_8_bits():
    images = torch.tensor([-1.2, -1 + 0.7 / 127.5, 0.999]).view(1, 1, 1, 3)
    for name, expected in (('dsc', (0, 1, 255)), ('official', (0, 0, 254))):
        pred, target = get_protocol(name).prepare(images, images)
        np.testing.assert_allclose(pred.flatten() * 255, expected, atol=1e-4)
        assert torch.equal(pred, target)


@pytest.mark.parametrize('mode', ['bicubic', 'bilinear'])
def test_resizing_is_that_of_pillow(mode):
    pictures = _pictures((75, 110))
    protocol = replace(get_protocol('dsc'), size=(32, 22), resize_filter=mode)
    images = _as_model_makes_them(pictures)
    filters = {'bicubic': Image.BICUBIC, 'bilinear': Image.BILINEAR}
    expected = np.stack(
        [
            np.asarray(Image.fromarray(p).resize((22, 32), filters[mode]))
            for p in pictures
        ]
    )
    for got in protocol.prepare(images, images):
        error = np.abs(_as_pictures(got) - expected)
        # Pillow rounds between rows and columns, too.
        assert error.max() <= 1 and error.mean() < 0.2


def test_pictures_of_the_size_are_not_resized():
    pictures = _pictures((256, 176), 1)
    images = _as_model_makes_them(pictures)
    got, _ = get_protocol('gfla_256x176').prepare(images, images)
    np.testing.assert_allclose(_as_pictures(got), pictures)
    got, _ = get_protocol('gfla_512x352').prepare(images, images)
    assert got.shape == (1, 3, 512, 352)


def test_generated_pictures_go_through_jpeg_files(tmp_path):
    pictures = _pictures((40, 32), 1)
    images = _as_model_makes_them(pictures)
    errors = []
    for quality in (30, 95):
        protocol = replace(get_protocol('dsc'), jpeg_quality=quality)
        pred, target = protocol.prepare(images, images)
        np.testing.assert_allclose(_as_pictures(target), pictures)
        path = str(tmp_path / 'a.jpg')
        bgr = pictures[0, ..., ::-1]
        cv2.imwrite(path, bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
        expected = np.asarray(Image.open(path), np.float32)
        error = np.abs(_as_pictures(pred)[0] - expected)
        assert error.mean() < 1  # of another decoder
        errors.append(float((pred - target).abs().mean()))
    assert errors[0] > 1.1 * errors[1] > 0


@pytest.mark.parametrize('width', [256, 176])
def test_patn_compares_the_middle_and_has_white_beside_it(width):
    from skimage.metrics import structural_similarity

    pred, target = (_pictures((256, width), 1, seed) for seed in (0, 1))
    images = [_as_model_makes_them(p) for p in (pred, target)]
    protocol = get_protocol('patn')
    cut = protocol.prepare(*images)
    if width == 256:
        pred, target = pred[:, :, 40:216], target[:, :, 40:216]
    np.testing.assert_allclose(_as_pictures(cut[0]), pred)
    white = np.full((256, 40, 3), 255, np.uint8)
    padded = [np.hstack([white, p[0], white]) for p in (pred, target)]
    expected = structural_similarity(
        *padded,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=int(padded[0].max()) - int(padded[0].min()),
        channel_axis=2,
    )
    assert float(protocol.ssim(*cut)) == pytest.approx(expected, abs=1e-5)


def test_pictures_too_small_for_a_crop_are_refused():
    images = torch.zeros(1, 3, 64, 64)
    with pytest.raises(ValueError, match=r"'patn'.*\(256, 176\).*\(64, 64\)"):
        get_protocol('patn').prepare(images, images)


def test_a_crop_counts_for_all_numbers():
    samples = make_samples(2, size=(20, 24))
    middle = replace(get_protocol('dsc'), name='middle', crop=(14, 12))
    got = evaluate([('ImageQuality', dict(protocol=middle))], samples)
    error = stack(samples, 'pred_img') - stack(samples, 'gt_img')
    expected = error[..., 3:17, 6:18].abs().mean() / 2
    assert got['L1_middle'] == pytest.approx(float(expected), abs=0.003)
