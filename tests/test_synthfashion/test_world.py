"""Pairs of the SynthFashion world: the same always, and true."""

import hashlib
import subprocess
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest

from mmposetransfer.synthfashion import ATTRIBUTES, SynthFashionWorld
from mmposetransfer.synthfashion.materials import srgb_to_linear
from mmposetransfer.synthfashion.renderer import render

IMAGES = {'ref_img', 'tgt_img'}
KEYS = IMAGES | {
    'ref_keypoints',
    'tgt_keypoints',
    'ref_fitted_keypoints',
    'tgt_fitted_keypoints',
    'flow',
    'visibility',
    'ref_parts',
    'tgt_parts',
    'ref_person',
    'tgt_person',
    'attributes',
    'person',
    'ref_id',
    'tgt_id',
}


def digest(sample):
    """Hash of all arrays and names of a sample."""
    state = hashlib.sha256()
    for key in sorted(sample):
        value = sample[key]
        state.update(key.encode())
        state.update(
            value.tobytes()
            if isinstance(value, np.ndarray)
            else str(value).encode()
        )
    return state.hexdigest()


def warp(image, flow):
    """The reference sampled at grid + flow, by OpenCV."""
    rows, columns = np.mgrid[: flow.shape[1], : flow.shape[2]]
    return cv2.remap(
        image,
        (columns + flow[0]).astype(np.float32),
        (rows + flow[1]).astype(np.float32),
        cv2.INTER_LINEAR,
    )


@pytest.fixture(scope='module')
def world():
    return SynthFashionWorld((128, 128), seed=3, num_people=50, num_pairs=100)


@pytest.fixture(scope='module')
def samples(world):
    return [world.pair(index) for index in range(24)]


def test_keys_shapes_and_types(samples):
    for sample in samples[:3]:
        assert set(sample) == KEYS
        for name in ('ref', 'tgt'):
            assert sample[f'{name}_img'].shape == (128, 128, 3)
            assert sample[f'{name}_img'].dtype == np.uint8
            assert sample[f'{name}_parts'].shape == (128, 128)
            assert sample[f'{name}_parts'].dtype == np.uint8
            assert sample[f'{name}_person'].shape == (1, 128, 128)
            assert sample[f'{name}_person'].dtype == np.float32
            assert sample[f'{name}_keypoints'].shape == (18, 3)
            assert sample[f'{name}_keypoints'].dtype == np.float32
        assert sample['flow'].shape == (2, 128, 128)
        assert sample['flow'].dtype == np.float32
        assert sample['visibility'].shape == (1, 128, 128)
        assert sample['visibility'].dtype == np.uint8
        assert sample['attributes'].shape == (len(ATTRIBUTES),)
        assert set(np.unique(sample['attributes'])) <= {0, 1}


def test_same_bytes_in_another_process(samples):
    code = (
        'from mmposetransfer.synthfashion import SynthFashionWorld\n'
        'from tests.test_synthfashion.test_world import digest\n'
        'world = SynthFashionWorld((128, 128), 3, "train", 50, 100)\n'
        'print(digest(world.pair(7)), digest(world.pair(2)))'
    )
    code = code.replace(
        'from tests.test_synthfashion.test_world',
        f'import sys; sys.path.insert(0, '
        f'{__file__.rpartition("/")[0]!r})\nfrom test_world',
    )
    result = subprocess.run(
        [sys.executable, '-c', code],
        text=True,
        capture_output=True,
        check=True,
    )
    assert result.stdout.split() == [digest(samples[7]), digest(samples[2])]


def test_the_cache_changes_nothing(samples):
    forgetful = SynthFashionWorld(
        (128, 128), 3, 'train', 50, 100, cache_people=1
    )
    for index in (5, 6, 5):
        assert digest(forgetful.pair(index)) == digest(samples[index])


def test_negative_indices_count_from_the_end(world):
    assert digest(world.pair(-100)) == digest(world.pair(0))


def test_pairs_differ(samples):
    assert len({digest(sample) for sample in samples}) == len(samples)


def test_people_of_splits_and_seeds_are_disjoint():
    people = set()
    for split in ('train', 'test'):
        for seed in (0, 1):
            world = SynthFashionWorld((64, 64), seed, split, num_people=6)
            for number in range(6):
                people.add(world.person(number).identity.betas.tobytes())
    assert len(people) == 24


def test_a_person_looks_the_same_in_all_pairs():
    world = SynthFashionWorld((64, 64), num_people=2, num_pairs=6)
    first, third = world.pair(0), world.pair(2)
    assert first['person'] == third['person'] == 0
    np.testing.assert_array_equal(first['attributes'], third['attributes'])
    assert first['tgt_id'] != third['tgt_id']


