"""Joints of another picture, or of another size of it."""

import warnings

import numpy as np
import pytest

from mmposetransfer.datasets.keypoints import (
    KeypointWarning,
    fit_to_picture,
    load_keypoints,
    misplacement,
    place,
)

SIZE = (256, 176)  # height, width


def person(size=SIZE):
    """Eighteen joints, spread over most of a picture."""
    height, width = size
    x = np.linspace(0.1, 0.9, 18)[
        [7, 1, 15, 3, 9, 0, 17, 5, 11, 2, 13, 4, 16, 8, 6, 14, 10, 12]
    ]
    return np.stack(
        [x * width, np.linspace(0.1, 0.95, 18) * height, np.ones(18)], 1
    )


def outside(count):
    """A person with so many joints to the right of the picture."""
    joints = person()
    joints[:count, 0] = SIZE[1] + 20
    return joints


@pytest.mark.parametrize('factor', [1.5, 2, 3, 4])
def test_twice_the_size_is_told_with_the_factor(factor):
    large = person((256 * factor, 176 * factor))
    found = misplacement(large, SIZE)
    assert found.serious
    assert f'a picture {float(factor)} times as large' in found.text
    assert '18 joints lie outside' in found.text
    assert f'reach to {round(176 * factor * 0.9 + 1)}x' in found.text
    assert found.found_in == (256 * factor, 176 * factor)
    with pytest.raises(ValueError, match=r'^a.csv: .*176x256 .*; scale them$'):
        place(large, SIZE, 'a.csv')
    with pytest.raises(
        ValueError, match='them, or keypoints_size=.(384|512|7|1024)'
    ):
        place(large, SIZE, 'a.csv', way_out=', or keypoints_size={size}')


@pytest.mark.parametrize(
    'count, serious', [(1, False), (6, False), (7, True), (18, True)]
)
def test_a_third_may_lie_outside(count, serious):
    found = misplacement(outside(count), SIZE)
    assert found.serious == serious
    assert f'{count} of 18 joints' in found.text
    if serious:
        with pytest.raises(ValueError, match=f'p: {count} of 18 joints'):
            fit_to_picture(outside(count), SIZE, 'p')
        return
    with pytest.warns(KeypointWarning, match=f'p: {count} of 18 joints'):
        kept = fit_to_picture(outside(count), SIZE, 'p')
    np.testing.assert_array_equal(kept, outside(count))


def test_missing_joints_do_not_count():
    joints = outside(6)
    joints[12:, 2] = 0  # 6 of 12 that are there
    joints[17, :2] = 9999
    assert '6 of 12 joints' in misplacement(joints, SIZE).text
    assert misplacement(joints, SIZE).serious
    joints = person()
    joints[:9] = [9999, 9999, 0]
    assert misplacement(joints, SIZE) is None
    assert misplacement(np.zeros((18, 3)), SIZE) is None


def test_joints_at_the_border_are_inside():
    joints = person()
    joints[:4, :2] = [[-0.5, -1], [176, 0], [175.9, 256], [0, 0]]
    assert misplacement(joints, SIZE) is None
    joints[0, 0] = -1.1
    assert '1 of 18' in misplacement(joints, SIZE).text


@pytest.mark.parametrize('shift', [(-300, 0), (0, -400), (5000, 5000)])
def test_no_factor_is_made_up(shift):
    joints = person()
    joints[:, :2] += shift
    found = misplacement(joints, SIZE)
    assert found.serious and found.found_in is None
    assert 'of another picture' in found.text and 'times' not in found.text


def test_the_first_of_many_is_told():
    told = set()
    with pytest.warns(KeypointWarning) as caught:
        for name in 'abc':
            fit_to_picture(outside(2), SIZE, name, told=told)
    (text,) = [str(w.message) for w in caught]
    assert text.startswith('a: 2 of 18') and text.endswith('are not told')


def test_a_canvas_of_another_size():
    joints = person()
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        got = fit_to_picture(joints, (512, 352), 'p', SIZE)
        np.testing.assert_allclose(got, joints * [2, 2, 1])
        # Sides of a canvas are rounded.
        got = fit_to_picture(joints, (1000, 700), 'p', SIZE)
        np.testing.assert_allclose(
            got, joints * [700 / 176, 1000 / 256, 1], rtol=1e-6
        )
        np.testing.assert_array_equal(
            fit_to_picture(joints, SIZE, 'p', SIZE), joints
        )
        np.testing.assert_array_equal(
            fit_to_picture(joints, None, 'p', SIZE), joints
        )
    with pytest.raises(
        ValueError,
        match='p: they were found in a picture of '
        r'176x256 .* and this one has 256x256',
    ):
        fit_to_picture(joints, (256, 256), 'p', SIZE)


def test_poses_are_checked_when_the_size_is_known():
    large = person((512, 352))
    np.testing.assert_allclose(load_keypoints(large), large, rtol=1e-6)
    with pytest.raises(ValueError, match='2.0 times as large'):
        load_keypoints(large, size=SIZE)
    np.testing.assert_allclose(
        load_keypoints(large, size=(512, 352)), large, rtol=1e-6
    )
