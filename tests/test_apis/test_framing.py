"""Frames between photographs and the model's canvas."""

import cv2
import numpy as np
import pytest

from mmposetransfer.apis.framing import (
    Frame,
    _blur,
    fit_frame,
    person_box,
)

SIZES = [(100, 80), (33, 200), (64, 64), (700, 300), (128, 64)]


def _standing(height, left=0.0, top=0.0):
    """OpenPose-18 of a person who stands, from nose to ankles ``height``."""
    unit = np.array(
        [(50, 5), (50, 20), (40, 20), (35, 38), (32, 54), (60, 20), (65, 38)]
        + [(68, 54), (43, 55), (42, 78), (42, 100), (57, 55), (58, 78)]
        + [(58, 100), (48, 2), (52, 2), (45, 3), (55, 3)],
        float,
    )
    xy = (unit - [50, 0]) * height / 100 + [left, top]
    return np.concatenate([xy, np.ones((18, 1))], axis=1)


def _spots(size, points):
    """An image with a bright blurred spot at each point."""
    y, x = np.mgrid[: size[0], : size[1]]
    image = np.zeros(size)
    for px, py in points:
        image += np.exp(-((x - px) ** 2 + (y - py) ** 2) / 18)
    return np.repeat((image * 255).clip(0, 255)[..., None], 3, 2).astype(
        np.uint8
    )


@pytest.mark.parametrize('size', SIZES)
@pytest.mark.parametrize('canvas', [(64, 64), (128, 64), (96, 160)])
def test_whole_photographs_fit_without_distortion(size, canvas):
    frame = fit_frame(size, canvas)
    left, top, right, bottom = frame.content
    assert left >= 0 and top >= 0 and right <= canvas[1]
    assert bottom <= canvas[0]
    # one pair of sides touches the canvas
    assert right - left == canvas[1] or bottom - top == canvas[0]
    sx, sy = frame.scale
    assert abs(sx - sy) * min(size) <= 1  # rounding to whole pixels only
    points = np.array([[0, 0], [size[1] - 1, size[0] - 1], [3.5, 7.25]])
    placed = frame.to_canvas(points)
    returned = frame.to_photograph(placed)
    np.testing.assert_allclose(returned, points, atol=1e-9)
    # corners of the photograph's area land on corners of the content
    corners = np.array([[0, 0], [size[1], size[0]]]) - 0.5
    np.testing.assert_allclose(
        frame.to_canvas(corners) + 0.5, [[left, top], [right, bottom]]
    )


@pytest.mark.parametrize('size', [(300, 200), (150, 400), (90, 70)])
def test_images_and_points_move_together(size):
    point = np.array([50, 55])
    image = _spots(size, [point])
    for frame in (
        fit_frame(size, (128, 96)),
        Frame((-20, 10, 100, 90), size, (80, 120), (0, 0, 120, 80)),
    ):
        canvas = frame.place_image(image)
        assert canvas.shape == (*frame.canvas_size, 3)
        x, y = frame.to_canvas(point)
        found = np.unravel_index(canvas[..., 0].argmax(), frame.canvas_size)
        assert np.abs(np.array(found) - [y, x]).max() <= 1
        back = frame.cut_out(canvas)
        left, top, right, bottom = frame.visible_box
        assert back.shape == (bottom - top, right - left, 3)
        inner = image[top:bottom, left:right]
        assert np.abs(back.astype(int) - inner).mean() < 4


def test_what_is_beside_the_photograph_continues_its_border_smoothly():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 2, (40, 80, 1), np.uint8) * np.uint8([[[200] * 3]])
    canvas = fit_frame((40, 80), (80, 80)).place_image(image).astype(float)
    assert (canvas[20:60] == image).all()
    above, below = canvas[:20], canvas[60:]
    assert (above == above[:1]).all() and (below == below[:1]).all()
    # neither black nor streaks
    assert np.abs(above.mean() - 100) < 20 and np.abs(below - 100).max() < 60
    flat = np.full((40, 80, 3), 70, np.uint8)
    assert (fit_frame((40, 80), (80, 80)).place_image(flat) == 70).all()


def test_keypoints_outside_of_the_canvas_go_missing():
    frame = Frame((100, 0, 200, 100), (100, 300), (50, 50), (0, 0, 50, 50))
    keypoints = np.zeros((18, 3))
    keypoints[0] = [150, 50, 0.5]
    keypoints[1] = [90, 50, 1]  # left of the box
    keypoints[2] = [150, 50, 0]  # missing before
    keypoints[3] = [200, 99, 1]  # rounded outwards by a detector
    placed = frame.place_keypoints(keypoints)
    assert placed.dtype == np.float32
    np.testing.assert_allclose(placed[0], [24.75, 24.75, 0.5])
    assert not placed[1:3].any() and placed[3, 2] == 1


