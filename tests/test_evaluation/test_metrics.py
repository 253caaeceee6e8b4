"""The metrics' numbers, for the model and for baselines."""

import logging

import numpy as np
import pytest
import torch
from evaluation_samples import build_metric, evaluate, make_samples, stack

from mmposetransfer.evaluation import (
    PoseTransferEvaluator,
    PoseTransferMetric,
    get_protocol,
)
from mmposetransfer.evaluation.functional import (
    end_point_error,
    psnr,
    to_unit_range,
    warp_visible,
)
from mmposetransfer.evaluation.metrics import base


def test_image_quality_is_the_mean_over_samples():
    samples = make_samples()
    got = evaluate([('ImageQuality', dict(protocol='official'))], samples)
    target = to_unit_range(stack(samples, 'gt_img'), truncate=True)
    reference = stack(samples, 'ref_img')
    warped = warp_visible(
        reference, stack(samples, 'gt_flow'), stack(samples, 'gt_visibility')
    )
    images = {
        '': stack(samples, 'pred_img'),
        'copy_reference/': reference,
        'true_flow_warp/': warped,
    }
    assert len(got) == 9
    for method, image in images.items():
        image = to_unit_range(image, truncate=True)
        ssim = get_protocol('official').ssim(image, target).mean()
        assert got[f'{method}SSIM_official'] == pytest.approx(float(ssim))
        ratio = float(psnr(image, target).mean())
        assert got[f'{method}PSNR_official'] == pytest.approx(ratio)
        error = float((image - target).abs().mean())
        assert got[f'{method}L1_official'] == pytest.approx(error, abs=1e-6)
    assert got['SSIM_official'] > got['copy_reference/SSIM_official']


def test_multi_scale_ssim_is_the_mean_of_torchmetrics():
    image = pytest.importorskip('torchmetrics.image')
    samples = make_samples(3, size=(180, 176))
    wanted = image.MultiScaleStructuralSimilarityIndexMeasure(data_range=1.0)
    for sample in samples:  # as the files of 8 bits have them
        wanted.update(
            *(
                ((picture[None].double() + 1) * 127.5).round() / 255
                for picture in (sample.pred_img, sample.gt_img)
            )
        )
    got = evaluate(['MultiScaleSSIM'], samples)
    assert got['MS_SSIM_dsc'] == pytest.approx(
        float(wanted.compute()), abs=1e-6
    )
    assert got['copy_reference/MS_SSIM_dsc'] < got['MS_SSIM_dsc']


def test_flow_quality_weighs_pixels_alike():
    samples = make_samples()
    samples[0].gt_visibility[:, 3:] = 2  # a sample with few visible pixels
    got = evaluate(['FlowQuality'], samples)
    truth = stack(samples, 'gt_flow')
    visibility = stack(samples, 'gt_visibility')
    pred = stack(samples, 'pred_visibility')
    zero = end_point_error(torch.zeros_like(truth), truth, visibility)
    assert got['EPE'] == pytest.approx(2**0.5, abs=1e-5)
    assert got['zero_flow/EPE'] == pytest.approx(float(zero))
    right = float((pred == visibility).double().mean())
    assert got['vis_accuracy'] == pytest.approx(right)
    ious = [
        ((pred == c) & (visibility == c)).sum()
        / ((pred == c) | (visibility == c)).sum()
        for c in range(3)
    ]
    assert got['vis_mIoU'] == pytest.approx(float(sum(ious) / 3))


def test_flow_without_visibility_has_an_end_point_error():
    samples = make_samples()
    whole = evaluate(['FlowQuality'], samples)
    for sample in samples:
        del sample.pred_visibility
    got = evaluate(['FlowQuality'], samples)
    assert set(got) == {'EPE', 'zero_flow/EPE'}
    assert got['EPE'] == pytest.approx(whole['EPE'])


def test_no_visible_pixel_is_no_error_of_zero():
    samples = make_samples(2)
    for sample in samples:
        sample.gt_visibility.fill_(2)
    assert np.isnan(evaluate(['FlowQuality'], samples)['EPE'])


@pytest.mark.parametrize('kind', ['ImageQuality', 'FlowQuality'])
def test_split_over_processes_changes_nothing(kind):
    samples = make_samples()
    whole = evaluate([kind], samples, batch=5)
    shares = []
    for rank in range(2):
        evaluator = PoseTransferEvaluator(build_metric(kind))
        evaluator.process(samples[rank::2])
        shares.append(evaluator.metrics[0])
    results = shares[0].results + shares[1].results
    assert len(results) == len(samples)  # one entry each: padding can go
    assert shares[0].compute_metrics(results) == pytest.approx(whole)


