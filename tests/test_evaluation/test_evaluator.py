"""Who is scored by what: the model, baselines, metrics of others."""

import pickle

import pytest
import torch
from evaluation_samples import build_metric, evaluate, make_samples, run
from mmengine.evaluator import BaseMetric, DumpResults

from mmposetransfer.config.check import ConfigError, check_config
from mmposetransfer.evaluation import (
    Baseline,
    CopyReference,
    PoseTransferEvaluator,
    ZeroFlow,
)
from mmposetransfer.registry import EVALUATOR
from mmposetransfer.structures import PoseTransferDataSample

IMAGES = {'SSIM_dsc', 'PSNR_dsc', 'L1_dsc'}
FLOW = {'EPE', 'vis_accuracy', 'vis_mIoU'}


def _with_prefix(prefix, names):
    return {f'{prefix}/{name}' for name in names}


def test_each_method_is_scored_by_what_reads_its_predictions():
    got = evaluate(['ImageQuality', 'FlowQuality'], make_samples())
    assert set(got) == {
        *IMAGES,
        *_with_prefix('copy_reference', IMAGES),
        *_with_prefix('true_flow_warp', IMAGES),
        *FLOW,
        'zero_flow/EPE',
    }
    assert list(got)[0] == 'SSIM_dsc'  # what `save_best='auto'` looks at


def test_baselines_are_chosen():
    samples = make_samples()
    for baselines, methods in (
        ([], set()),
        ([dict(type='mmposetransfer.ZeroFlow')], {'zero_flow'}),
        ([CopyReference(), ZeroFlow()], {'copy_reference', 'zero_flow'}),
    ):
        got = evaluate(
            ['ImageQuality', 'FlowQuality'], samples, baselines=baselines
        )
        found = {name.rpartition('/')[0] for name in got} - {''}
        assert found == methods
    with pytest.raises(ValueError, match="got 'zero_flow' 2 times"):
        evaluate(['FlowQuality'], samples, baselines=[ZeroFlow(), ZeroFlow()])


def test_a_plain_list_of_metrics_scores_the_model_alone():
    samples = make_samples()
    plain = evaluate(['ImageQuality', 'FlowQuality'], samples, plain=True)
    beside = evaluate(['ImageQuality', 'FlowQuality'], samples)
    assert set(plain) == IMAGES | FLOW
    assert plain == {name: beside[name] for name in plain}


def test_data_without_true_flow_have_no_baseline_of_it():
    samples = make_samples()
    for sample in samples:
        del sample.gt_flow
    got = evaluate(['ImageQuality'], samples)
    assert set(got) == IMAGES | _with_prefix('copy_reference', IMAGES)


def test_baselines_do_not_see_predictions_of_the_model():
    """The visibility that the model predicts is not that of zero flow."""
    got = evaluate(['FlowQuality'], make_samples(), baselines=[ZeroFlow()])
    assert 'zero_flow/vis_mIoU' not in got

    class Nothing(Baseline):
        name = title = 'nothing'

        def predict(self, sample):
            return None

    got = evaluate(['ImageQuality'], make_samples(), baselines=[Nothing()])
    assert set(got) == IMAGES


class Mean(BaseMetric):
    """A metric that knows nothing of ours."""

    default_prefix = 'theirs'

    def process(self, data_batch, data_samples):
        self.results += [float(s['pred_img'].mean()) for s in data_samples]
        self.batch = data_batch

    def compute_metrics(self, results):
        return dict(mean=sum(results) / len(results))


def test_metrics_of_mmengine_see_the_model_alone(tmp_path):
    samples = make_samples(4)
    dump = DumpResults(str(tmp_path / 'all.pkl'))
    mean = Mean()
    evaluator = PoseTransferEvaluator(
        [dump, mean, build_metric('ImageQuality')]
    )
    evaluator.process(samples, dict(inputs=1))
    got = evaluator.evaluate(4)
    expected = torch.stack([s.pred_img for s in samples]).mean()
    assert got['theirs/mean'] == pytest.approx(float(expected))
    assert set(got) > IMAGES and mean.batch == dict(inputs=1)
    dumped = pickle.loads((tmp_path / 'all.pkl').read_bytes())
    assert [sample['ref_id'] for sample in dumped] == ['r0', 'r1', 'r2', 'r3']


def test_two_evaluators_and_two_runs_do_not_mix():
    """As of validation and test, and of one epoch after the other."""
    config = dict(
        type='mmposetransfer.PoseTransferEvaluator',
        metrics=[dict(type='mmposetransfer.ImageQuality')],
    )
    val, test = EVALUATOR.build(config), EVALUATOR.build(config)
    some, others = make_samples(2), make_samples(3, seed=7)
    val.process(others)
    expected = run(test, some)
    val.evaluate(3)
    assert run(val, some) == expected == run(test, some)


def test_saved_predictions_are_evaluated_offline():
    samples = make_samples()
    evaluator = PoseTransferEvaluator(build_metric('ImageQuality'))
    got = evaluator.offline_evaluate(samples, chunk_size=2)
    assert got == pytest.approx(evaluate(['ImageQuality'], samples))


def test_numbers_of_one_name_are_refused():
    metrics = ['ImageQuality', 'ImageQuality']
    with pytest.raises(ValueError, match='same metric name SSIM_dsc'):
        evaluate(metrics, make_samples(2))


def test_true_flow_warp_is_told_from_a_warp_by_the_models_flow():
    """A shift of two pixels, known to the data, undone where it is seen."""
    target = torch.rand(3, 16, 16) * 2 - 1
    sample = PoseTransferDataSample()
    sample.ref_img = target.roll(2, dims=2)
    sample.gt_img, sample.pred_img = target, torch.zeros_like(target)
    sample.gt_flow = torch.zeros(2, 16, 16)
    sample.gt_flow[0] = 2
    sample.pred_flow = torch.zeros(2, 16, 16)
    visible = torch.zeros(1, 16, 16, dtype=torch.uint8)
    visible[..., 14:] = 1  # comes from beyond the border
    sample.gt_visibility = visible
    got = evaluate(['ImageQuality'], [sample])
    wrong = (sample.ref_img - target)[..., 14:].abs().sum() / target.numel()
    assert got['true_flow_warp/L1_dsc'] == pytest.approx(
        float(wrong) / 2, abs=2 / 255
    )
    assert got['copy_reference/L1_dsc'] > 2 * got['true_flow_warp/L1_dsc']


@pytest.mark.parametrize(
    'wrong, message',
    [
        (
            dict(baselines=[dict(type='CopyReferense')]),
            r"baselines\[0\].type: 'CopyReferense'.*'CopyReference'",
        ),
        (dict(baseline=[]), "no argument 'baseline'.*'baselines'"),
        (
            dict(metrics=[dict(type='ImageQuality', protocl='dsc')]),
            r"metrics\[0\]: .*'protocl'.*'protocol'",
        ),
    ],
)
def test_mistakes_in_a_config_are_found_before_anything_runs(wrong, message):
    evaluator = dict(
        type='PoseTransferEvaluator', metrics=[dict(type='ImageQuality')]
    )
    config = dict(
        default_scope='mmposetransfer',
        model=dict(type='FlowWarp'),
        test_evaluator=dict(evaluator, **wrong),
    )
    with pytest.raises(ConfigError, match=message):
        check_config(config)
