"""Pictures by geometry alone, from the config to files."""

import cv2
import numpy as np
import pytest
import torch

from mmposetransfer.apis import PoseTransferInferencer
from mmposetransfer.apis.warp_completion import complete_warp, is_warp_alone
from mmposetransfer.cli.infer import main
from mmposetransfer.io.image_io import read_image
from mmposetransfer.structures import PoseTransferDataSample


@pytest.fixture
def inputs(request):
    return request.config.rootpath / 'demo' / 'inputs'


def test_the_command_alone_makes_a_picture(inputs, tmp_path, capsys):
    poses = str(inputs / 'poses.csv')
    arguments = ['--model', 'geometry', '--keypoints', poses]
    out = ['--out-dir', str(tmp_path), '--device', 'cpu', '--crop', 'none']
    reference = inputs / 'cardigan.png'
    target = inputs / 'dress.png'
    main([str(reference), '--target', str(target), *arguments, *out])
    assert 'weights are random' not in capsys.readouterr().out
    made = read_image(tmp_path / 'cardigan_dress.png')
    assert made.shape == read_image(target).shape
    # What is copied is what OpenCV finds where the flow leads.
    arrays = np.load(tmp_path / 'cardigan_dress.npz')
    height, width = made.shape[:2]
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)))
    there = (grid + arrays['flow']).astype(np.float32)
    expected = cv2.remap(read_image(reference), *there, cv2.INTER_LINEAR)
    copied = cv2.erode(arrays['weight_map'][0], np.ones((7, 7))) > 0.99
    assert copied.mean() > 0.02
    difference = np.abs(made.astype(int) - expected)[copied]
    assert difference.mean() < 4


def test_a_clear_background(inputs):
    poses = inputs / 'poses.csv'
    inferencer = PoseTransferInferencer('geometry', device='cpu')
    result = inferencer(
        inputs / 'cardigan.png',
        poses,
        poses,
        inputs / 'dress.png',
        background='transparent',
    )
    image = result['predictions'][0]['image']
    visibility = result['predictions'][0]['visibility'][0]
    assert image.shape[2] == 4
    body = visibility != 2
    assert ((image[..., 3] > 127) == body).mean() > 0.98


def test_a_refused_call_leaves_no_folder(inputs, tmp_path):
    with pytest.raises(SystemExit, match='error: '):
        main(
            [
                str(inputs / 'nobody.png'),
                *('--keypoints', str(inputs / 'poses.csv')),
                *('--out-dir', str(tmp_path / 'out')),
            ]
        )
    assert list(tmp_path.iterdir()) == []


def _warp_alone(visible, twin_visible):
    """A body that fills all; the reference is bright, its twin side dark."""
    size = (16, 24)
    sample = PoseTransferDataSample()
    reference = torch.full((3, *size), 0.5)
    reference[..., 12:] = -0.5
    sample.ref_img = reference
    sample.ref_person = torch.zeros(1, *size)
    sample.pred_flow = torch.zeros(2, *size)
    sample.pred_twin_flow = torch.zeros(2, *size)
    sample.pred_visibility = 1 - visible.to(torch.uint8)
    sample.pred_twin_visibility = 1 - twin_visible.to(torch.uint8)
    sample.warped_img = reference.clone()
    sample.pred_img = reference.clone()
    return sample


def test_copies_come_before_twins_and_twins_before_filling():
    visible = torch.zeros(1, 16, 24)
    visible[..., :8] = 1
    twin = torch.zeros(1, 16, 24)
    twin[..., :16] = 1
    sample = _warp_alone(visible, twin)
    assert is_warp_alone(sample)
    complete_warp(sample)
    weight, twin_weight = sample.weight_map, sample.twin_weight_map
    assert weight[..., :7].min() > 0.99 and not weight[..., 8:].any()
    assert twin_weight[..., 9:15].min() > 0.99
    assert not twin_weight[..., 16:].any()
    total = weight + twin_weight
    assert total.max() <= 1 + 1e-6
    # Where neither is seen it is what is known beside it.
    assert (sample.pred_img[..., 20:] + 0.5).abs().max() < 0.05
    assert not is_warp_alone(sample)