def test_images_of_different_sizes_are_scored_apart():
    small, large = make_samples(3), make_samples(1, size=(32, 48), seed=1)
    mixed = [small[0], *large, *small[1:]]
    got = evaluate(['ImageQuality'], mixed, batch=4)
    each = [
        evaluate(['ImageQuality'], [sample])['SSIM_dsc'] for sample in mixed
    ]
    assert got['SSIM_dsc'] == pytest.approx(np.mean(each))


def test_an_identical_pair_does_not_make_the_mean_infinite():
    samples = make_samples(2)
    samples[0].ref_img = samples[0].gt_img
    got = evaluate(['ImageQuality'], samples)
    assert np.isfinite(got['copy_reference/PSNR_dsc'])


def test_missing_fields_are_named():
    samples = make_samples(1)
    del samples[0].pred_flow
    with pytest.raises(
        KeyError, match="FlowQuality needs 'pred_flow'.*r0 -> t0.*predict"
    ):
        evaluate(['FlowQuality'], samples)
    del samples[0].gt_img
    with pytest.raises(KeyError, match="needs 'gt_img'.*dataset"):
        evaluate(['ImageQuality'], samples)


def test_unknown_protocol_and_argument():
    with pytest.raises(ValueError, match="'torchmetric'.*'torchmetrics'"):
        build_metric('ImageQuality', protocol='torchmetric')
    with pytest.raises(TypeError, match="'protocl'.*'protocol'"):
        build_metric('ImageQuality', protocl='dsc')


@pytest.fixture
def warnings(monkeypatch):
    """What is logged as a warning meanwhile."""
    found = []

    def print_log(message, logger, level):
        assert (logger, level) == ('current', logging.WARNING)
        found.append(message)

    monkeypatch.setattr(base, 'print_log', print_log)
    return found


def test_what_only_some_samples_have_is_left_out(warnings):
    samples = make_samples()
    del samples[3].gt_flow, samples[1].pred_visibility
    images = evaluate(['ImageQuality'], samples)
    assert set(images) == {
        f'{method}{name}_dsc'
        for method in ('', 'copy_reference/')
        for name in ('SSIM', 'PSNR', 'L1')
    }
    assert len(warnings) == 1
    assert 'true_flow_warp (ImageQuality)' in warnings[0]
    assert 'only 4 of 5 samples' in warnings[0]
    flow = evaluate(['FlowQuality'], [*samples[:3], samples[4]])
    assert set(flow) == {'EPE', 'zero_flow/EPE'}
    assert 'matrix of the model' in warnings[1]


class Doubled(PoseTransferMetric):
    """A mean, of scores of any type."""

    predictions = ('pred_img',)

    def score(self, fields):
        pred = fields['pred_img']
        return dict(
            low=pred.amin((1, 2, 3)).half(),
            width=pred.new_full(
                (len(pred),), pred.shape[-1], dtype=torch.int64
            ),
        )


def test_scores_are_averaged_where_nothing_else_is_said():
    samples = make_samples()
    evaluator = PoseTransferEvaluator(Doubled(prefix='mine'), [])
    evaluator.process(samples[:2])
    evaluator.process(samples[2:])
    got = evaluator.evaluate(5)
    low = stack(samples, 'pred_img').amin((1, 2, 3)).half().double().mean()
    assert got == {
        'mine/low': pytest.approx(float(low)),
        'mine/width': 20.0,
    }


def test_scores_of_another_number_of_samples_are_refused():
    class Whole(Doubled):
        def score(self, fields):
            return dict(mean=fields['pred_img'].mean())

    with pytest.raises(
        ValueError, match="'mean' of Whole.score .* each of 2 samples.*\\(\\)"
    ):
        PoseTransferEvaluator(Whole()).process(make_samples(2))


@pytest.mark.parametrize(
    'kind, field, names',
    [
        ('ImageQuality', 'pred_img', 'SSIM_dsc, PSNR_dsc, L1_dsc'),
        ('Sharpness', 'pred_img', 'sharpness_dsc'),
        ('FlowQuality', 'pred_flow', 'EPE'),
    ],
)
def test_what_is_not_a_number_is_told(warnings, kind, field, names):
    """Of the model alone: baselines have their numbers."""
    samples = make_samples()
    assert evaluate([kind], samples) and not warnings
    getattr(samples[1], field).fill_(np.nan)
    got = evaluate([kind], samples)
    wrong = {name for name, value in got.items() if not np.isfinite(value)}
    assert wrong == set(names.split(', '))
    (told,) = warnings
    assert told.startswith(f'{names} ({kind}): not a finite number')
