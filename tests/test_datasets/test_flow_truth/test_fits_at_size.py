"""Fits move as the pictures do."""

from dataclasses import replace

import numpy as np
import pytest
from known_fits import known_fits

from mmposetransfer.datasets.flow_truth import fits_at_size
from mmposetransfer.geometry.fitting import FitProjector


@pytest.mark.parametrize(
    'size, left, scale',
    [
        ((256, 256), 0, 1),
        ((256, 176), 40, 1),
        ((512, 352), 40, 2),
        ((128, 64), 64, 0.5),
        ((256, 300), -22, 1),
    ],
)
def test_vertices_move_with_the_pixels(size, left, scale):
    fits = known_fits(3, (256, 256))
    project = FitProjector()
    before, after = project(fits), project(fits_at_size(fits, size))
    expected = before.copy()
    expected[..., 0] = (before[..., 0] - left + 0.5) * scale - 0.5
    expected[..., 1] = (before[..., 1] + 0.5) * scale - 0.5
    np.testing.assert_allclose(after, expected, atol=1e-3)
    assert (fits_at_size(fits, size).sizes == size).all()


def test_unknown_sizes_are_the_new_one():
    fits = known_fits(2, (64, 64))
    fits = replace(fits, sizes=np.int32([[0, 0], [64, 64]]))
    moved = fits_at_size(fits, (128, 128))
    np.testing.assert_array_equal(moved.camera[0], fits.camera[0])
    assert moved.camera[1, 0] == 2 * fits.camera[1, 0]
    assert (moved.sizes == 128).all() and fits.sizes[0, 0] == 0


def test_refuses_no_size():
    with pytest.raises(ValueError, match='positive'):
        fits_at_size(known_fits(1), (0, 4))
