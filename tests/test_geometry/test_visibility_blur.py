"""The median within the body, beside loops and OpenCV's own."""

import cv2
import numpy as np
import pytest

from mmposetransfer.geometry.visibility_blur import blur_visibility


def random_classes(seed, size=(17, 23)):
    rng = np.random.default_rng(seed)
    return rng.choice(3, size=(1, *size), p=(0.4, 0.3, 0.3)).astype(np.uint8)


def by_loops(visibility, size):
    classes, reach = visibility[0], size // 2
    result = classes.copy()
    for row, col in np.argwhere(classes != 2):
        window = classes[
            max(row - reach, 0) : row + reach + 1,
            max(col - reach, 0) : col + reach + 1,
        ]
        shown, hidden = (window == 0).sum(), (window == 1).sum()
        if shown != hidden:
            result[row, col] = hidden > shown
    return result[None]


@pytest.mark.parametrize('size', [1, 3, 5, 15])
def test_gives_the_class_that_most_around_have(size):
    for seed in range(5):
        classes = random_classes(seed)
        np.testing.assert_array_equal(
            blur_visibility(classes, size), by_loops(classes, size)
        )


def test_is_the_median_of_opencv_away_from_the_background():
    classes = random_classes(0)
    classes[classes == 2] = 1
    blurred = blur_visibility(classes)[0]
    np.testing.assert_array_equal(
        blurred[2:-2, 2:-2], cv2.medianBlur(classes[0], 5)[2:-2, 2:-2]
    )
    assert (blurred != classes[0]).any()


def test_keeps_the_silhouette():
    classes = random_classes(3)
    np.testing.assert_array_equal(blur_visibility(classes) == 2, classes == 2)


@pytest.mark.parametrize('size', [0, 2, -1, 17])
def test_refuses_a_window_without_a_middle(size):
    with pytest.raises(ValueError, match='odd'):
        blur_visibility(random_classes(0), size)


def test_refuses_another_shape():
    with pytest.raises(ValueError, match=r'\(1, H, W\)'):
        blur_visibility(np.zeros((4, 4), np.uint8))
