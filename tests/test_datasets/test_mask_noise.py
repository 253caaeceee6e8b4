"""Masks with the faults of those that are found."""

import numpy as np
import pytest

from mmposetransfer.datasets.transforms import MaskNoise
from mmposetransfer.engine.random_state import random_state_kept


def make_pair():
    y, x = np.mgrid[:128, :88]
    mask = (np.hypot((y - 64) / 50, (x - 44) / 20) < 1).astype(np.float32)
    return dict(ref_person=mask[None], tgt_person=mask[None])


def drawn(transform, seed):
    with random_state_kept():
        np.random.seed(seed)
        return transform(make_pair())


def test_it_is_soft_and_stands_off_the_outline():
    true = make_pair()['ref_person']
    soft, larger = 0, []
    for seed in range(20):
        mask = drawn(MaskNoise(prob=1.0), seed)['ref_person']
        assert mask.shape == true.shape
        assert mask.dtype == np.float32
        assert mask.min() == 0
        assert mask.max() == 1
        soft += ((mask > 0.02) & (mask < 0.98)).mean() / 20
        larger.append((mask > 0.5).sum() / true.sum())
    assert 0.01 < soft < 0.2
    assert 1.0 < np.mean(larger) < 1.2
    assert np.std(larger) > 0.005


def test_far_from_the_outline_nothing_is_changed():
    true = make_pair()['ref_person']
    for seed in range(20):
        mask = drawn(MaskNoise(prob=1.0), seed)['ref_person']
        assert (mask[:, 40:88, 40:48] == 1).all()
        assert not mask[:, :, :10].any()
        assert not true[:, :, :10].any()


def test_the_target_stays_and_so_does_what_came_in():
    pair = make_pair()
    noisy = MaskNoise(prob=1.0)(pair)
    assert noisy['tgt_person'] is pair['tgt_person']
    assert (pair['ref_person'] == make_pair()['ref_person']).all()


def test_a_seed_says_it_all():
    a, b, other = (drawn(MaskNoise(), s)['ref_person'] for s in (1, 1, 2))
    assert (a == b).all()
    assert (a != other).any()


def test_a_share_of_the_masks_is_left():
    true = make_pair()['ref_person']
    left = sum(
        (drawn(MaskNoise(prob=0.5), seed)['ref_person'] == true).all()
        for seed in range(60)
    )
    assert 15 < left < 45


@pytest.mark.parametrize(
    'wrong',
    [dict(blur=(0, 1)), dict(blur=(2, 1)), dict(doubt=-1), dict(prob=1.1)],
)
def test_arguments_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        MaskNoise(**wrong)


def test_a_pair_without_a_mask_is_refused_by_name():
    with pytest.raises(KeyError, match="needs 'ref_person'"):
        MaskNoise()(dict(ref_id='a.png'))
