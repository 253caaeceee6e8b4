"""Drawn pictures turned into photographs, against what cameras do."""

import math

import cv2
import numpy as np
import pytest

from mmposetransfer.datasets.transforms import PhotographDegradation
from mmposetransfer.datasets.transforms.photographs import tone_table

NOTHING = dict(colour_prob=0, blur_prob=0, grain_prob=0, jpeg_prob=0)


def make_pair(level=120, size=(64, 48)):
    picture = np.full((*size, 3), level, np.uint8)
    return dict(ref_img=picture, tgt_img=picture.copy(), ref_id='a')


def degrade(pair=None, seed=0, **settings):
    np.random.seed(seed)
    transform = PhotographDegradation(**{**NOTHING, **settings})
    return transform(pair or make_pair())


def linear(level):
    """Linear light of one sRGB level, after IEC 61966-2-1."""
    value = level / 255
    return (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
    )


def test_a_stop_doubles_the_light():
    table = tone_table(1.0, 0.0, 0.0, 0.0)[0]
    for level in (40, 90, 150):
        for channel in range(3):
            brighter = linear(table[level, channel])
            assert brighter == pytest.approx(2 * linear(level), rel=0.03)
    assert (table[230:] == 255).all()


def test_white_balance_moves_blue_and_red_alone():
    plain = tone_table(0.0, 0.0, 0.0, 0.0)[0]
    np.testing.assert_array_equal(plain, np.arange(256)[:, None].repeat(3, 1))
    table = tone_table(0.0, 0.5, -0.5, 0.0)[0]
    np.testing.assert_array_equal(table[:, 1], np.arange(256))
    blue, _, red = (linear(level) for level in table[120])
    assert blue == pytest.approx(linear(120) * 2**0.5, rel=0.03)
    assert red == pytest.approx(linear(120) / 2**0.5, rel=0.03)


def test_contrast_leaves_black_and_white():
    table = tone_table(0.0, 0.0, 0.0, 0.5)[0]
    assert set(table[0]) == {0} and set(table[255]) == {255}
    assert table[128, 0] == round(255 * (128 / 255) ** 1.5)


def test_one_studio_has_one_light():
    together, apart = (
        [
            degrade(seed=seed, colour_prob=1, difference=difference)
            for seed in range(200)
        ]
        for difference in (0, 0.1)
    )
    for pair in together:
        np.testing.assert_array_equal(pair['ref_img'], pair['tgt_img'])
    changes = np.array(
        [
            [np.int64(pair[key][0, 0]) - 120 for key in ('ref_img', 'tgt_img')]
            for pair in apart
        ]
    )
    # Far less between the pictures than between the pairs, but something.
    between = np.abs(changes[:, 0] - changes[:, 1]).mean()
    assert 0.2 < between < 0.25 * np.abs(changes).mean()


def test_the_target_stays_clean():
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (64, 48, 3), np.uint8)
    pair = dict(ref_img=picture, tgt_img=picture.copy(), ref_id='a')
    made = degrade(pair, blur_prob=1, grain_prob=1, jpeg_prob=1)
    np.testing.assert_array_equal(made['tgt_img'], picture)
    np.testing.assert_array_equal(pair['ref_img'], picture)
    assert np.abs(made['ref_img'] - picture.astype(int)).mean() > 3
    assert made['ref_img'].dtype == np.uint8
    assert made['ref_img'].shape == picture.shape


def test_grain_is_noise_of_its_size_mostly_grey():
    spreads = []
    for seed in range(40):
        ref = degrade(seed=seed, grain_prob=1, max_grain=12)['ref_img']
        noise = ref.reshape(-1, 3) - 120.0
        assert np.abs(noise.mean(0)).max() < 1
        spreads.append(noise.std())
        if spreads[-1] > 3:
            together = np.corrcoef(noise.T)[np.triu_indices(3, 1)]
            np.testing.assert_allclose(together, 0.64, atol=0.06)
    # Uniform up to twelve levels.
    assert max(spreads) < 12.5 and min(spreads) < 2
    assert np.mean(spreads) == pytest.approx(6, abs=1.2)


def test_blur_is_gaussian():
    """An edge becomes the error function of the widest spread or less."""
    edge = np.zeros((256, 64, 3), np.uint8)
    edge[:, 32:] = 255
    pair = dict(ref_img=edge, tgt_img=edge, ref_id='a')
    sigmas = []
    for seed in range(30):
        row = degrade(pair, seed, blur_prob=1, max_blur=2)['ref_img'][
            128, :, 0
        ]
        # The pixel beside the edge is half a pixel from it.
        share = row[32] / 255
        if share == 1:
            continue
        low, high = 0.01, 5.0
        for _ in range(40):  # erf by bisection
            middle = (low + high) / 2
            above = 0.5 + 0.5 * math.erf(0.5 / middle / 2**0.5) > share
            low, high = (middle, high) if above else (low, middle)
        sigmas.append(low)
        expected = 0.5 + 0.5 * math.erf(1.5 / low / 2**0.5)
        assert row[33] / 255 == pytest.approx(expected, abs=0.03)
    assert len(sigmas) > 20 and max(sigmas) < 2.2 and np.mean(sigmas) > 0.8


def test_jpeg_of_a_quality():
    cv2.setRNGSeed(0)
    rng = np.random.default_rng(0)
    picture = cv2.GaussianBlur(
        rng.integers(0, 256, (64, 64, 3), np.uint8), (0, 0), 1.5
    )
    pair = dict(ref_img=picture, tgt_img=picture, ref_id='a')
    worse, better = (
        np.abs(
            degrade(pair, jpeg_prob=1, jpeg_quality=(quality, quality))[
                'ref_img'
            ]
            - picture.astype(int)
        ).mean()
        for quality in (40, 95)
    )
    assert 0 < better < 0.6 * worse < 10


def test_probabilities_and_the_seed():
    def all_of(seed):
        return degrade(
            seed=seed,
            **dict.fromkeys(NOTHING, 0.5),
        )

    made = [all_of(seed) for seed in range(60)]
    clean = [
        (pair['ref_img'] == 120).all() and (pair['tgt_img'] == 120).all()
        for pair in made
    ]
    assert 0 < np.mean(clean) < 0.4
    for seed in (3, 4, 5):
        np.testing.assert_array_equal(
            all_of(seed)['ref_img'], made[seed]['ref_img']
        )


@pytest.mark.parametrize(
    'settings, words',
    [
        (dict(exposure=-1), 'exposure: expected a number from 0 to 4'),
        (dict(grain_prob=1.5), 'grain_prob: .*got 1.5'),
        (dict(jpeg_quality=(90, 60)), 'jpeg_quality: .*from 1 to 60, got 90'),
    ],
)
def test_bad_arguments(settings, words):
    with pytest.raises(ValueError, match=words):
        PhotographDegradation(**settings)


def test_pictures_are_needed():
    with pytest.raises(KeyError, match="needs 'tgt_img' of the pair a"):
        degrade(dict(ref_img=np.zeros((4, 4, 3), np.uint8), ref_id='a'))
