"""Baselines that warp by fitted and by predicted flow."""

import numpy as np
import torch
from evaluation_samples import evaluate, make_samples

from mmposetransfer.evaluation import (
    FittedFlowWarp,
    PredictedFlowWarp,
    TruePicture,
    ZeroFlow,
    end_point_error,
)
from mmposetransfer.synthfashion import SynthFashionWorld


def shifted(image, right):
    """Each pixel from so many pixels to the right; zeros beyond the edge."""
    out = torch.zeros_like(image)
    out[..., : image.shape[-1] - right] = image[..., right:]
    return out


def test_predicted_flow_moves_pixels():
    sample = make_samples(1)[0].to_dict()
    sample['pred_flow'] = torch.zeros_like(sample['gt_flow'])
    sample['pred_flow'][0] = 3
    moved = shifted(sample['ref_img'], 3)
    where = sample['pred_visibility'] == 0
    wanted = torch.where(where, moved, sample['ref_img'])
    got = PredictedFlowWarp().predictions_of(sample)['pred_img']
    torch.testing.assert_close(got, wanted, atol=1e-5, rtol=0)
    del sample['pred_visibility']  # then all pixels are fetched
    got = PredictedFlowWarp().predictions_of(sample)['pred_img']
    torch.testing.assert_close(got, moved, atol=1e-5, rtol=0)
    del sample['pred_flow']
    assert PredictedFlowWarp().predictions_of(sample) is None


def test_fitted_flow_is_nearer_to_the_truth_than_none():
    pair = SynthFashionWorld((64, 64), seed=3, split='test').pair(0)
    sample = {
        f'{side}_keypoints': torch.from_numpy(pair[f'{side}_keypoints'])
        for side in ('ref', 'tgt')
    }
    rgb = np.ascontiguousarray(pair['ref_img'][..., ::-1].transpose(2, 0, 1))
    sample['ref_img'] = torch.from_numpy(rgb).float() / 127.5 - 1
    made = FittedFlowWarp().predictions_of(sample)
    truth = torch.from_numpy(np.asarray(pair['flow']))[None]
    shown = torch.from_numpy(np.asarray(pair['visibility']))[None]
    shown = shown.reshape(1, 1, 64, 64)
    fitted = end_point_error(made['pred_flow'][None], truth, shown)
    still = end_point_error(torch.zeros_like(truth), truth, shown)
    assert fitted < still / 2
    copied = made['pred_visibility'][0] != 0
    assert torch.equal(
        made['pred_img'][:, copied], sample['ref_img'][:, copied]
    )
    assert copied.any() and not copied.all()


def test_the_true_picture_is_perfect():
    got = evaluate(
        ['ImageQuality', 'FlowQuality'],
        make_samples(),
        baselines=[TruePicture(), ZeroFlow()],
    )
    assert got['true_picture/SSIM_dsc'] == 1
    assert got['true_picture/L1_dsc'] == 0
    assert 'true_picture/EPE' not in got
