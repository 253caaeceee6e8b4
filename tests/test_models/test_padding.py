"""Sizes that a network cannot halve often enough."""

import pytest
import torch
from closeness import assert_near
from synthetic_batch import PREDICTED, make_batch

from mmposetransfer.models import DIPT, Canvas, PoseTransferDataPreprocessor

UNET = dict(base_channels=4, max_channels=8, num_levels=3)


def batch(height=40, width=24):
    """Of a size that can be halved three times only."""
    data = make_batch(2, 64)
    for key, values in data['inputs'].items():
        if not key.endswith('keypoints'):
            data['inputs'][key] = [v[..., :height, :width] for v in values]
    return data


def model(divisor, **kwargs):
    torch.manual_seed(0)
    return DIPT(
        flow_regressor=dict(
            type='FlowRegressor',
            backbone=dict(
                type='FlowUNet', base_channels=4, max_channels=8, num_levels=3
            ),
        ),
        generator=dict(type='DualPathGenerator', **UNET, num_warp_levels=2),
        pixel_warping=dict(type='PixelWarping', **UNET),
        data_preprocessor=dict(
            type='PoseTransferDataPreprocessor', pad_size_divisor=divisor
        ),
        **kwargs,
    ).eval()


def test_what_is_padded():
    """White images, background around the body, keypoints moved along."""
    plain = PoseTransferDataPreprocessor()(batch())['inputs']
    padded = PoseTransferDataPreprocessor(pad_size_divisor=32)(batch())[
        'inputs'
    ]
    assert padded.pop('canvas').box == (4, 12, 24, 40)
    inside = (..., slice(12, 52), slice(4, 28))
    for key, fill in dict(
        ref_img=1, tgt_img=1, flow=0, visibility=2, ref_parts=0, tgt_parts=0
    ).items():
        value = padded[key]
        assert value.shape[-2:] == (64, 32) and value.dtype == plain[key].dtype
        assert_near(value[inside], plain[key])
        border = value.clone()
        border[inside] = fill
        assert (border == fill).all()
    moved = padded['ref_keypoints'] - plain['ref_keypoints']
    assert torch.allclose(moved, torch.tensor([4.0, 12.0, 0.0]), atol=1e-4)
    # A pose map is drawn around the joints, wherever they are.
    assert torch.equal(padded['ref_pose'][inside], plain['ref_pose'])


def test_nothing_is_done_where_nothing_is_needed():
    plain = PoseTransferDataPreprocessor()(batch(48, 32))['inputs']
    padded = PoseTransferDataPreprocessor(pad_size_divisor=16)(batch(48, 32))[
        'inputs'
    ]
    assert plain.keys() == padded.keys()
    assert_near(padded, plain)


def test_cropping_undoes_it():
    plain = PoseTransferDataPreprocessor()(batch())['inputs']
    poses = {key: plain.pop(key) for key in ('ref_pose', 'tgt_pose')}
    canvas = Canvas.of((40, 24), divisor=32)
    cropped = canvas.restore(canvas.place(plain))
    assert poses and cropped.keys() == plain.keys()
    for key in plain:
        torch.testing.assert_close(cropped[key], plain[key])


@torch.no_grad()
def test_predictions_have_the_size_of_the_images():
    """And are what the network says of the padded images, cut out."""
    net = model(16)
    inputs = net.data_preprocessor(batch())['inputs']
    left, top, width, height = inputs.pop('canvas').box
    del inputs['given']
    whole = net.predict(dict(inputs))
    for sample, wanted in zip(net.test_step(batch()), whole, strict=True):
        for field in (*PREDICTED, 'gt_img', 'ref_img', 'gt_flow', 'gt_parts'):
            value = getattr(sample, field)
            assert value.shape[-2:] == (40, 24)
            assert_near(
                value,
                getattr(wanted, field)[
                    ..., top : top + height, left : left + width
                ],
            )
    sample = net.test_step(batch())[0]
    torch.testing.assert_close(
        sample.tgt_keypoints, batch()['inputs']['tgt_keypoints'][0]
    )
    image = net(net.data_preprocessor(batch())['inputs'], mode='tensor')
    assert image.shape == (2, 3, 40, 24)


def test_without_padding_the_size_is_refused():
    with pytest.raises(ValueError, match='multiples of 16'):
        model(1).test_step(batch())


def test_losses_of_padded_images_learn():
    net = model(16)
    net.set_learning(['flow_regressor', 'generator'])
    net.train()
    losses = net(net.data_preprocessor(batch())['inputs'], mode='loss')
    assert all(loss.isfinite() for loss in losses.values())
    sum(losses.values()).backward()
    assert all(p.grad is not None for p in net.generator.parameters())
