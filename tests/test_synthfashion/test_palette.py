"""Colours: names, ranges and contrast."""

import numpy as np
import pytest
from closeness import assert_near
from skimage import color

from mmposetransfer.synthfashion.palette import (
    COLOR_NAMES,
    color_name,
    hex_to_rgb,
    rgb_to_lab,
    sample_colors,
)


def test_lab_agrees_with_scikit_image():
    rgb = np.random.default_rng(0).random((50, 3)).astype(np.float32)
    np.testing.assert_allclose(rgb_to_lab(rgb), color.rgb2lab(rgb), atol=0.3)


@pytest.mark.parametrize(
    'code, name',
    [
        ('000000', 'black'),
        ('ffffff', 'white'),
        ('808080', 'grey'),
        ('ff0000', 'red'),
        ('800000', 'red'),
        ('ffc0cb', 'pink'),
        ('ffa500', 'orange'),
        ('ffff00', 'yellow'),
        ('008000', 'green'),
        ('808000', 'green'),
        ('0000ff', 'blue'),
        ('87ceeb', 'blue'),
        ('000080', 'navy'),
        ('800080', 'purple'),
        ('8b4513', 'brown'),
        ('f5deb3', 'beige'),
    ],
)
def test_names_of_web_colours(code, name):
    assert color_name(hex_to_rgb(code)) == name


@pytest.mark.parametrize('kind', ['garment', 'skin', 'hair', 'background'])
def test_range_shape_and_determinism(kind):
    first, second = (
        sample_colors(np.random.default_rng(3), 5, kind) for _ in range(2)
    )
    assert first.shape == (5, 3) and first.dtype == np.float32
    assert first.min() >= 0 and first.max() <= 1
    assert_near(first, second)


def test_garment_colours_stand_out_and_are_mostly_neutral():
    schemes = [sample_colors(np.random.default_rng(k), 3) for k in range(200)]
    lab = color.rgb2lab(np.stack(schemes))
    contrast = np.linalg.norm(lab[:, 0] - lab[:, 1], axis=1)
    assert contrast.min() > 15
    chroma = np.hypot(lab[:, 0, 1], lab[:, 0, 2])
    assert 0.4 < (chroma < 20).mean() < 0.85
    names = {color_name(s[0]) for s in schemes}
    assert len(names) >= 10 and names <= set(COLOR_NAMES)


def test_skin_spans_the_human_range_and_looks_like_skin():
    skin = sample_colors(np.random.default_rng(0), 500, 'skin')
    light = color.rgb2lab(skin)[:, 0]
    assert np.percentile(light, 5) < 25 and np.percentile(light, 95) > 80
    assert (skin[:, 0] > skin[:, 1]).all()  # red over green over blue
    assert (skin[:, 1] > skin[:, 2] - 0.01).all()


def test_bad_arguments():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="got 'eyes'"):
        sample_colors(rng, 1, 'eyes')
    with pytest.raises(ValueError, match='at least 1'):
        sample_colors(rng, 0)
