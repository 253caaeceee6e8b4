"""Data samples with truth and predictions that resemble it."""

import torch
from mmengine.evaluator import Evaluator

from mmposetransfer.evaluation import PoseTransferEvaluator
from mmposetransfer.registry import METRICS
from mmposetransfer.structures import PoseTransferDataSample

__all__ = ['build_metric', 'evaluate', 'make_samples', 'run', 'stack']


def make_samples(count=5, size=(24, 20), seed=0):
    """Pairs whose prediction is nearer to the truth than the reference."""
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


def build_metric(type, **kwargs):
    # With the scope, as other tests leave their default scope behind.
    return METRICS.build(dict(type=f'mmposetransfer.{type}', **kwargs))


def run(evaluator, samples, batch=2):
    """The numbers of some samples."""
    for i in range(0, len(samples), batch):
        evaluator.process(samples[i : i + batch], None)
    return evaluator.evaluate(len(samples))


def evaluate(metrics, samples, batch=2, baselines=None, plain=False):
    """The numbers of metrics, given as (type, arguments) or by type."""
    built = [
        build_metric(metric)
        if isinstance(metric, str)
        else build_metric(metric[0], **metric[1])
        for metric in metrics
    ]
    evaluator = (
        Evaluator(built) if plain else PoseTransferEvaluator(built, baselines)
    )
    return run(evaluator, samples, batch)


def stack(samples, field):
    """One field of all samples as a batch."""
    return torch.stack([getattr(sample, field) for sample in samples])
