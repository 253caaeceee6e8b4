"""Pose maps and batches."""

import numpy as np
import pytest
import torch

from mmposetransfer.models import (
    PoseTransferDataPreprocessor,
    draw_pose_maps,
)


def test_discs_are_where_the_joints_are():
    keypoints = torch.tensor(
        [
            [
                [4.4, 3.0, 1.0],
                [0.0, 0.0, 0.5],
                [5.0, 5.0, 0.0],
                [-1.0, 12.0, 1.0],
            ]
        ]
    )
    maps = draw_pose_maps(keypoints, (10, 8), radius=2)[0].numpy()
    y, x = np.mgrid[:10, :8]
    assert np.array_equal(maps[0], (x - 4) ** 2 + (y - 3) ** 2 <= 4)
    assert np.array_equal(maps[1], x**2 + y**2 <= 4)
    assert not maps[2].any()  # missing: no score
    assert not maps[3].any()  # outside, further than the radius


def batch(size=(8, 6)):
    height, width = size
    img = torch.zeros(3, height, width, dtype=torch.uint8)
    img[0], img[1], img[2] = 255, 0, 51  # blue, green, red
    keypoints = torch.ones(18, 3)
    return dict(
        ref_img=img,
        tgt_img=img,
        ref_keypoints=keypoints,
        tgt_keypoints=keypoints,
    )


def test_images_become_rgb_in_minus_one_to_one():
    preprocess = PoseTransferDataPreprocessor(
        pose_encoder=dict(type='DiscPoses', radius=1)
    )
    samples = [batch(), batch()]
    data = dict(
        inputs={key: [s[key] for s in samples] for key in samples[0]},
        data_samples=None,
    )
    inputs = preprocess(data)['inputs']
    assert inputs['ref_img'].shape == (2, 3, 8, 6)
    torch.testing.assert_close(
        inputs['ref_img'][0, :, 0, 0], torch.tensor([51 / 127.5 - 1, -1, 1])
    )
    assert inputs['tgt_pose'].shape == (2, 18, 8, 6)
    assert inputs['ref_pose'].sum() == 2 * 18 * 5  # a disc of radius 1


def test_batches_of_mixed_sizes_are_refused():
    data = dict(
        inputs={key: [batch()[key], batch((8, 8))[key]] for key in batch()}
    )
    with pytest.raises(ValueError, match="'ref_img' of different shapes"):
        PoseTransferDataPreprocessor()(data)


def test_flow_can_be_learnt_without_images():
    data = dict(
        inputs=dict(
            ref_keypoints=torch.ones(2, 18, 3),
            tgt_keypoints=torch.ones(2, 18, 3),
            flow=torch.zeros(2, 2, 10, 6),
            visibility=torch.zeros(2, 1, 10, 6, dtype=torch.uint8),
        )
    )
    inputs = PoseTransferDataPreprocessor(pad_size_divisor=4)(data)['inputs']
    assert inputs['tgt_pose'].shape == (2, 18, 12, 8)
    assert inputs['flow'].shape == (2, 2, 12, 8)
    assert inputs['canvas'].box == (1, 1, 6, 10)
    assert (inputs['visibility'][:, :, 0] == 2).all()


def test_a_side_without_keypoints_has_no_pose():
    data = dict(inputs={k: [v] for k, v in batch().items()})
    del data['inputs']['ref_keypoints']
    inputs = PoseTransferDataPreprocessor()(data)['inputs']
    assert 'tgt_pose' in inputs and 'ref_pose' not in inputs
