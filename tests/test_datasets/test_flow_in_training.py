"""Training reads flow of either format, or makes it, alike."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from known_fits import known_fits
from mmengine.registry import init_default_scope

from mmposetransfer.datasets import PoseTransferDataset, read_corr
from mmposetransfer.datasets.flow_files import write_flow
from mmposetransfer.datasets.flow_truth import FlowJob, FlowMaker, plan_work
from mmposetransfer.geometry.fitting import load_fits, save_fits


def dataset(root, pipeline, corr):
    init_default_scope('mmposetransfer')
    return PoseTransferDataset(
        data_root=str(root),
        ann_file='Label/pair_split_clean.json',
        keypoints_file='Label/pose_label.pkl',
        data_prefix=dict(img='Img/img', seg='Img/seg', corr=str(corr)),
        pipeline=pipeline,
    )


def test_npz_in_place_of_corr(exported, tmp_path):
    stored = exported / '3d' / 'hmr' / 'corr'
    for path in stored.glob('*.corr'):
        write_flow(tmp_path / f'{path.stem}.npz', *read_corr(path))
    load = [dict(type='LoadPair', with_flow=True, visibility_median=0)]
    expected, got = (
        dataset(exported, load, folder)[0] for folder in (stored, tmp_path)
    )
    np.testing.assert_allclose(got['flow'], expected['flow'], atol=1 / 128)
    np.testing.assert_array_equal(got['visibility'], expected['visibility'])
    assert (got['visibility'] == 0).any()


def test_speckle_of_visibility_is_smoothed_as_in_the_paper(exported, tmp_path):
    """A median of 5x5, of the body alone, as OpenCV computes it inside."""
    stored = exported / '3d' / 'hmr' / 'corr'
    rng = np.random.default_rng(0)
    size = (64, 64)
    body = np.zeros(size, bool)
    body[8:56, 16:48] = True
    speckled = np.where(body, np.uint8(0), np.uint8(2))
    speckled[body & (rng.random(size) < 0.05)] = 1
    flow = np.zeros((2, *size), np.float32)
    for path in stored.glob('*.corr'):
        write_flow(tmp_path / path.name, flow, speckled[None])
    read = {
        median: dataset(
            exported,
            [dict(type='LoadPair', with_flow=True, **arguments)],
            tmp_path,
        )[0]
        for median, arguments in ((5, {}), (0, dict(visibility_median=0)))
    }
    assert (read[0]['visibility'] == 1).sum() == (speckled == 1).sum() > 50
    smooth = read[5]['visibility'][0]
    np.testing.assert_array_equal(smooth == 2, ~body)
    inside = np.s_[10:54, 18:46]
    np.testing.assert_array_equal(
        smooth[inside], cv2.medianBlur(speckled, 5)[inside]
    )
    assert (smooth == 1).sum() < 5


@pytest.mark.parametrize('size', [None, (64, 48)])
def test_on_the_fly_is_what_the_files_hold(exported, tmp_path, size):
    """Also where pictures are cropped, which cuts files of flow."""
    pairs = json.loads(
        Path(exported, 'Label', 'pair_split_clean.json').read_text()
    )['train']
    fits = known_fits(2)
    fits.names[:] = pairs[0]
    save_fits(tmp_path / 'fits.npz', fits)
    fits = load_fits(tmp_path / 'fits.npz')  # rounded
    work, _ = plan_work(pairs, fits, skip_missing=True)
    FlowMaker(FlowJob(fits, str(tmp_path)), work)(0)
    stored, made = (
        dataset(exported, pipeline, tmp_path)
        for pipeline in (
            [dict(type='LoadPair', with_flow=True)],
            [
                dict(type='LoadPair'),
                dict(
                    type='FlowFromFits',
                    with_keypoints=True,
                    fits_file=str(tmp_path / 'fits.npz'),
                ),
                dict(type='UseFittedKeypoints'),
            ],
        )
    )
    for data in (stored, made):
        data.sizes['size'] = size
    stored, made = stored[0], made[0]
    assert made['flow'].shape[1:] == (size or (64, 64))
    same = stored['visibility'] == made['visibility']
    assert same.mean() > 0.995 and (made['visibility'] == 0).any()
    body = same[0] & (made['visibility'][0] == 0)
    np.testing.assert_allclose(
        made['flow'][:, body], stored['flow'][:, body], atol=1e-3
    )
    assert made['ref_keypoints'].shape == (18, 3)
