"""Protocols by the names of papers, against the libraries they use."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from evaluation_samples import evaluate, make_samples
from mmengine.config import Config
from PIL import Image
from skimage.metrics import structural_similarity
from torchmetrics.functional.image import (
    structural_similarity_index_measure,
)

from mmposetransfer.config.protocol_choice import choose_protocols
from mmposetransfer.evaluation import get_protocol
from mmposetransfer.evaluation.protocols import papers
from mmposetransfer.evaluation.protocols.resizing import resize_pictures


def picture(size, seed=0):
    """Smooth colours with some noise, uint8 (H, W, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size[0], : size[1]]
    waves = np.stack([np.sin(x / 9), np.cos(y / 7), np.sin((x + y) / 5)], -1)
    noisy = 120 + 80 * waves + rng.normal(0, 9, waves.shape)
    return noisy.clip(0, 255).astype(np.uint8)


def as_image(pixels):
    """As a model makes it: (1, 3, H, W) in [-1, 1]."""
    image = torch.from_numpy(pixels).permute(2, 0, 1)[None]
    return image.float() / 127.5 - 1


def as_pixels(images):
    return (images[0] * 255).permute(1, 2, 0).round().numpy().astype(np.uint8)


def in_unit_range(pixels):
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255


def test_lanczos_is_pillows():
    pixels = picture((90, 70))
    got = resize_pictures(in_unit_range(pixels), (64, 44), 'lanczos')
    wanted = Image.fromarray(pixels).resize((44, 64), Image.LANCZOS)
    np.testing.assert_array_equal(as_pixels(got), np.asarray(wanted))


def test_without_antialiasing_it_is_opencvs():
    pixels = picture((90, 70))
    images = in_unit_range(pixels)
    for name, flag in (
        ('bilinear', cv2.INTER_LINEAR),
        ('bicubic', cv2.INTER_CUBIC),
    ):
        got = as_pixels(resize_pictures(images, (64, 44), name, False))
        wanted = cv2.resize(pixels, (44, 64), interpolation=flag)
        # OpenCV has weights of 11 bits.
        assert np.abs(got.astype(int) - wanted).max() <= 1
        smooth = as_pixels(resize_pictures(images, (64, 44), name))
        assert np.abs(smooth.astype(int) - wanted).max() > 5


def test_leffa_is_lanczos_and_torchmetrics():
    protocol = get_protocol('leffa2025')
    true, made = picture((600, 400)), picture((512, 352), seed=1)
    got = protocol.prepare(as_image(made), as_image(true))
    wanted = np.array(Image.fromarray(true).resize((352, 512), Image.LANCZOS))
    np.testing.assert_array_equal(as_pixels(got[0]), made)
    np.testing.assert_array_equal(as_pixels(got[1]), wanted)
    ssim = structural_similarity_index_measure(
        in_unit_range(made), in_unit_range(wanted), data_range=1.0
    )
    assert float(protocol.ssim(*got)) == pytest.approx(float(ssim), abs=1e-5)


def test_pidms_second_ssim_has_a_gaussian_of_its_own():
    protocol = get_protocol('pidm2023')
    pixels = [picture((256, 256), seed) for seed in (1, 2)]
    pair = protocol.prepare(*map(as_image, pixels))
    span = int(pixels[0].max()) - int(pixels[0].min())
    for sigma, variant in (
        (1.2, protocol.ssim_256),
        (1.5, get_protocol('gfla2020').ssim_256),
    ):
        wanted = structural_similarity(
            *pixels,
            gaussian_weights=True,
            sigma=sigma,
            use_sample_covariance=False,
            data_range=span,
            channel_axis=2,
        )
        assert float(variant(*pair)) == pytest.approx(wanted, abs=1e-6)


def test_patn_stores_result_and_truth_as_jpeg():
    protocol = get_protocol('patn2019')
    pixels = [picture((256, 176), seed) for seed in (1, 2)]
    got = protocol.prepare(*map(as_image, pixels))
    for image, before in zip(got, pixels, strict=True):
        _, data = cv2.imencode(
            '.jpg', before[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 75]
        )
        wanted = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]
        np.testing.assert_array_equal(as_pixels(image), wanted)
    kept = protocol.without_jpeg_of('generated', 'true')
    assert kept.name == 'patn2019'
    got = kept.prepare(*map(as_image, pixels))
    for image, before in zip(got, pixels, strict=True):
        np.testing.assert_array_equal(as_pixels(image), before)


def test_sizes_that_a_paper_does_not_have_are_refused():
    images = torch.zeros(1, 3, 128, 64)
    with pytest.raises(ValueError, match='128x64.*dsc2018.*256x256 alone'):
        get_protocol('dsc2018').prepare(images, images)
    assert get_protocol('dsc2018_market1501').prepare(images, images)
    assert get_protocol('cfld2024').framed_size((1101, 750)) == (256, 176)
    assert get_protocol('patn2019').framed_size((256, 256)) == (256, 176)
    assert get_protocol('dsc').framed_size((9, 8)) == (9, 8)


def test_papers_say_what_they_report_and_leave_open():
    for protocol in papers.PAPERS:
        assert protocol.source and protocol.metrics and protocol.unknown
        assert ('FID' in protocol.metrics) == bool(protocol.fid_network)
        assert ('LPIPS' in protocol.metrics) == bool(protocol.lpips_network)
        assert ('SSIM_256' in protocol.metrics) == bool(protocol.ssim_256)
        assert not protocol.fid_network or protocol.real_set
        assert get_protocol(protocol.name) is protocol


def test_the_second_ssim_is_a_number_of_its_own():
    both = replace(
        get_protocol('official'),
        name='both',
        ssim_256=get_protocol('dsc').ssim,
    )
    samples = make_samples(2)
    got = evaluate([('ImageQuality', dict(protocol=both))], samples)
    assert {'SSIM_both', 'SSIM_256_both'} <= set(got)
    assert got['SSIM_256_both'] != got['SSIM_both']


def test_a_run_may_choose_other_protocols_than_its_config():
    metrics = [
        dict(type='ImageQuality', protocol='dsc'),
        dict(type='ImageQuality', protocol='official'),
        dict(type='Sharpness'),
        dict(type='FlowQuality'),
    ]
    wanted = [
        dict(type='ImageQuality', protocol='dsc2018'),
        dict(type='ImageQuality', protocol='patn'),
        dict(type='Sharpness', protocol='dsc2018'),
        dict(type='Sharpness', protocol='patn'),
        dict(type='FlowQuality'),
    ]
    nested = Config(dict(test_evaluator=dict(metrics=metrics, type='E')))
    plain = Config(dict(test_evaluator=metrics))
    for cfg in (nested, plain):
        choose_protocols(cfg, ['dsc2018', 'patn', 'patn'])
    assert nested.test_evaluator.metrics == wanted
    assert nested.test_evaluator.type == 'E'
    assert plain.test_evaluator == wanted
    with pytest.raises(ValueError, match="no evaluation protocol 'dcs'"):
        choose_protocols(plain, ['dcs'])
    flow = Config(dict(test_evaluator=dict(type='FlowQuality')))
    with pytest.raises(ValueError, match='no metric.*takes a protocol'):
        choose_protocols(flow, ['dsc'])
