"""Joints as an estimator finds them: sizes, losses, swaps."""

import numpy as np
import pytest

from mmposetransfer.datasets.transforms import EstimatorNoise, person_height
from mmposetransfer.synthfashion import SynthFashionWorld

SIZE = (256, 176)
NO_LOSS = dict(losses=0, any_lost=0, swapped=0)
# A standing person of 220 pixels, upright: the limbs of the shares below.
STANDING = np.float32(
    [
        [88, 35, 1],
        [88, 55, 1],
        [68, 56, 1],
        [66, 92, 1],
        [64, 125, 1],
        [108, 56, 1],
        [110, 92, 1],
        [112, 125, 1],
        [76, 118, 1],
        [76, 170, 1],
        [76, 222, 1],
        [100, 118, 1],
        [100, 170, 1],
        [100, 222, 1],
        [84, 32, 1],
        [92, 32, 1],
        [79, 34, 1],
        [97, 34, 1],
    ]
)


def make_pair(keypoints=STANDING):
    return dict(
        ref_img=np.zeros((*SIZE, 3), np.uint8),
        tgt_img=np.zeros((*SIZE, 3), np.uint8),
        ref_keypoints=keypoints.copy(),
        tgt_keypoints=keypoints.copy(),
        ref_id='a',
        tgt_id='b',
    )


def draws(count=1500, keypoints=STANDING, **settings):
    """(count, 18, 3) of what is found on the target."""
    np.random.seed(0)
    noise = EstimatorNoise(**settings)
    pair = make_pair(keypoints)
    found = np.array([noise(pair)['tgt_keypoints'] for _ in range(count)])
    np.testing.assert_array_equal(pair['tgt_keypoints'], keypoints)
    return found


def test_height_of_a_person():
    assert person_height(STANDING) == pytest.approx(220, rel=0.05)
    half = STANDING * np.float32([0.5, 0.5, 1])
    assert person_height(half) == pytest.approx(110, rel=0.05)
    cut = STANDING.copy()
    cut[9:14, 2] = 0
    assert person_height(cut) == pytest.approx(220, rel=0.08)
    assert person_height(STANDING * np.float32([1, 1, 0])) == 0


def test_height_of_drawn_people():
    """Against the mesh, of standing people who are whole in the picture."""
    world = SynthFashionWorld((256, 256), num_people=40, num_pairs=40)
    ratios = []
    for index in range(25):
        for view in world._views(world.person(index), index):
            if not view.pose.name.endswith(('front', 'back', 'walking')):
                continue
            keypoints = np.c_[view.keypoints[:, :2], np.ones(18)]
            tall = np.ptp(view.scene.projected[:, 1])
            ratios.append(person_height(keypoints) / tall)
    assert len(ratios) > 5
    assert np.median(ratios) == pytest.approx(1, abs=0.1)


def test_offsets_and_spreads_are_the_measured_ones():
    """In shares of the height: MediaPipe's shoulders lie above the true."""
    found = draws(**NO_LOSS)
    errors = (found - STANDING)[..., :2] / person_height(STANDING)
    middle = np.median(errors, axis=0)
    np.testing.assert_allclose(middle[[2, 5], 1], -0.013, atol=0.001)
    np.testing.assert_allclose(middle[[10, 13], 1], -0.012, atol=0.001)
    np.testing.assert_allclose(middle[:, 0], 0, atol=0.002)
    # The median of a Rayleigh distribution is 1.177 spreads; far ones add.
    radii = np.median(np.linalg.norm(errors - middle, axis=2), axis=0) / 1.177
    np.testing.assert_allclose(radii[[8, 11]], 0.014, rtol=0.15)
    np.testing.assert_allclose(radii[[14, 15]], 0.0045, rtol=0.15)
    far = np.linalg.norm(errors - middle, axis=2) > 3 * radii
    assert 0.04 < far.mean() < 0.12


