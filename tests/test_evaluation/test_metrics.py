"""The metrics inside mmengine's evaluator, and their table."""

import json

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator

from mmposetransfer.evaluation import add_table_column, format_table, table
from mmposetransfer.evaluation.functional import (
    end_point_error,
    psnr,
    ssim_by_protocol,
    to_unit_range,
    warp_with_true_flow,
)
from mmposetransfer.registry import METRICS
from mmposetransfer.structures import PoseTransferDataSample


def _samples(count=5, size=(24, 20), seed=0):
    generator = torch.Generator().manual_seed(seed)

    def image():
        return torch.rand(3, *size, generator=generator) * 2 - 1

    samples = []
    for i in range(count):
        sample = PoseTransferDataSample(
            metainfo=dict(ref_id=f'r{i}', tgt_id=f't{i}')
        )
        sample.gt_img = image()
        sample.ref_img = 0.7 * sample.gt_img + 0.3 * image()
        sample.pred_img = 0.9 * sample.gt_img + 0.1 * image()
        flow = 4 * torch.randn(2, *size, generator=generator)
        visibility = torch.randint(0, 3, (1, *size), generator=generator)
        sample.gt_flow = flow * (visibility < 2)
        sample.gt_visibility = visibility.to(torch.uint8)
        sample.pred_flow = sample.gt_flow + 1.0
        wrong = torch.rand(1, *size, generator=generator) < 0.1 * (i + 1)
        sample.pred_visibility = torch.where(
            wrong, (visibility + 1) % 3, visibility
        ).to(torch.uint8)
        samples.append(sample)
    return samples


def _build(type, **kwargs):
    # With the scope, as other tests leave their default scope behind.
    return METRICS.build(dict(type=f'mmposetransfer.{type}', **kwargs))


def _evaluate(metrics, samples, batch=2):
    evaluator = Evaluator([_build(**cfg) for cfg in metrics])
    for i in range(0, len(samples), batch):
        evaluator.process(samples[i : i + batch], None)
    return evaluator.evaluate(len(samples))


def _stack(samples, field):
    return torch.stack([getattr(sample, field) for sample in samples])


def test_image_quality_is_the_mean_over_samples():
    samples = _samples()
    got = _evaluate([dict(type='ImageQuality', protocol='official')], samples)
    target = to_unit_range(_stack(samples, 'gt_img'), truncate=True)
    reference = _stack(samples, 'ref_img')
    warped = warp_with_true_flow(
        reference, _stack(samples, 'gt_flow'), _stack(samples, 'gt_visibility')
    )
    images = {
        '': _stack(samples, 'pred_img'),
        'copy_reference/': reference,
        'true_flow_warp/': warped,
    }
    assert got.pop('SSIM_protocol') == 'official'
    assert len(got) == 9
    for method, image in images.items():
        image = to_unit_range(image, truncate=True)
        ssim = ssim_by_protocol(image, target, 'official').mean()
        assert got[f'{method}SSIM'] == pytest.approx(float(ssim))
        ratio = float(psnr(image, target).mean())
        assert got[f'{method}PSNR'] == pytest.approx(ratio)
        error = float((image - target).abs().mean())
        assert got[f'{method}L1'] == pytest.approx(error, abs=1e-6)
    assert got['SSIM'] > got['copy_reference/SSIM']


def test_flow_quality_weighs_pixels_alike():
    samples = _samples()
    samples[0].gt_visibility[:, 3:] = 2  # a sample with few visible pixels
    got = _evaluate([dict(type='FlowQuality')], samples)
    truth = _stack(samples, 'gt_flow')
    visibility = _stack(samples, 'gt_visibility')
    pred = _stack(samples, 'pred_visibility')
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


@pytest.mark.parametrize('kind', ['ImageQuality', 'FlowQuality'])
def test_split_over_processes_changes_nothing(kind):
    samples = _samples()
    whole = _evaluate([dict(type=kind)], samples, batch=5)
    shares = []
    for rank in range(2):
        metric = _build(kind)
        mine = [sample.to_dict() for sample in samples[rank::2]]
        metric.process(None, mine)
        shares.append(metric)
    results = shares[0].results + shares[1].results
    assert len(results) == len(samples)  # one entry each: padding can go
    together = shares[0].compute_metrics(results)
    assert together.pop('SSIM_protocol', 0) == whole.pop('SSIM_protocol', 0)
    assert together == pytest.approx(whole)


def test_images_of_different_sizes_are_scored_one_by_one():
    small, large = _samples(1), _samples(1, size=(32, 48), seed=1)
    got = _evaluate([dict(type='ImageQuality')], small + large)
    each = [
        _evaluate([dict(type='ImageQuality')], sample)['SSIM']
        for sample in (small, large)
    ]
    assert got['SSIM'] == pytest.approx(np.mean(each))


