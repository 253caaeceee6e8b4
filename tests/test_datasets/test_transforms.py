"""Transforms of pairs."""

import cv2
import numpy as np
import pytest
import torch

from mmposetransfer.datasets.transforms import (
    PackPoseTransferInputs,
    RandomAffineTarget,
    UseFittedKeypoints,
    move_target,
)


def make_pair(size=(12, 16)):
    """A square of the reference that moved by (3, 1) in the target."""
    height, width = size
    ref = np.zeros((height, width, 3), np.uint8)
    ref[4:8, 5:9] = np.arange(48).reshape(4, 4, 3) + 100
    visibility = np.full((1, height, width), 2, np.uint8)
    visibility[0, 5:9, 8:12] = 0
    flow = np.zeros((2, height, width), np.float32)
    flow[0, 5:9, 8:12], flow[1, 5:9, 8:12] = -3, -1
    tgt = np.zeros_like(ref)
    tgt[5:9, 8:12] = ref[4:8, 5:9]
    keypoints = np.float32([[9, 6, 1]] * 17 + [[15, 6, 1]])
    return dict(
        ref_img=ref,
        tgt_img=tgt,
        flow=flow,
        visibility=visibility,
        ref_parts=ref[..., 0],
        tgt_parts=tgt[..., 0],
        ref_keypoints=keypoints,
        tgt_keypoints=keypoints.copy(),
        ref_fitted_keypoints=keypoints + np.float32([1, 0, 0]),
        tgt_fitted_keypoints=keypoints.copy(),
        ref_id='a',
        tgt_id='b',
    )


def warp(pair):
    ys, xs = np.mgrid[: pair['flow'].shape[1], : pair['flow'].shape[2]]
    warped = cv2.remap(
        pair['ref_img'],
        (xs + pair['flow'][0]).astype(np.float32),
        (ys + pair['flow'][1]).astype(np.float32),
        cv2.INTER_NEAREST,
    )
    return np.where(pair['visibility'][0][..., None] == 0, warped, 0)


@pytest.mark.parametrize('offset', [(0, 0), (2, -3), (-4, 2)])
def test_shifted_flow_still_maps_reference_to_target(offset):
    pair = make_pair()
    np.testing.assert_array_equal(warp(pair), pair['tgt_img'])
    shifted = move_target(pair, offset)
    np.testing.assert_array_equal(warp(shifted), shifted['tgt_img'])
    assert (shifted['tgt_img'] > 0).sum() == (pair['tgt_img'] > 0).sum()
    dx, dy = offset
    np.testing.assert_array_equal(
        shifted['tgt_keypoints'][0], [9 + dx, 6 + dy, 1]
    )
    # The last joint stood at the border.
    assert shifted['tgt_keypoints'][17, 2] == (0 if dx > 0 else 1)
    np.testing.assert_array_equal(
        shifted['flow'][:, shifted['visibility'][0] == 2], 0
    )
    np.testing.assert_array_equal(pair['flow'], make_pair()['flow'])


@pytest.mark.parametrize('scale', [0.7, 1.3])
def test_a_scaled_target_still_shows_the_same_points(scale):
    """Flow against a plane's: the square is 4 pixels wide and moves as one."""
    rng = np.random.default_rng(0)
    height, width = 48, 40
    pair = make_pair((height, width))
    pair['visibility'][:] = 0
    pair['flow'] = rng.normal(0, 2, (2, 1, 1)).astype(np.float32) + np.zeros(
        (2, height, width), np.float32
    )
    moved = move_target(pair, (3, -2), scale)
    x, y = 20, 25
    # The pixel that comes to (x, y), and what the reference shows there.
    source = [(x - 3 - 19.5) / scale + 19.5, (y + 2 - 23.5) / scale + 23.5]
    expected = [
        source[0] + pair['flow'][0, 0, 0] - x,
        source[1] + pair['flow'][1, 0, 0] - y,
    ]
    np.testing.assert_allclose(moved['flow'][:, y, x], expected, atol=0.51)
    joint = pair['tgt_keypoints'][0, :2]
    np.testing.assert_allclose(
        moved['tgt_keypoints'][0, :2],
        scale * (joint - [19.5, 23.5]) + [19.5, 23.5] + [3, -2],
        rtol=1e-5,
    )
    if scale < 1:  # there is nothing beyond the border
        assert (moved['visibility'][0, -1] == 2).all()
        assert not moved['flow'][:, -1].any()
        assert not moved['tgt_parts'][-1].any()


