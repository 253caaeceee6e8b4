"""Maps as colours."""

import numpy as np
import pytest
import torch
from mmcv.visualization import flow2rgb

from mmposetransfer.visualization import (
    VISIBILITY_COLORS,
    flow_colors,
    image_from_bgr,
    image_to_rgb,
    part_colors,
    visibility_colors,
    weight_map_colors,
)


def test_image_to_rgb_values_and_order():
    image = torch.tensor([-1.0, 0.0, 3.0]).view(3, 1, 1).expand(3, 2, 5)
    picture = image_to_rgb(image.bfloat16())
    assert picture.shape == (2, 5, 3) and picture.dtype == np.uint8
    assert picture[0, 0].tolist() == [0, 128, 255]


def test_image_from_bgr_is_the_inverse():
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (4, 5, 3), np.uint8)
    image = image_from_bgr(picture)
    assert image.shape == (3, 4, 5) and image.abs().max() <= 1
    assert (image_to_rgb(image) == picture[..., ::-1]).all()


def test_flow_colors_equal_mmcv_at_their_own_scale():
    generator = torch.Generator().manual_seed(0)
    flow = 5 * torch.randn(2, 9, 7, generator=generator)
    expected = flow2rgb(flow.permute(1, 2, 0).numpy().astype(float)) * 255
    np.testing.assert_allclose(flow_colors(flow), expected, atol=0.51)


def test_flow_colors_share_a_scale_and_clip():
    flow = torch.zeros(2, 4, 4)
    flow[0, 0, 0], flow[0, 0, 1], flow[0, 0, 2] = 2, 4, 40
    whole = flow_colors(flow, max_norm=4)
    part = flow_colors(flow * (flow <= 2), max_norm=4)
    assert (whole[0, 0] == part[0, 0]).all()  # the same flow, the same colour
    assert (whole[0, 1] == whole[0, 2]).all()  # drawn at full saturation
    assert (whole[0, 0] != whole[0, 1]).any()
    assert (whole[1:] == 255).all()  # no flow is white


def test_flow_colors_survive_zero_and_broken_flow():
    assert (flow_colors(torch.zeros(2, 3, 3)) == 255).all()
    flow = torch.ones(2, 3, 3)
    flow[0, 0, 0], flow[1, 1, 1] = float('nan'), float('inf')
    picture = flow_colors(flow)
    assert (picture[0, 0] == 0).all() and (picture[1, 1] == 0).all()
    assert (picture[2] == flow_colors(torch.ones(2, 3, 3))[2]).all()


def test_visibility_colors_are_green_red_blue():
    picture = visibility_colors(torch.tensor([[[0, 1, 2]]]))
    assert picture.argmax(-1).tolist() == [[1, 0, 2]]
    assert (picture[0] == VISIBILITY_COLORS).all()
    with pytest.raises(ValueError, match=r'visibility must lie in \[0, 2\]'):
        visibility_colors(np.array([[0, 3]]))


def test_part_colors_differ():
    picture = part_colors(np.arange(7)[None])
    assert len(np.unique(picture[0], axis=0)) == 7


def test_weight_map_colors_grow_lighter():
    picture = weight_map_colors(torch.linspace(0, 1, 11)[None, None])
    light = picture[0].astype(int) @ [3, 6, 1]
    assert (np.diff(light) > 0).all()


@pytest.mark.parametrize(
    'function', [image_to_rgb, flow_colors, weight_map_colors]
)
def test_wrong_shapes_are_named(function):
    with pytest.raises(ValueError, match=r'got \(5, 4, 4\)'):
        function(torch.zeros(5, 4, 4))
