"""Flow by groups of pixels, and attributes of clothes."""

import numpy as np
import pytest
import torch
from evaluation_samples import build_metric, evaluate, make_samples, stack
from torch import nn

from mmposetransfer.evaluation import average_precisions, top_k_recall
from mmposetransfer.evaluation.functional import flow_groups


def test_flow_errors_equal_sums_over_pixels():
    samples = make_samples()
    generator = torch.Generator().manual_seed(3)
    for sample in samples:
        sample.gt_parts = torch.randint(
            0, 7, (1, 24, 20), generator=generator
        ).to(torch.uint8)
        sample.pred_flow = sample.gt_flow + torch.randn(
            2, 24, 20, generator=generator
        )
    got = evaluate(
        [('FlowErrors', dict(motions=(3, 6)))], samples, batch=2, baselines=[]
    )
    flow = stack(samples, 'gt_flow').double().numpy()
    error = stack(samples, 'pred_flow').double().numpy() - flow
    error = np.hypot(error[:, 0], error[:, 1])
    length = np.hypot(flow[:, 0], flow[:, 1])
    seen = stack(samples, 'gt_visibility').numpy()[:, 0]
    parts = stack(samples, 'gt_parts').numpy()[:, 0]
    masks = dict(
        all=seen < 2,
        visible=seen == 0,
        invisible=seen == 1,
        head=(seen == 0) & (parts == 1),
        torso=(seen == 0) & (parts == 2),
        arms=(seen == 0) & ((parts == 3) | (parts == 4)),
        legs=(seen == 0) & (parts >= 5),
        motion_0_3=(seen == 0) & (length < 3),
        motion_3_6=(seen == 0) & (length >= 3) & (length < 6),
        motion_6_up=(seen == 0) & (length >= 6),
    )
    assert got == {
        f'EPE_{name}': pytest.approx(error[mask].mean(), rel=1e-5)
        for name, mask in masks.items()
    }
    plain = evaluate(['FlowQuality'], samples, baselines=[])
    assert got['EPE_visible'] == pytest.approx(plain['EPE'])
    metric = build_metric('FlowErrors', motions=(3, 6))
    assert set(metric.columns) == set(got)


def test_groups_without_pixels_have_no_number():
    samples = make_samples(2)
    for sample in samples:
        sample.gt_visibility[:] = 2
        sample.gt_visibility[:, :4] = 1
    got = evaluate(['FlowErrors'], samples, baselines=[])
    assert set(got) == {'EPE_all', 'EPE_invisible'}
    assert got['EPE_all'] == got['EPE_invisible'] > 0


def test_motions_must_grow():
    flow, seen = torch.zeros(1, 2, 3, 3), torch.zeros(1, 1, 3, 3)
    for motions in ((0,), (4, 4), (8, 4)):
        with pytest.raises(ValueError, match='motions must grow'):
            flow_groups(flow, seen, motions=motions)


# ------------------------------------------------------------------ attributes


def predicted(count=40, attributes=9, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.random((count, attributes)) < 0.3
    labels[:, 4] = False  # an attribute that nobody has
    scores = np.round(labels + rng.normal(size=labels.shape), 1)  # with ties
    return torch.from_numpy(scores), torch.from_numpy(labels.astype(int))


def test_top_k_recall_equals_plain_counting():
    scores, labels = predicted()
    labels[3] = 0
    for k in (1, 3, 9):
        got = top_k_recall(scores, labels, k)
        for i in range(len(scores)):
            surest = sorted(
                range(9), key=lambda a, i=i: (-float(scores[i, a]), a)
            )[:k]
            total = int(labels[i].sum())
            hits = sum(int(labels[i, a]) for a in surest)
            assert float(got[i]) == (hits / total if total else 1)
    assert top_k_recall(scores, labels, 9).min() == 1
    with pytest.raises(ValueError, match='from 1 to 9.*got 10'):
        top_k_recall(scores, labels, 10)
    with pytest.raises(ValueError, match=r'\(40, 9\) and \(40, 8\)'):
        top_k_recall(scores, labels[:, 1:], 1)


def test_average_precision_equals_torchmetrics():
    functional = pytest.importorskip('torchmetrics.functional.classification')
    scores, labels = predicted()
    got = average_precisions(scores, labels)
    wanted = functional.multilabel_average_precision(
        scores.sigmoid(), labels, num_labels=9, average=None
    )
    keep = [i for i in range(9) if i != 4]
    np.testing.assert_allclose(got, wanted[keep], rtol=1e-5)
    assert average_precisions(scores, labels * 0).shape == (0,)
    order = torch.randperm(40)
    again = average_precisions(scores[order], labels[order])
    np.testing.assert_allclose(again, got)


class MeanColours(nn.Module):
    """Logits of a picture: how much there is of each colour."""

    def forward(self, images):
        return images.mean((2, 3))


def test_attribute_recall_reads_pictures_and_labels():
    samples = make_samples(4)
    for i, sample in enumerate(samples):
        sample.pred_img = torch.full((3, 24, 20), -0.8)
        sample.pred_img[i % 3] = 0.5
        sample.ref_img = -sample.pred_img
        sample.attributes = torch.zeros(3, dtype=torch.uint8)
        sample.attributes[i % 3] = 1
    arguments = dict(classifier=MeanColours(), k=(1, 2))
    got = evaluate([('AttributeRecall', arguments)], samples)
    copied = 'copy_reference/'
    assert got['AttrRec_1_dsc'] == 1 and got['attr_mAP_dsc'] == 1
    assert got[f'{copied}AttrRec_1_dsc'] == 0
    assert got[f'{copied}AttrRec_2_dsc'] == 0
    assert got[f'{copied}attr_mAP_dsc'] < 0.6
    samples[0].attributes = torch.zeros(5, dtype=torch.uint8)
    with pytest.raises(ValueError, match="MeanColours.*labels 'attributes'"):
        evaluate([('AttributeRecall', arguments)], samples[:1])
