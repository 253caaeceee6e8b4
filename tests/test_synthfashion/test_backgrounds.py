"""Backgrounds: one seed shows one scene at every size."""

import cv2
import numpy as np
import pytest
from closeness import assert_same_picture

from mmposetransfer.synthfashion.backgrounds import (
    BACKGROUNDS,
    sample_background,
)


def paint(kind, size, seed=0):
    return sample_background(np.random.default_rng(seed), size, kind)


@pytest.mark.parametrize('kind', BACKGROUNDS)
@pytest.mark.parametrize('shape', [(64, 64), (128, 64)])
def test_scale_independent(kind, shape):
    small = paint(kind, shape)
    large = paint(kind, (shape[0] * 8, shape[1] * 8))
    assert small.shape == (*shape, 3) and small.dtype == np.uint8
    reduced = cv2.resize(large, shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(reduced.astype(int) - small).mean() < 2.0
    other = paint(kind, shape, seed=1)
    assert np.abs(other.astype(int) - small).mean() > 0.5


@pytest.mark.parametrize('kind', BACKGROUNDS)
def test_deterministic(kind):
    assert_same_picture(paint(kind, (96, 96), 7), paint(kind, (96, 96), 7))


def test_the_same_scene_is_drawn_at_every_size():
    for seed in range(30):
        small, large = (
            sample_background(np.random.default_rng(seed), size).astype(int)
            for size in ((64, 64), (256, 256))
        )
        reduced = large.reshape(64, 4, 64, 4, 3).mean((1, 3))
        assert np.abs(reduced - small).mean() < 2.0


def test_mostly_plain_and_bright():
    plain, bright = 0, 0
    for seed in range(300):
        image = sample_background(np.random.default_rng(seed), (32, 32))
        grey = image.mean(2)
        plain += np.abs(np.diff(grey, axis=1)).max() < 6
        bright += grey.mean() > 150
    assert 0.6 < plain / 300 < 0.9
    assert bright / 300 > 0.6


def test_studio_is_smooth_but_not_flat():
    image = paint('studio_grey', (256, 256), 2).astype(int)
    assert np.abs(np.diff(image, axis=1)).max() <= 3
    assert np.ptp(image) >= 4


def test_bad_arguments():
    with pytest.raises(ValueError, match="unknown background 'moon'"):
        paint('moon', (64, 64))
    with pytest.raises(ValueError, match=r'got \(0, 64\)'):
        paint(None, (0, 64))
