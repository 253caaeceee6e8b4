"""Textile patterns: seamless, different from each other, repeatable."""

import cv2
import numpy as np
import pytest
from closeness import assert_same_picture

from mmposetransfer.synthfashion.patterns import (
    PATTERNS,
    PLACED_PATTERNS,
    paint_pattern,
    sample_pattern,
)
from mmposetransfer.synthfashion.patterns.fields import (
    coverage,
    noise,
    over,
    ramp,
    upsample,
)
from mmposetransfer.synthfashion.patterns.priors import garment_prior

COLORS = np.array(
    [(0.9, 0.85, 0.8), (0.1, 0.15, 0.4), (0.7, 0.1, 0.1), (0.2, 0.5, 0.3)]
)
TILED = [name for name in PATTERNS if name not in PLACED_PATTERNS]
CATEGORIES = (
    't_shirt',
    'shirt',
    'blouse',
    'sweater',
    'hoodie',
    'jacket',
    'trousers',
    'jeans',
    'shorts',
    'leggings',
    'skirt',
    'dress',
)


def paint(name, seed=0, size=256, colors=COLORS):
    return paint_pattern(name, np.random.default_rng(seed), size, colors)


def seam_excess(tile, axis):
    """Step across the seam over the largest step inside, grey levels.

    Inside, an edge may be spread over two pixels.
    """
    tile = tile.astype(float)
    steps = np.abs(tile - np.roll(tile, 1, axis)).mean((1 - axis, 2))
    return steps[0] - (steps[1:-1] + steps[2:]).max()


@pytest.mark.parametrize('name', TILED)
def test_wraps_seamlessly(name):
    for seed in range(3):
        for axis in (0, 1):
            assert seam_excess(paint(name, seed), axis) < 1.0


def test_seam_measure_sees_a_seam():
    assert seam_excess(paint('gradient'), 0) > 20
    assert seam_excess(paint('watercolor')[:, :100], 1) > 5


@pytest.mark.parametrize('name', PLACED_PATTERNS)
def test_placed_patterns_wrap_sideways(name):
    for seed in range(5):
        assert seam_excess(paint(name, seed), 1) < 1.0


@pytest.mark.parametrize('name', ['lettering', 'graphic'])
def test_prints_lie_in_the_middle_on_plain_ground(name):
    for seed in range(10):
        tile = paint(name, seed).astype(int)
        differs = np.abs(tile - tile[0, 0]).max(2) > 8
        assert 0.003 < differs.mean() < 0.25
        v, u = np.nonzero(differs)
        assert abs(u.mean() / 256 - 0.5) < 0.06
        assert v.min() > 0.1 * 256 and v.max() < 0.75 * 256
        assert u.min() > 0.1 * 256 and u.max() < 0.9 * 256


@pytest.mark.parametrize('name', PATTERNS)
def test_deterministic_and_varied(name):
    tile = paint(name, 4, 96, None)
    assert tile.shape == (96, 96, 3) and tile.dtype == np.uint8
    assert_same_picture(tile, paint(name, 4, 96, None))
    assert any((paint(name, k, 96, None) != tile).any() for k in (5, 6))


@pytest.mark.parametrize('size', [32, 65, 512])
def test_any_size(size):
    for name in PATTERNS:
        assert paint(name, 1, size).shape == (size, size, 3)


@pytest.mark.parametrize(
    'name',
    [
        name
        for name in PATTERNS
        if name
        not in (
            'melange',
            'denim',
            'herringbone',
            'houndstooth',
            'fair_isle',
            'cable_knit',
            'rib_knit',
            'lettering',
            'camouflage',
        )
    ],
)
def test_small_tile_is_the_large_one_from_afar(name):
    large = cv2.resize(
        paint(name, 2, 256), (64, 64), interpolation=cv2.INTER_AREA
    )
    small = cv2.resize(
        paint(name, 2, 128), (64, 64), interpolation=cv2.INTER_AREA
    )
    assert np.abs(large.astype(int) - small).mean() < 16


def test_patterns_differ_from_each_other():
    tiles = {name: paint(name, 3, 128).astype(float) for name in PATTERNS}
    assert len(PATTERNS) >= 24
    for i, a in enumerate(PATTERNS):
        for b in PATTERNS[:i]:
            assert np.abs(tiles[a] - tiles[b]).mean() > 1.5, (a, b)


