"""Guidance by two conditions, against the papers' equations."""

import pytest
import torch
from closeness import assert_near

from mmposetransfer.models.methods.diffusion import (
    draw_conditions,
    guidance_terms,
    guided,
)

WITH = [(False, False), (True, False), (False, True), (True, True)]


def predictions():
    torch.manual_seed(0)
    return {which: torch.randn(2, 3, 4, 4) for which in WITH}


@pytest.mark.parametrize('pose, ref', [(2.0, 2.0), (1.5, 3.0), (1, 1), (0, 2)])
def test_predictions_are_put_together_as_published(pose, ref):
    found = predictions()
    neither, with_pose, with_ref, with_both = (found[w] for w in WITH)

    def predict(*which):
        return found[which]

    assert_near(
        guided(predict, guidance_terms('disentangled', pose, ref)),
        neither + pose * (with_pose - neither) + ref * (with_ref - neither),
    )
    assert_near(
        guided(predict, guidance_terms('cumulative', pose, ref)),
        neither + pose * (with_pose - neither) + ref * (with_both - with_pose),
    )


@pytest.mark.parametrize(
    'kind, pose, ref, asked',
    [
        ('cumulative', 1, 1, {(True, True)}),
        ('cumulative', 2, 2, {(False, False), (True, True)}),
        ('cumulative', 2, 3, {(False, False), (True, False), (True, True)}),
        ('disentangled', 2, 2, {*WITH} - {(True, True)}),
        ('disentangled', 1, 0, {(True, False)}),
    ],
)
def test_what_has_no_weight_is_not_asked_for(kind, pose, ref, asked):
    terms = guidance_terms(kind, pose, ref)
    assert set(terms) == asked
    assert sum(terms.values()) == pytest.approx(1)


def test_another_kind_is_refused():
    with pytest.raises(ValueError, match="one of .*'cumulative'.*got 'both'"):
        guidance_terms('both', 1, 1)


def test_conditions_are_dropped_as_often_as_asked():
    torch.manual_seed(0)
    count = 40_000
    pose, ref = draw_conditions(count, 0.05, 0.15, 0.1)
    assert pose.shape == ref.shape == (count, 1, 1, 1)
    seen = {
        which: ((pose == which[0]) & (ref == which[1])).float().mean().item()
        for which in WITH
    }
    wanted = dict(zip(WITH, (0.1, 0.15, 0.05, 0.7), strict=True))
    assert seen == pytest.approx(wanted, abs=0.01)  # four deviations


@pytest.mark.parametrize(
    'drops, seen',
    [((0, 0, 0), (1, 1)), ((1, 0, 0), (0, 1)), ((0, 1, 0), (1, 0))],
)
def test_conditions_that_are_certain(drops, seen):
    pose, ref = draw_conditions(50, *drops)
    assert (pose == seen[0]).all() and (ref == seen[1]).all()