def test_a_small_person_is_cut_out_and_a_large_one_is_not():
    small = _standing(100, left=300, top=150)
    frame = fit_frame((400, 600), (256, 256), small)
    left, top, right, bottom = frame.box
    assert right - left == bottom - top  # the canvas's aspect
    box = person_box(small)
    assert (box[:2] >= [left, top]).all()
    assert (box[2:] <= [right, bottom]).all()
    height = np.ptp(frame.place_keypoints(small)[:, 1])
    assert 0.6 * 256 < height < 0.85 * 256
    assert frame.content == (0, 0, 256, 256)

    large = _standing(200, left=128, top=30)
    assert fit_frame((256, 256), (256, 256), large).box == (0, 0, 256, 256)


def test_a_cropped_box_stays_in_the_photograph_where_it_can():
    corner = _standing(100, left=20, top=290)
    left, top, right, bottom = fit_frame((400, 600), (64, 64), corner).box
    assert left == 0 and bottom == 400 and top > 0 and right < 600
    # too wide a photograph for an upright canvas
    flat = _standing(95, left=400, top=2)
    frame = fit_frame((100, 800), (128, 64), flat)
    assert frame.box[1] < 0 or frame.box[3] > 100
    assert frame.visible_box[1] == 0 and frame.visible_box[3] == 100
    assert frame.place_image(np.zeros((100, 800, 3), np.uint8)).shape == (
        128,
        64,
        3,
    )


def test_person_box_of_partial_poses_and_of_two():
    pose = _standing(100)
    pose[8:14, 2] = 0  # no hips, no legs
    box = person_box(pose)
    assert box[1] < -5 and np.isfinite(box).all()
    single = np.zeros((18, 3))
    single[0] = [5, 5, 1]
    assert person_box(single).tolist() == [5, 5, 5, 5]
    frame = fit_frame((100, 100), (64, 64), single)
    assert frame.box[2] - frame.box[0] >= 2
    both = person_box(np.concatenate([_standing(100), _standing(100, 70)]))
    one = person_box(_standing(100))
    np.testing.assert_allclose(both - one, [0, 0, 70, 0])


def test_a_photograph_like_a_thread():
    """Its box would be thousands of times as large as the photograph."""
    keypoints = np.zeros((18, 3))
    keypoints[:4] = [[0, 100, 1], [0, 8000, 1], [0, 15000, 1], [0, 9000, 1]]
    frame = fit_frame((30_000, 1), (256, 256), keypoints)
    assert frame.box == (0, 0, 1, 30_000)
    image = np.zeros((30_000, 1, 3), np.uint8)
    assert frame.place_image(image).shape == (256, 256, 3)


def test_large_photographs_get_the_same_border():
    """It is blurred at a smaller size, which nobody shall see."""
    rng = np.random.default_rng(0)
    image = cv2.resize(rng.integers(0, 256, (9, 7, 3), np.uint8), (900, 1200))
    sigma = 1200 / 16
    exact = cv2.GaussianBlur(
        image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE
    )
    assert np.abs(_blur(image).astype(int) - exact).max() <= 4


@pytest.mark.parametrize('size', SIZES)
@pytest.mark.parametrize('zoomed', [False, True])
def test_masks_are_placed_as_points_are(size, zoomed):
    """A rectangle stays one, and there is nobody beside the photograph."""
    pose = _standing(size[0] / 4, 20, size[0] / 2) if zoomed else None
    frame = fit_frame(size, (96, 64), pose)
    mask = np.zeros(size, np.float32)
    low, high = np.array([8, size[0] // 2]), np.array([28, size[0]])
    mask[low[1] : high[1], low[0] : high[0]] = 1
    placed = frame.place_mask(mask)
    assert placed.shape == (96, 64) and placed.dtype == np.float32
    assert placed.min() >= 0 and placed.max() <= 1
    # Edges of pixels lie half a pixel before their centres.
    edges = frame.to_canvas(np.array([low, high]) - 0.5) + 0.5
    first, last = edges.clip(0, [64, 96])
    assert abs(placed.sum() - np.prod(last - first)) < 0.12 * placed.sum() + 3
    blurred = 1 + frame.scale.max()
    x0, y0 = np.ceil(first + blurred).astype(int)
    x1, y1 = np.floor(last - blurred).astype(int)
    assert placed[y0:y1, x0:x1].min(initial=1) > 0.8
    everyone = frame.place_mask(np.ones(size, np.float32))
    corners = np.array([[0, 0], size[::-1]]) - 0.5
    first, last = (frame.to_canvas(corners) + 0.5).clip(0, [64, 96])
    assert abs(everyone.sum() - np.prod(last - first)) < 1.5 * sum(
        last - first
    )
