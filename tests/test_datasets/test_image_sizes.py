"""One photograph in several sizes, held to pixels that are known."""

import cv2
import numpy as np
import pytest

from mmposetransfer.datasets.image_sizes import (
    fit_flow,
    fit_image,
    fit_keypoints,
    fit_labels,
    read_size,
)

SQUARE, CROPPED, LARGE = (256, 256), (256, 176), (512, 352)


def picture():
    """Smooth, so that a resized picture can be compared."""
    rng = np.random.default_rng(0)
    small = rng.integers(0, 255, (9, 9, 3), dtype=np.uint8)
    return cv2.resize(small, SQUARE, interpolation=cv2.INTER_CUBIC)


def test_crop_is_columns_40_to_215():
    image = picture()
    np.testing.assert_array_equal(fit_image(image, CROPPED), image[:, 40:216])
    labels = image[..., 0]
    np.testing.assert_array_equal(
        fit_labels(labels, CROPPED, 0), labels[:, 40:216]
    )


def test_crop_moves_keypoints_and_drops_those_outside():
    points = np.float32([[40, 7, 1], [215, 255, 0.5], [39, 7, 1], [216, 7, 1]])
    moved = fit_keypoints(points, SQUARE, CROPPED)
    np.testing.assert_array_equal(
        moved, [[0, 7, 1], [175, 255, 0.5], [-1, 7, 0], [176, 7, 0]]
    )
    np.testing.assert_array_equal(
        fit_keypoints(moved, CROPPED, SQUARE)[:2], points[:2]
    )


def blob(size, x, y):
    ys, xs = np.mgrid[: size[0], : size[1]]
    level = 255 * np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / 40)
    return np.repeat(level[..., None], 3, 2).astype(np.uint8)


def centre(image):
    """Centre of mass, x and y."""
    weights = image[..., 0].astype(float)
    ys, xs = np.mgrid[: image.shape[0], : image.shape[1]]
    return [
        (weights * xs).sum() / weights.sum(),
        (weights * ys).sum() / weights.sum(),
    ]


@pytest.mark.parametrize(
    'size, new_size',
    [
        (SQUARE, CROPPED),
        (SQUARE, LARGE),
        (LARGE, CROPPED),
        (CROPPED, LARGE),
        (SQUARE, (64, 64)),
        ((128, 64), (64, 32)),
        (CROPPED, SQUARE),
        ((1101, 750), LARGE),
        ((120, 101), (120, 60)),
        (LARGE, SQUARE),
    ],
)
def test_keypoints_stay_on_what_they_mark(size, new_size):
    x, y = size[1] * 0.55, size[0] * 0.4
    image = blob(size, x, y)
    if size[0] > 256:
        image = cv2.GaussianBlur(image, (0, 0), 6)
    moved = fit_keypoints(np.float32([[x, y, 1]]), size, new_size)[0]
    assert moved[2] == 1
    found = centre(fit_image(image, new_size))
    np.testing.assert_allclose(moved[:2], found, atol=0.15)


@pytest.mark.parametrize('new_size', [CROPPED, LARGE, (64, 64), (64, 44)])
def test_flow_fetches_the_same_points(new_size):
    """Target grid + flow has to be where the reference's point has gone."""
    rng = np.random.default_rng(1)
    flow = rng.uniform(-60, 60, (2, *SQUARE)).astype(np.float32)
    visibility = rng.integers(0, 2, (1, *SQUARE), dtype=np.uint8)
    new_flow, new_visibility = fit_flow(flow, visibility, new_size)
    # Where each new pixel came from, by a second way.
    ys, xs = np.mgrid[: new_size[0], : new_size[1]].astype(np.float32)
    grid = np.stack([xs, ys, np.ones_like(xs)], -1).reshape(-1, 3)
    scale = SQUARE[0] / new_size[0]
    source_x = (grid[:, 0] + 0.5 - new_size[1] / 2) * scale + 128 - 0.5
    source_y = (grid[:, 1] + 0.5) * scale - 0.5
    column = np.floor(source_x + 0.5).astype(int).clip(0, 255)
    row = np.floor(source_y + 0.5).astype(int).clip(0, 255)
    wanted = flow[:, row, column] / scale
    np.testing.assert_allclose(
        new_flow.reshape(2, -1), wanted, rtol=1e-5, atol=1e-4
    )
    reach = grid[:, 0] + wanted[0]
    inside = (reach >= -0.5) & (reach < new_size[1] - 0.5)
    expected = np.where(inside, visibility[0, row, column], 1)
    # On the border itself, rounding decides.
    sure = np.minimum(abs(reach + 0.5), abs(reach - new_size[1] + 0.5)) > 1e-3
    np.testing.assert_array_equal(new_visibility.ravel()[sure], expected[sure])
    assert sure.mean() > 0.99


def test_padding_adds_background_to_flow_and_border_to_images():
    flow = np.ones((2, *CROPPED), np.float32)
    visibility = np.zeros((1, *CROPPED), np.uint8)
    flow, visibility = fit_flow(flow, visibility, SQUARE)
    assert (visibility[0, :, :40] == 2).all() and not flow[:, :, :40].any()
    assert (visibility[0, :, 40:216] == 0).all()
    image = fit_image(picture()[:, 40:216], SQUARE)
    np.testing.assert_array_equal(image[:, 40:216], picture()[:, 40:216])
    np.testing.assert_array_equal(image[:, 0], image[:, 40])


@pytest.mark.parametrize(
    'size', [256, (256,), (256, 0), (-1, 2), 'ab', (2.5, 3)]
)
def test_sizes_are_checked(size):
    with pytest.raises(ValueError, match='keypoints_size'):
        read_size(size, 'keypoints_size')