def test_a_scaled_image_is_where_its_flow_says():
    rng = np.random.default_rng(1)
    image = cv2.GaussianBlur(
        rng.integers(0, 256, (64, 64, 3)).astype(np.uint8), (0, 0), 4
    )
    pair = dict(
        ref_img=image,
        tgt_img=image,
        flow=np.zeros((2, 64, 64), np.float32),
        visibility=np.zeros((1, 64, 64), np.uint8),
    )
    moved = move_target(pair, (5, 3), 1.2)
    error = np.abs(warp(moved).astype(int) - moved['tgt_img'])[8:-8, 8:-8]
    assert error.mean() < 1.5  # a nearest pixel of a smooth picture


def test_random_scale_stays_within_its_limits():
    np.random.seed(0)
    move = RandomAffineTarget(max_shift=(0, 0), max_scale=1.2)
    pair = make_pair((48, 40))
    scales = []
    for _ in range(200):
        points = move(pair)['tgt_keypoints'][[0, 17], 0]
        scales.append((points[1] - points[0]) / 6)
    assert 1 / 1.2 <= min(scales) < 0.86 and 1.17 < max(scales) <= 1.2001
    with pytest.raises(ValueError, match='max_scale'):
        RandomAffineTarget(max_scale=0.8)


def test_random_shift_stays_within_its_limits():
    np.random.seed(0)
    shift = RandomAffineTarget(max_shift=(2 / 12, 1 / 12))
    offsets = {
        tuple(
            (shift(make_pair())['tgt_keypoints'][0, :2] - [9, 6]).astype(int)
        )
        for _ in range(200)
    }
    assert offsets == {(x, y) for x in range(-2, 3) for y in range(-1, 2)}


def test_fitted_keypoints_replace_the_detected():
    pair = UseFittedKeypoints()(make_pair())
    np.testing.assert_array_equal(
        pair['ref_keypoints'], pair['ref_fitted_keypoints']
    )
    with pytest.raises(KeyError, match='a -> b'):
        UseFittedKeypoints()(dict(ref_id='a', tgt_id='b'))


def test_packing():
    packed = PackPoseTransferInputs()(make_pair())
    inputs = packed['inputs']
    assert inputs['ref_img'].shape == (3, 12, 16)
    assert inputs['ref_img'].dtype == torch.uint8
    assert inputs['flow'].shape == (2, 12, 16)
    assert (
        inputs['visibility'].shape == inputs['ref_parts'].shape == (1, 12, 16)
    )
    assert packed['data_samples'].ref_id == 'a'
    some = PackPoseTransferInputs(keys=('ref_img', 'ref_keypoints'))
    assert set(some(make_pair())['inputs']) == {'ref_img', 'ref_keypoints'}
    with pytest.raises(ValueError, match='ref_image'):
        PackPoseTransferInputs(keys=('ref_image',))


def test_packing_misses_what_it_was_asked_for():
    pair = make_pair()
    del pair['ref_parts']
    assert 'ref_parts' not in PackPoseTransferInputs()(pair)['inputs']
    pack = PackPoseTransferInputs(keys=('ref_img', 'ref_parts'))
    with pytest.raises(KeyError, match="'ref_parts'.*a -> b.*'keys'"):
        pack(pair)
    with pytest.raises(KeyError, match="'ref_parts'"):
        pack(dict(pair, ref_parts=None))
