"""Fields of pictures of one size at another."""

import numpy as np
import pytest
import torch
from closeness import assert_near
from PIL import Image

from mmposetransfer.datasets.image_sizes import (
    fit_field,
    fit_flow,
    fit_keypoints,
)
from mmposetransfer.models import draw_gaussians, flow_warp
from mmposetransfer.models.stretching import stretch_field
from mmposetransfer.structures import FIELDS

NARROW, WIDE = (64, 44), (64, 64)  # a quarter of GFLA's
IMAGE, SOFT = FIELDS['ref_img'], FIELDS['ref_person']
CLASSES, FLOW = FIELDS['visibility'], FIELDS['flow']
KEYPOINTS = FIELDS['ref_keypoints']


def there_and_back(field, value):
    wide = stretch_field(field, value, NARROW, WIDE)
    return stretch_field(field, wide, WIDE, NARROW)


def grid(height, width):
    """The pixels' centres, x and y, (1, 2, H, W)."""
    y, x = torch.meshgrid(
        torch.arange(height), torch.arange(width), indexing='ij'
    )
    return torch.stack([x, y])[None].float()


def waves(size, count, seed=0):
    """Smooth maps (1, count, H, W) that show the same at any size."""
    generator = torch.Generator().manual_seed(seed)
    rates, phase = torch.rand(2, count, 2, generator=generator)
    sides = torch.tensor(size[::-1])[:, None, None]
    place = (grid(*size)[0] + 0.5) / sides  # in [0, 1]
    angle = place * (4 * rates + 2)[..., None, None]
    return torch.sin(angle + 6 * phase[..., None, None]).prod(1)[None]


@pytest.mark.parametrize('field', [IMAGE, SOFT, FLOW, CLASSES])
def test_one_colour_stays_one_colour(field):
    flat = torch.full((2, field is FLOW or 1, *NARROW), 2.0)
    if field is FLOW:
        flat = flat.expand(-1, 2, -1, -1)
    assert_near(there_and_back(field, flat), flat)


@pytest.mark.parametrize('axis', [0, 1])
def test_a_gradient_stays_a_gradient(axis):
    """Nothing is moved, not by a fraction of a pixel, but at the border."""
    ramp = grid(*NARROW)[:, axis : axis + 1]
    wide = stretch_field(SOFT, ramp, NARROW, WIDE)
    assert wide.shape == (1, 1, *WIDE)
    x, y = grid(*WIDE)[0]
    wanted = ((x + 0.5) * 44 / 64 - 0.5, y)[axis]
    inside = (..., slice(2, -2), slice(2, -2))
    torch.testing.assert_close(
        wide[0, 0][inside], wanted[inside], atol=1e-4, rtol=0
    )
    back = there_and_back(SOFT, ramp)
    assert (back - ramp)[inside].abs().max() < 0.1
    assert (back - ramp)[inside].mean().abs() < 0.01


@pytest.mark.parametrize('sizes', [(NARROW, WIDE), (WIDE, NARROW)])
def test_pictures_are_as_pillow_makes_them(sizes):
    """The filter that GFLA's authors stretch with."""
    size, new_size = sizes
    plane = np.random.default_rng(0).normal(size=size).astype(np.float32)
    wanted = Image.fromarray(plane).resize(new_size[::-1], Image.BILINEAR)
    got = stretch_field(
        IMAGE, torch.from_numpy(plane)[None, None], size, new_size
    )
    np.testing.assert_allclose(got[0, 0], wanted, atol=1e-5)


@pytest.mark.parametrize('new_size', [(96, 66), (40, 27), (64, 44)])
def test_it_agrees_with_what_datasets_do(new_size):
    """Of the same aspect, for datasets cut what is beyond."""
    rng = np.random.default_rng(0)
    size = (new_size[0] * 2 // 3, new_size[1] * 2 // 3)
    soft = rng.random((1, *size), np.float32)
    classes = rng.integers(0, 3, (1, *size), np.uint8)
    flow = rng.normal(size=(2, *size)).astype(np.float32)
    joints = rng.random((18, 3)) * [size[1] - 1, size[0] - 1, 1]

    def stretched(field, value):
        value = torch.from_numpy(value)[None]
        return stretch_field(field, value, size, new_size)[0].numpy()

    wanted_flow, _ = fit_flow(flow, classes, new_size)
    assert_near(stretched(FLOW, flow), wanted_flow)
    assert np.array_equal(
        stretched(CLASSES, classes), fit_field(CLASSES, classes, new_size)
    )
    np.testing.assert_allclose(
        stretched(SOFT, soft), fit_field(SOFT, soft, new_size), atol=1e-5
    )
    np.testing.assert_allclose(
        stretched(KEYPOINTS, joints),
        fit_keypoints(joints, size, new_size),
        atol=1e-9,
    )


def test_classes_and_flow_come_back_as_they_were():
    """The nearest pixel of the nearest pixel is the pixel."""
    for small, large in ((NARROW, WIDE), ((7, 5), (32, 31)), ((3, 3), (4, 9))):
        numbers = torch.arange(small[0] * small[1]).reshape(1, 1, *small)
        wide = stretch_field(CLASSES, numbers, small, large)
        back = stretch_field(CLASSES, wide, large, small)
        assert torch.equal(back, numbers)
    flow = torch.randn(2, 2, *NARROW)
    assert_near(there_and_back(FLOW, flow), flow)


def test_joints_stay_on_what_they_are_joints_of():
    joints = torch.tensor([[[20.0, 30, 1], [13.5, 40.25, 0.5], [25, 20, 1]]])
    dots = draw_gaussians(joints, NARROW, 2)
    moved = stretch_field(KEYPOINTS, joints, NARROW, WIDE)
    dots = stretch_field(SOFT, dots, NARROW, WIDE)
    weight = dots / dots.sum((2, 3), keepdim=True)
    centres = (grid(*WIDE)[:, None] * weight[:, :, None]).sum((3, 4))
    torch.testing.assert_close(moved[..., :2], centres, atol=0.01, rtol=0)
    assert torch.equal(moved[..., 2], joints[..., 2])
    assert_near(there_and_back(KEYPOINTS, joints), joints)


@pytest.mark.parametrize('sizes', [(NARROW, WIDE), (WIDE, NARROW)])
def test_a_stretched_flow_warps_stretched_pictures(sizes):
    size, new_size = sizes
    picture, flow = waves(size, 3), 4 * waves(size, 2, seed=1)
    wanted = stretch_field(IMAGE, flow_warp(picture, flow), size, new_size)
    picture = stretch_field(IMAGE, picture, size, new_size)
    inside = (..., slice(8, -8), slice(8, -8))

    def error(flow):
        return (flow_warp(picture, flow) - wanted)[inside].abs().mean()

    new_flow = stretch_field(FLOW, flow, size, new_size)
    unscaled = stretch_field(SOFT, flow, size, new_size)
    assert error(new_flow) < 0.01
    assert error(unscaled) > 5 * error(new_flow)


@pytest.mark.parametrize('name', ['ref_img', 'flow', 'tgt_keypoints'])
def test_the_same_size_is_left_alone(name):
    value = torch.rand(1, 3, *WIDE)
    assert stretch_field(FIELDS[name], value, WIDE, WIDE) is value


def test_labels_have_no_place():
    labels = torch.arange(5)[None]
    assert stretch_field(FIELDS['attributes'], labels, WIDE, NARROW) is labels
