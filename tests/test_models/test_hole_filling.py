"""Holes filled by pull and push, against what has to come out of it."""

import pytest
import torch
from scipy.ndimage import laplace

from mmposetransfer.models.warping import fill_holes


@pytest.mark.parametrize('size', [(1, 1), (7, 13), (64, 48), (33, 100)])
def test_what_is_known_stays(size):
    torch.manual_seed(0)
    image = torch.randn(2, 3, *size)
    known = (torch.rand(2, 1, *size) > 0.5).float()
    known[..., 0, 0] = 1
    filled = fill_holes(image, known)
    assert filled.shape == image.shape and filled.isfinite().all()
    kept = known.bool().expand_as(image)
    assert torch.equal(filled[kept], image[kept])
    # Holes lie between the colours around them.
    assert filled.max() <= image[kept].max() + 1e-5
    assert filled.min() >= image[kept].min() - 1e-5


def test_holes_have_no_influence():
    torch.manual_seed(0)
    image = torch.randn(1, 2, 20, 30)
    known = (torch.rand(1, 1, 20, 30) > 0.3).float()
    other = torch.where(known.bool(), image, 1e3)
    assert torch.allclose(fill_holes(image, known), fill_holes(other, known))


def test_constants_and_ramps_go_on():
    x = torch.linspace(0, 1, 64).expand(1, 1, 64, 64)
    known = torch.ones(1, 1, 64, 64)
    known[..., 20:44, 20:44] = 0
    flat = fill_holes(torch.full_like(x, 0.3), known)
    torch.testing.assert_close(flat, torch.full_like(x, 0.3))
    error = (fill_holes(x, known) - x).abs()
    assert error.max() < 0.12
    assert error[..., 32, 32].max() < 0.02
    # Smooth: it bends far less than a hole with an edge would.
    bend = laplace(fill_holes(x, known)[0, 0, 24:40, 24:40].numpy())
    assert abs(bend).max() < 0.05


def test_nothing_known_is_zero_and_shapes_are_checked():
    image = torch.ones(1, 3, 8, 8)
    assert not fill_holes(image, torch.zeros(1, 1, 8, 8)).any()
    with pytest.raises(ValueError, match='Expected image'):
        fill_holes(image, torch.zeros(1, 8, 8))