def test_stripes_run_the_right_way():
    for name, axis in (
        ('horizontal_stripes', 1),
        ('breton', 1),
        ('vertical_stripes', 0),
        ('pinstripe', 0),
    ):
        tile = paint(name).astype(int)
        assert np.ptp(tile, axis).max() <= 1, name
        assert np.ptp(tile, 1 - axis).max() > 100, name


def test_checks_are_the_same_along_warp_and_weft():
    for name in ('gingham', 'tartan', 'windowpane'):
        tile = paint(name)
        assert_same_picture(tile, tile.transpose(1, 0, 2))


def test_colours_are_used_as_given():
    plain = paint('plain').mean((0, 1)) / 255
    np.testing.assert_allclose(plain, COLORS[0], atol=0.01)
    striped = paint('horizontal_stripes').reshape(-1, 3)
    seen = {tuple(color) for color in np.unique(striped, axis=0)}
    for wanted in COLORS[:2]:
        assert tuple(np.rint(wanted * 255).astype(int)) in seen


def test_missing_colours_are_drawn_and_bad_ones_refused():
    tile = paint('tartan', colors=COLORS[:1])
    assert tile.shape == (256, 256, 3)
    with pytest.raises(ValueError, match=r'\(n, 3\).*got shape \(3,\)'):
        paint('plain', colors=COLORS[0])
    with pytest.raises(ValueError, match="unknown pattern 'polka'"):
        paint('polka')


def test_priors_name_patterns_and_suit_the_garment():
    seen = set()
    for category in CATEGORIES:
        prior = garment_prior(category)
        assert set(prior) <= set(PATTERNS)
        seen |= set(prior)
    assert seen == set(PATTERNS)
    rng = np.random.default_rng(0)
    assert {sample_pattern(rng, 'jeans', 16)[0] for _ in range(20)} == {
        'denim'
    }
    drawn = [sample_pattern(rng, 't_shirt', 16)[0] for _ in range(300)]
    assert 0.15 < drawn.count('plain') / 300 < 0.5
    assert drawn.count('lettering') > 15 and drawn.count('tartan') == 0


def test_upsample_is_the_bspline_of_scipy():
    from scipy.interpolate import BSpline

    values = np.random.default_rng(0).random((1, 9)).astype(np.float32)
    x = (np.arange(90) + 0.5) / 90 * 9 - 0.5
    index = np.arange(-3, 12) % 9
    knots = np.arange(-3 - 2, 12 + 2)
    spline = BSpline(knots.astype(float), values[0, index], 3)
    np.testing.assert_allclose(
        upsample(values, 1, 90)[0], spline(x), atol=1e-5
    )


def test_upsample_small_is_the_mean_of_upsample_large():
    values = np.random.default_rng(1).random((40, 40)).astype(np.float32)
    large = upsample(values, 320, 320)
    small = upsample(values, 40, 40)
    np.testing.assert_allclose(
        small, large.reshape(40, 8, 40, 8).mean((1, 3)), atol=0.02
    )


def test_noise_has_mean_zero_and_unit_spread():
    spread = [
        noise(np.random.default_rng(k), 128, 12, 2).std() for k in range(10)
    ]
    assert 0.75 < np.mean(spread) < 1.25
    assert abs(noise(np.random.default_rng(0), 128, 12).mean()) < 0.01


def test_over_blends_and_ramp_interpolates():
    image = np.full((4, 4, 3), 100, np.uint8)
    mask = np.zeros((4, 4), np.float32)
    mask[1], mask[2] = 0.5, 1
    over(image, mask, (1, 0, 0.2))
    # Halves may be rounded either way.
    np.testing.assert_allclose(
        image[:, 0],
        [(100, 100, 100), (177.5, 50, 75.5), (255, 0, 51), (100, 100, 100)],
        atol=0.5,
    )
    field = np.array([[0, 0.5, 1, 7]], np.float32)
    colored = ramp(field, np.array([(0, 0, 0), (1, 0, 0), (1, 1, 1)]))
    np.testing.assert_allclose(
        colored[0],
        [(0, 0, 0), (255, 1, 1), (255, 255, 255)] + [(255, 255, 255)],
        atol=2,
    )


def test_coverage_is_half_on_the_edge():
    np.testing.assert_allclose(
        coverage(np.array([-1, 0, 0.25 / 64, 1], np.float32), 64),
        [0, 0.5, 0.75, 1],
    )