def test_offsets_turn_with_the_person():
    """Of somebody who lies with the head to the left."""
    lying = STANDING[:, [1, 0, 2]] * np.float32([0.7, 0.7, 1])
    found = draws(keypoints=lying, **NO_LOSS)
    shift = np.median(found - lying, axis=0)[[2, 5], :2]
    height = 0.7 * person_height(STANDING)
    np.testing.assert_allclose(shift[:, 0], -0.013 * height, atol=0.2)
    np.testing.assert_allclose(shift[:, 1], 0, atol=0.2)


def test_larger_people_are_off_by_more():
    errors = [
        np.abs(draws(400, keypoints, **NO_LOSS) - keypoints)[..., :2].mean()
        for keypoints in (STANDING, STANDING * np.float32([0.5, 0.5, 1]))
    ]
    assert errors[0] == pytest.approx(2 * errors[1], rel=0.05)


def test_losses_of_seen_and_hidden_joints():
    hidden = STANDING.copy()
    hidden[[3, 4, 9], 2] = 0.5
    lost = (draws(keypoints=hidden, any_lost=0, swapped=0)[..., 2] == 0).mean(
        0
    )
    assert lost[3] == pytest.approx(0.55, abs=0.05)
    assert lost[4] == pytest.approx(0.8, abs=0.05)
    assert lost[9] == pytest.approx(0.3, abs=0.05)
    assert lost[12] == pytest.approx(0.09, abs=0.03)
    assert lost[[0, 1, 2, 5, 14]].max() == 0
    any_lost = draws(losses=0, any_lost=0.2, swapped=0)[..., 2] == 0
    assert any_lost.mean() == pytest.approx(0.2, abs=0.02)


def test_swaps():
    found = draws(noise=0, losses=0, any_lost=0, swapped=0.4)
    arms = (found[:, 3, 0] == STANDING[6, 0]) & (
        found[:, 7, 0] == STANDING[4, 0]
    )
    legs = found[:, 13, 0] == STANDING[10, 0]
    np.testing.assert_allclose(
        [(arms & legs).mean(), (arms & ~legs).mean(), (legs & ~arms).mean()],
        [0.2, 0.1, 0.1],
        atol=0.04,
    )
    np.testing.assert_array_equal(
        found[~arms & ~legs],
        np.broadcast_to(STANDING, (1500, 18, 3))[~arms & ~legs],
    )


def test_joints_outside_of_the_picture_are_missing():
    moved = STANDING + np.float32([0, 40, 0])
    moved[[10, 13], 2] = 0
    found = draws(200, moved, **NO_LOSS)
    inside = (found[..., :2] >= 0).all(-1) & (
        found[..., :2] <= np.float32([175, 255])
    ).all(-1)
    given = moved[:, 2] > 0
    np.testing.assert_array_equal(found[..., 2], inside & given)
    assert set(np.unique(draws(50)[..., 2])) == {0, 1}


def test_one_side_alone_and_the_seed():
    pair = make_pair()
    np.random.seed(5)
    first = EstimatorNoise(sides=['ref'])(pair)
    np.testing.assert_array_equal(first['tgt_keypoints'], STANDING)
    assert (first['ref_keypoints'] != STANDING).any()
    np.random.seed(5)
    again = EstimatorNoise(sides=['ref'])(pair)
    np.testing.assert_array_equal(
        first['ref_keypoints'], again['ref_keypoints']
    )


def test_somebody_without_limbs_is_left_alone():
    """Nothing tells how large the person is."""
    alone = STANDING.copy()
    alone[1:, 2] = 0
    found = draws(10, alone, **NO_LOSS)
    np.testing.assert_array_equal(found, alone[None].repeat(10, 0))


@pytest.mark.parametrize(
    'settings, words',
    [
        (dict(sides=['left']), "sides: expected some of 'ref' and 'tgt'"),
        (dict(sides=()), 'sides'),
        (dict(noise=-1), 'noise: expected a factor'),
        (dict(any_lost=2), 'any_lost: expected a share'),
    ],
)
def test_bad_arguments(settings, words):
    with pytest.raises(ValueError, match=words):
        EstimatorNoise(**settings)


def test_joints_are_needed():
    with pytest.raises(KeyError, match="needs 'ref_keypoints' of the pair a"):
        EstimatorNoise()(dict(tgt_img=np.zeros((9, 9, 3)), ref_id='a'))