def test_data_without_true_flow_have_no_warp_baseline():
    samples = _samples()
    for sample in samples:
        del sample.gt_flow
    got = _evaluate([dict(type='ImageQuality')], samples)
    assert 'copy_reference/SSIM' in got
    assert not any(name.startswith('true_flow') for name in got)


def test_an_identical_pair_does_not_make_the_mean_infinite():
    samples = _samples(2)
    samples[0].ref_img = samples[0].gt_img
    got = _evaluate([dict(type='ImageQuality')], samples)
    assert np.isfinite(got['copy_reference/PSNR'])


def test_missing_fields_are_named():
    samples = _samples(1)
    del samples[0].pred_flow
    with pytest.raises(
        KeyError, match="FlowQuality needs 'pred_flow'.*r0 -> t0.*predict"
    ):
        _evaluate([dict(type='FlowQuality')], samples)
    del samples[0].gt_img
    with pytest.raises(KeyError, match="needs 'gt_img'.*dataset"):
        _evaluate([dict(type='ImageQuality')], samples)


def test_unknown_protocol_and_argument():
    with pytest.raises(ValueError, match="unknown SSIM protocol 'foo'"):
        _build('ImageQuality', protocol='foo')
    with pytest.raises(TypeError, match="'protocl'.*'protocol'"):
        _build('ImageQuality', protocl='dsc')


def test_prefix_and_table():
    samples = _samples(2)
    metrics = _evaluate(
        [dict(type='ImageQuality'), dict(type='FlowQuality')], samples
    )
    table = format_table(dict(metrics, time=0.25))
    lines = table.splitlines()
    model = next(line for line in lines if line.startswith('the model'))
    assert f'{metrics["SSIM"]:.4f}' in model
    assert f'{metrics["PSNR"]:.2f}' in model
    warp = next(line for line in lines if line.startswith('warp with the'))
    assert f'{metrics["true_flow_warp/L1"]:.4f}' in warp
    still = next(line for line in lines if line.startswith('zero flow'))
    assert f'{metrics["zero_flow/EPE"]:.3f}' in still and ' -' in still
    assert lines[-1] == 'time: 0.25'
    assert lines[0].split(' | ')[1] == 'SSIM (dsc) ↑'
    assert 'protocol' not in table
    images = lines[: lines.index('')]
    assert len({len(line) for line in images}) == 1  # columns line up

    named = _evaluate([dict(type='FlowQuality', prefix='clean')], samples)
    assert named['clean/EPE'] == pytest.approx(metrics['EPE'])
    assert 'clean: zero flow' in format_table(named)


def test_every_ssim_tells_its_protocol():
    samples = _samples(2)
    metrics = _evaluate(
        [
            dict(type='ImageQuality', protocol='torchmetrics', prefix='other'),
            dict(type='ImageQuality', protocol='official'),
        ],
        samples,
    )
    assert json.loads(json.dumps(metrics))['SSIM_protocol'] == 'official'
    assert metrics['other/SSIM_protocol'] == 'torchmetrics'
    rows = [
        [cell.strip() for cell in line.split('|')]
        for line in format_table(metrics).splitlines()
    ]
    assert rows[0][1:3] == ['SSIM (torchmetrics) ↑', 'SSIM (official) ↑']
    cells = {row[0]: row[1:3] for row in rows[2:]}
    for name, key in (
        ('the model', ''),
        ('copy the reference', 'copy_reference/'),
        ('warp with the true flow', 'true_flow_warp/'),
    ):
        other = f'{metrics[f"other/{key}SSIM"]:.4f}'
        official = f'{metrics[f"{key}SSIM"]:.4f}'
        assert cells[f'other: {name}'] == [other, '-']
        assert cells[name] == ['-', official]
    assert 'SSIM (unknown protocol)' in format_table({'SSIM': 0.9})


def test_metric_of_the_users_gets_a_column(monkeypatch):
    monkeypatch.setitem(table.TABLES, 'flow', dict(table.TABLES['flow']))
    metrics = {
        'EPE': 1.0,
        'zero_flow/EPE': 3.0,
        'right': 50.123,
        'zero_flow/right': 1.0,
    }
    assert 'right: 50.123' in format_table(metrics)  # listed below
    add_table_column('flow', 'right', 'right (%) ↑', digits=1)
    rows = [
        [cell.strip() for cell in line.split('|')]
        for line in format_table(metrics).splitlines()
    ]
    assert rows[0] == ['flow', 'EPE (px) ↓', 'right (%) ↑']
    assert rows[2:] == [
        ['the model', '1.000', '50.1'],
        ['zero flow', '3.000', '1.0'],
    ]
    with pytest.raises(ValueError, match=r"'images'\], got 'flows'"):
        add_table_column('flows', 'right', 'right', 1)
