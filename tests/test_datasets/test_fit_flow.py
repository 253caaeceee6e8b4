"""Flow of fits beside the truth of a pair."""

import numpy as np
import pytest
import torch

from mmposetransfer.datasets.transforms import (
    FitFlow,
    PackPoseTransferInputs,
    mirror_pair,
    move_target,
)
from mmposetransfer.errors import UserKeyError
from mmposetransfer.models import FittedFlow
from mmposetransfer.synthfashion import SynthFashionWorld

MADE = ('fit_flow', 'fit_visibility', 'twin_flow', 'twin_visibility')


@pytest.fixture(scope='module')
def pair():
    world = SynthFashionWorld(
        size=(64, 64), split='test', num_people=2, num_pairs=2
    )
    return world.pair(0)


@pytest.fixture(scope='module')
def fitted(pair):
    return FitFlow(margin=0.05)(dict(pair))


def test_the_truth_stays(pair, fitted):
    for name in ('flow', 'visibility', 'ref_keypoints', 'tgt_keypoints'):
        np.testing.assert_array_equal(fitted[name], pair[name])


def test_it_is_what_the_model_would_fit(fitted):
    inputs = PackPoseTransferInputs()(fitted)['inputs']
    poses = [inputs[f'{s}_keypoints'][None] for s in ('ref', 'tgt')]
    fitted_flow = FittedFlow(margin=0.05)
    own = fitted_flow(*poses, (64, 64))
    brought = {name: inputs[name][None] for name in MADE}
    taken = fitted_flow(*poses, (64, 64), **brought)
    for name in ('flow', 'visibility', 'twin_flow', 'twin_visibility'):
        assert torch.equal(getattr(own, name), getattr(taken, name)), name


def test_the_surface_is_added_on_demand(pair, fitted):
    assert 'tgt_surface' not in fitted
    more = FitFlow(margin=0.05, surface=True)(dict(pair))
    inputs = PackPoseTransferInputs()(more)['inputs']
    poses = [inputs[f'{s}_keypoints'][None] for s in ('ref', 'tgt')]
    wanted = FittedFlow(margin=0.05)(*poses, (64, 64)).surface[0]
    assert torch.equal(inputs['tgt_surface'], wanted)
    np.testing.assert_array_equal(
        more['tgt_surface'].any(0), more['near_trust'][0] > 0
    )
    with pytest.raises(ValueError, match='tgt_surface.*cannot be mirrored'):
        mirror_pair(more)


def test_nothing_is_left_to_chance(pair, fitted):
    again = FitFlow(margin=0.05)(dict(pair))
    for name in MADE:
        np.testing.assert_array_equal(again[name], fitted[name])


def test_prepared_pairs_are_fitted_at_once(pair, fitted, monkeypatch):
    """And alike, but for pixels where rounding decides."""
    other = dict(pair, tgt_keypoints=pair['ref_keypoints'])
    transform = FitFlow(margin=0.05)
    transform.prepare([dict(pair), other, dict(ref_id='no pose')])
    monkeypatch.setattr(
        type(transform.fit.fitter), '__call__', lambda *_, **__: 1 / 0
    )
    own = transform(dict(pair))
    for name in MADE:
        assert np.isclose(own[name], fitted[name], atol=0.1).mean() > 0.99
    assert transform(other)['fit_flow'].shape == (2, 64, 64)


def test_a_mirror_shows_it_mirrored(fitted):
    mirrored = mirror_pair(fitted)
    twice = mirror_pair(mirrored)
    for name in MADE:
        np.testing.assert_array_equal(twice[name], fitted[name])
    np.testing.assert_array_equal(
        mirrored['twin_flow'][0], -fitted['twin_flow'][0, :, ::-1]
    )


def test_a_moved_target_has_no_flow_where_it_had_none(fitted):
    moved = move_target(fitted, (5, 0))
    old, new = fitted['fit_flow'], moved['fit_flow']
    had = (fitted['fit_visibility'][0] != 2) | old.any(0)
    assert not new[:, :, 5:][:, ~had[:, :-5]].any()
    way = np.float32([-5, 0])[:, None]
    np.testing.assert_allclose(
        new[:, :, 5:][:, had[:, :-5]], old[:, :, :-5][:, had[:, :-5]] + way
    )
    assert not new[:, :, :5].any()


def test_without_poses_it_says_what_is_missing(pair):
    bare = {k: v for k, v in pair.items() if k != 'ref_keypoints'}
    with pytest.raises(UserKeyError, match='ref_keypoints'):
        FitFlow()(bare)
