"""Pairs at a part of their size."""

import numpy as np
import pytest
import torch
from closeness import assert_near, assert_same_picture

from mmposetransfer.datasets.transforms import ShrinkPair, shrink_pair
from mmposetransfer.models import flow_warp


def make_pair(size=(12, 8)):
    rng = np.random.default_rng(0)
    height, width = size
    joints = np.full((18, 3), 0, np.float32)
    joints[0] = (3.5, 7.5, 1)  # between four pixels
    return dict(
        ref_img=rng.integers(0, 256, (height, width, 3), np.uint8),
        tgt_img=rng.integers(0, 256, (height, width, 3), np.uint8),
        tgt_person=rng.random((1, height, width), np.float32),
        fit_flow=rng.normal(0, 3, (2, height, width)).astype(np.float32),
        fit_visibility=rng.integers(0, 3, (1, height, width), np.uint8),
        tgt_keypoints=joints,
        ref_labels=np.arange(4.0),
        name='a pair',
    )


def means(array, factor):
    """Of squares of a (..., H, W) array, by a loop."""
    rows, columns = (side // factor for side in array.shape[-2:])
    kind = np.float32 if array.dtype == np.float32 else np.float64
    small = np.empty((*array.shape[:-2], rows, columns), kind)
    for y in range(rows):
        for x in range(columns):
            square = array[..., y * factor :, x * factor :]
            small[..., y, x] = square[..., :factor, :factor].mean((-2, -1))
    return small


@pytest.mark.parametrize('factor', [2, 4])
def test_maps_are_means_of_squares(factor):
    pair = make_pair()
    small = ShrinkPair(factor)(pair)
    colours = means(pair['tgt_img'].transpose(2, 0, 1), factor)
    wanted = np.rint(colours).astype(np.uint8).transpose(1, 2, 0)
    assert_same_picture(small['tgt_img'], wanted)
    assert_near(small['tgt_person'], means(pair['tgt_person'], factor))
    assert_near(small['fit_flow'], means(pair['fit_flow'], factor) / factor)


def test_classes_stay_classes():
    pair = make_pair()
    small = shrink_pair(pair, 2)['fit_visibility']
    assert small.shape == (1, 6, 4)
    assert small.dtype == np.uint8
    assert (small == pair['fit_visibility'][:, 1::2, 1::2]).all()


def test_joints_stay_where_they_are_in_the_picture():
    small = shrink_pair(make_pair(), 2)['tgt_keypoints']
    # In the middle of four pixels of the large picture's, 2 to 3 and 6 to 7:
    # on the edge of the small one's 1 and 2, of 3 and 4.
    assert small[0].tolist() == [1.5, 3.5, 1]
    assert not small[1:].any()


def test_what_has_no_place_in_the_picture_stays():
    pair = make_pair()
    small = shrink_pair(pair, 2)
    assert list(small) == list(pair)
    assert small['name'] == 'a pair'
    assert (small['ref_labels'] == pair['ref_labels']).all()


def test_flow_leads_to_the_same_colours():
    """A ramp that is warped, then shrunk, is the ramp shrunk, then warped."""
    y, x = np.mgrid[:16, :16].astype(np.float32)
    ramp = np.stack([x, y, x + y])
    flow = np.full((2, 16, 16), 2, np.float32)
    small = shrink_pair(dict(fit_flow=flow), 2)['fit_flow']
    warped = flow_warp(*map(as_batch, (ramp, flow)))[0].numpy()
    again = flow_warp(*map(as_batch, (means(ramp, 2), small)))[0].numpy()
    inside = np.s_[:, :7, :7]
    assert_near(again[inside], means(warped, 2)[inside])


def as_batch(array):
    return torch.from_numpy(array)[None]


def test_sizes_that_cannot_be_cut_are_refused():
    with pytest.raises(ValueError, match="'ref_img' of 10x8 .* of 4x4"):
        ShrinkPair(4)(make_pair((10, 8)))


@pytest.mark.parametrize('factor', [0, -1, 1.5, '2'])
def test_factors_that_cannot_be_are_refused(factor):
    with pytest.raises(ValueError, match='whole number above 0'):
        ShrinkPair(factor)
