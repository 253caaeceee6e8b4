"""Rtmlib and ONNX Runtime, the real ones, on networks that are known.

They need ``pip install rtmlib onnxruntime onnx``.
"""

import numpy as np
import pytest
import torch
from torch import nn

from mmposetransfer.pose_estimators import build_pose_estimator

onnx = pytest.importorskip('onnx')
pytest.importorskip('onnxruntime')
pytest.importorskip('rtmlib')

PEAK = 0.9
# Joints of COCO by the colour channel of the dot that they are found at.
CHANNEL = np.arange(17) % 3


class ColorSimCC(nn.Module):
    """Finds each joint at the brightest column and row of its colour.

    As RTMPose it returns a score for every half pixel of x and of y.
    """

    def __init__(self, joints=17):
        super().__init__()
        self.channel = (torch.arange(joints) % 3).tolist()

    def forward(self, x):
        x = x[:, self.channel]  # (N, K, H, W)
        top = x.amax((2, 3), keepdim=True) - x.amin((2, 3), keepdim=True)
        x = (x - x.amin((2, 3), keepdim=True)) / (top + 1e-3) * PEAK
        return (
            x.amax(2).repeat_interleave(2, -1),
            x.amax(3).repeat_interleave(2, -1),
        )


class FixedBoxes(nn.Module):
    """YOLOX with its suppression built in: (1, N, 5) of boxes and scores."""

    def __init__(self, rows):
        super().__init__()
        self.register_buffer('rows', torch.tensor([rows]).float())

    def forward(self, x):
        return self.rows + 0 * x.mean()


class FixedPose(nn.Module):
    """RTMO: boxes (1, N, 5) and joints (1, N, 17, 3), with suppression."""

    def __init__(self, points):
        super().__init__()
        self.register_buffer('points', torch.tensor(points).float()[None])
        box = torch.tensor([[[0.0, 0.0, 300.0, 300.0, 0.95]]])
        self.register_buffer('box', box)

    def forward(self, x):
        return self.box + 0 * x.mean(), self.points + 0 * x.mean()


def export(network, path, size):
    torch.onnx.export(
        network.eval(),
        torch.zeros(1, 3, *size),
        path,
        input_names=['input'],
        dynamo=False,
    )
    return path


@pytest.fixture(scope='module')
def pose(tmp_path_factory):
    folder = tmp_path_factory.mktemp('onnx')
    return export(ColorSimCC(), folder / 'pose.onnx', (256, 192))


def dots(size, places):
    """A black picture with soft dots: {channel: (x, y)}."""
    image = np.zeros((*size, 3), np.float64)
    rows, columns = np.indices(size)
    for channel, (x, y) in places.items():
        near = (columns - x) ** 2 + (rows - y) ** 2
        image[..., channel] += 255 * np.exp(-near / 2 / (size[0] / 60) ** 2)
    return image.clip(0, 255).round().astype(np.uint8)


def check(person, places, atol):
    # COCO: nose 0, shoulders 5 and 6, right ankle 16 -> OpenPose.
    expected = {
        op: places[CHANNEL[coco]]
        for coco, op in ((0, 0), (5, 5), (6, 2), (16, 10))
    }
    expected[1] = np.mean([expected[5], expected[2]], axis=0)
    for joint, place in expected.items():
        np.testing.assert_allclose(person[joint, :2], place, atol=atol)


@pytest.mark.parametrize('size', [(256, 192), (128, 64), (300, 400)])
def test_whole_picture_as_one_box(pose, size):
    height, width = size
    places = {
        0: (0.3 * width, 0.2 * height),
        1: (0.6 * width, 0.5 * height),
        2: (0.45 * width, 0.8 * height),
    }
    (persons,) = build_pose_estimator('rtmlib', pose=pose)(
        [dots(size, places)]
    )
    assert persons.shape == (1, 18, 3)
    # One pixel of the network's input, of a box 1.25 times the picture's.
    check(
        persons[0],
        places,
        1.25 * max(height / 256, width / 192, 1) * 1.01 + 0.05,
    )
    np.testing.assert_allclose(persons[0, :, 2], PEAK, atol=0.05)


@pytest.mark.parametrize('joints', [26, 133])
def test_first_17_of_larger_models_are_cocos(tmp_path, joints):
    path = export(ColorSimCC(joints), tmp_path / 'more.onnx', (256, 192))
    places = {0: (50, 50), 1: (100, 120), 2: (80, 200)}
    (persons,) = build_pose_estimator('rtmlib', pose=path)(
        [dots((256, 192), places)]
    )
    check(persons[0], places, 1.4)


def test_detector_gives_the_boxes(pose, tmp_path):
    """Two people side by side, each found in the box of their own."""
    # The network sees 400x400 of the picture of 200x400 at scale 1.
    boxes = [
        [0, 0, 150, 200, 0.9],
        [200, 0, 400, 200, 0.8],
        [0, 0, 10, 10, 0.1],
    ]
    det = export(FixedBoxes(boxes), tmp_path / 'det.onnx', (400, 400))
    image = np.zeros((200, 400, 3), np.uint8)
    left = {0: (60, 40), 1: (90, 100), 2: (75, 160)}
    right = {0: (50, 40), 1: (150, 90), 2: (80, 170)}
    image[:, :170] = dots((200, 170), left)
    image[:, 200:] = dots((200, 200), right)
    right = {key: (x + 200, y) for key, (x, y) in right.items()}
    estimator = build_pose_estimator('rtmlib', pose=pose, det=det)
    (persons,) = estimator([image])
    assert len(persons) == 2
    check(persons[0], right, 2)  # the larger one
    check(persons[1], left, 2)


def test_nobody_in_the_picture_is_nobody(pose, tmp_path):
    det = export(
        FixedBoxes([[0, 0, 9, 9, 0.0]]), tmp_path / 'det.onnx', (64, 64)
    )
    estimator = build_pose_estimator('rtmlib', pose=pose, det=det)
    (persons,) = estimator([np.zeros((64, 64, 3), np.uint8)])
    assert persons.shape == (0, 18, 3)


def test_one_stage_model_scales_back(tmp_path):
    points = np.random.default_rng(0).uniform(20, 280, (1, 17, 3))
    points[..., 2] = 0.9
    path = export(
        FixedPose(points.tolist()), tmp_path / 'one.onnx', (320, 320)
    )
    estimator = build_pose_estimator('rtmlib', pose=path, one_stage=True)
    (persons,) = estimator([np.zeros((640, 480, 3), np.uint8)])  # scale 1/2
    inside = 2 * points[0, 0, 0] < 480
    assert (persons[0, 0, 2] > 0) == inside
    nose = 2 * points[0, 0, :2] if inside else (0, 0)
    np.testing.assert_allclose(persons[0, 0, :2], nose, rtol=1e-5)


def test_what_is_no_model_is_told(tmp_path, pose):
    with pytest.raises(FileNotFoundError, match='no ONNX model'):
        build_pose_estimator('rtmlib', pose=tmp_path / 'nowhere.onnx')
    (tmp_path / 'text.onnx').write_text('not a model')
    with pytest.raises(ValueError, match='cannot be opened as an ONNX model'):
        build_pose_estimator('rtmlib', pose=tmp_path / 'text.onnx')
    five = export(ColorSimCC(5), tmp_path / 'five.onnx', (256, 192))
    estimator = build_pose_estimator('rtmlib', pose=five)
    with pytest.raises(ValueError, match='finds 5 joints; expected one of'):
        estimator([dots((64, 64), {0: (3, 3)})])