def _clear_of_edges(sample):
    """Visible target pixels whose picture in the reference is no edge."""
    visible = sample['visibility'][0] == 0
    kernel = np.ones((5, 5), np.uint8)
    body = cv2.erode((sample['ref_parts'] > 0).astype(np.uint8), kernel)
    inside = warp(body.astype(np.float32), sample['flow']) > 0.99
    return inside & (cv2.erode(visible.astype(np.uint8), kernel) > 0)


def test_flow_carries_reference_onto_target(world):
    """Bare colours agree where the target is visible, and only by the flow.

    What is left of the error is the sampling of fine patterns at two scales;
    it grows with a wrong sign, swapped axes, and even when the flow is off
    by two pixels.
    """
    right, near, checked = [], [], 0
    wrong = {'negative': [], 'swapped': [], 'zero': []}
    for index in range(24):
        sample = world.pair(index)
        reference, target = world.flat_pair(index)
        clear = _clear_of_edges(sample)
        if clear.sum() < 300:
            continue
        checked += 1

        def error(flow, reference=reference, target=target, clear=clear):
            warped = warp(reference, flow).astype(np.float32)
            return np.abs(warped - target)[clear].mean()

        flow = sample['flow']
        right.append(error(flow))
        near.append(
            min(
                error(flow + np.float32(shift).reshape(2, 1, 1))
                for shift in ((2, 0), (-2, 0), (0, 2), (0, -2))
            )
        )
        wrong['negative'].append(error(-flow))
        wrong['swapped'].append(error(flow[::-1]))
        wrong['zero'].append(error(0 * flow))
    assert checked >= 10
    assert np.mean(right) < 9
    assert np.mean(np.array(near) > right) > 0.9
    assert np.mean(near) > 1.25 * np.mean(right)
    for errors in wrong.values():
        assert np.mean(errors) > 4 * np.mean(right)


def test_flow_takes_keypoints_to_keypoints(samples):
    """Seen joints move as the pixels on top of them, roughly."""
    offsets, still = [], []
    for sample in samples:
        ref, tgt = sample['ref_keypoints'], sample['tgt_keypoints']
        for joint in (3, 4, 6, 7, 9, 10, 12, 13):  # slim parts of limbs
            if ref[joint, 2] < 1 or tgt[joint, 2] < 1:
                continue
            col, row = np.round(tgt[joint, :2]).astype(int)
            if not (0 <= col < 128 and 0 <= row < 128):
                continue
            if sample['visibility'][0, row, col] == 2:
                continue
            moved = tgt[joint, :2] + sample['flow'][:, row, col]
            offsets.append(np.linalg.norm(moved - ref[joint, :2]))
            still.append(np.linalg.norm(tgt[joint, :2] - ref[joint, :2]))
    assert len(offsets) > 50
    assert np.median(offsets) < 4 < np.median(still)


def test_background_has_no_flow_and_no_part(samples):
    for sample in samples:
        background = sample['visibility'][0] == 2
        assert set(np.unique(sample['visibility'])) <= {0, 1, 2}
        assert background.any() and not background.all()
        assert not sample['flow'][:, background].any()
        np.testing.assert_array_equal(sample['tgt_parts'] == 0, background)


def test_share_of_the_person_is_what_the_picture_is_mixed_with():
    """A person without light before two walls: the wall shines through.

    Black behind and white behind differ by the wall's share, in linear light.
    """
    world = SynthFashionWorld((128, 88), seed=5, num_people=4)
    for index in range(4):
        person = world.person(index)
        scene = world._views(person, index)[1].scene
        walls = [
            render(
                person,
                replace(scene, background=np.full((128, 88, 3), level, 'u1')),
                flat=True,
            )
            for level in (0, 255)
        ]
        shining = [srgb_to_linear(wall / 255) for wall in walls]
        expected = 1 - (shining[1] - shining[0])
        share = world.pair(index)['tgt_person'][0]
        # A byte of a bright sRGB picture is up to 0.009 of linear light.
        np.testing.assert_allclose(share, expected.mean(2), atol=0.01)
        assert set(np.unique(share * 8)) <= set(range(9))
        assert len(np.unique(share)) > 4


def test_share_of_the_person_is_there_without_pictures(world, samples):
    bare = world.pair(2, pictures=False)
    for name in ('ref_person', 'tgt_person'):
        np.testing.assert_array_equal(bare[name], samples[2][name])
        covered = samples[2][f'{name[:3]}_parts'] > 0
        assert (bare[name][0][covered] >= 0.5).all()
        assert (bare[name][0][~covered] <= 0.5).all()


@pytest.mark.parametrize('share', [0, 1])
def test_share_of_pairs_of_one_studio(share):
    """The wall beside both people is one, or as good as never."""
    world = SynthFashionWorld(
        (96, 72), num_people=8, num_pairs=24, same_studio=share
    )
    same = []
    for index in range(24):
        ref, tgt = world._views(world.person(index % 8), index)
        same.append(
            np.array_equal(ref.scene.lights.rows, tgt.scene.lights.rows)
        )
        walls = (ref.scene.background, tgt.scene.background)
        # The upper corners are beside the people, and far from the floor.
        alike = np.array_equal(walls[0][:4, :4], walls[1][:4, :4])
        assert alike or not same[-1]
    assert np.mean(same) == share


def test_the_studio_changes_no_pose():
    """Pairs of one studio are drawn alike, whatever its share is."""
    worlds = [
        SynthFashionWorld((64, 64), num_people=4, same_studio=share)
        for share in (0.8, 1)
    ]
    first, second = (world.pair(0) for world in worlds)
    np.testing.assert_array_equal(first['ref_img'], second['ref_img'])


def test_parts_are_where_keypoints_are(samples):
    """Visible wrists, ankles and noses lie on their parts of the body."""
    expected = {0: (1,), 4: (4,), 7: (3,), 10: (6,), 13: (5,)}
    hits = []
    for sample in samples:
        for name in ('ref', 'tgt'):
            for joint, parts in expected.items():
                x, y, score = sample[f'{name}_keypoints'][joint]
                if score == 1:
                    col, row = min(round(x), 127), min(round(y), 127)
                    hits.append(sample[f'{name}_parts'][row, col] in parts)
    assert len(hits) > 60 and np.mean(hits) > 0.85


def test_scores_of_keypoints(samples):
    scores = []
    for sample in samples:
        for name in ('ref', 'tgt'):
            observed = sample[f'{name}_keypoints']
            fitted = sample[f'{name}_fitted_keypoints']
            np.testing.assert_array_equal(observed[:, :2], fitted[:, :2])
            np.testing.assert_array_equal(observed[:, 2] > 0, fitted[:, 2])
            inside = (
                (observed[:, :2] > -0.51) & (observed[:, :2] < 127.51)
            ).all(1)
            np.testing.assert_array_equal(observed[:, 2] > 0, inside)
            scores += observed[:, 2].tolist()
    assert set(scores) == {0, 0.5, 1}


def test_people_fill_the_frame(samples):
    """At most a tenth of the height is free above and below, if any."""
    for sample in samples:
        for name in ('ref', 'tgt'):
            rows, cols = np.nonzero(sample[f'{name}_parts'])
            tall = (rows.max() - rows.min() + 1) / 128
            wide = (cols.max() - cols.min() + 1) / 128
            assert max(tall, wide) > 0.78


@pytest.mark.parametrize(
    'size', [(64, 64), (128, 64), (96, 160), (256, 176), (512, 512)]
)
def test_sizes(size):
    sample = SynthFashionWorld(size, num_people=3, num_pairs=4).pair(1)
    assert sample['ref_img'].shape == (*size, 3)
    assert sample['flow'].shape == (2, *size)
    assert (sample['visibility'] < 2).mean() > 0.04


def test_one_world_at_every_size():
    """Of one index, a larger picture shows the same scene."""
    small, large = (
        SynthFashionWorld((side, side), num_people=9).pair(4)
        for side in (64, 256)
    )
    assert small['tgt_id'] == large['tgt_id']
    shrunk = cv2.resize(
        large['tgt_img'], (64, 64), interpolation=cv2.INTER_AREA
    ).astype(float)
    assert np.abs(shrunk - small['tgt_img']).mean() < 8
    np.testing.assert_allclose(
        (small['tgt_keypoints'][:, :2] + 0.5) * 4,
        large['tgt_keypoints'][:, :2] + 0.5,
        atol=0.05,
    )


@pytest.mark.parametrize(
    'arguments, words',
    [
        ({'size': (32, 32)}, 'from 64 to 512, got 32x32'),
        ({'size': 256}, 'expected \\(height, width\\)'),
        ({'size': (256, 1024)}, 'got 256x1024'),
        ({'split': 'val'}, "one of .*'val'"),
        ({'seed': -1}, 'seed'),
        ({'num_people': 0}, 'num_people'),
        ({'same_studio': 1.2}, 'same_studio: expected a share'),
        ({'num_pairs': 2.5}, 'num_pairs'),
    ],
)
def test_bad_arguments(arguments, words):
    with pytest.raises(ValueError, match=words):
        SynthFashionWorld(**arguments)


def test_no_such_pair(world):
    assert len(world) == 100
    with pytest.raises(IndexError, match='pair 100'):
        world.pair(100)
