"""Predictions on the model's canvas, brought back to photographs."""

import numpy as np
import pytest
import torch

from mmposetransfer.apis.framing import Frame
from mmposetransfer.apis.results import ENDINGS, result_arrays, write_result
from mmposetransfer.structures import PoseTransferDataSample

CANVAS = (40, 32)
# Photographs that are larger, smaller, and cut off by the canvas.
FRAMES = [
    Frame((0, 0, 96, 120), (120, 96), CANVAS, (0, 0, 32, 40)),
    Frame((0, 0, 100, 75), (75, 100), CANVAS, (0, 8, 32, 32)),
    Frame((-10, 5, 60, 92), (90, 70), CANVAS, (0, 0, 32, 40)),
    Frame((0, 0, 20, 25), (25, 20), CANVAS, (0, 0, 32, 40)),
]
# The reference's photograph shows at A p + b what the target's shows at p.
A = np.array([[0.9, 0.1], [-0.05, 1.1]])
B = np.array([14.0, -9.0])


def _body(size):
    """A body with a curved outline, and a hole in it."""
    y, x = np.mgrid[: size[0], : size[1]]
    y, x = y / size[0] - 0.5, x / size[1] - 0.5
    oval = (x / 0.35) ** 2 + (y / 0.4) ** 2 < 1
    return oval & ((x - 0.1) ** 2 + (y + 0.05) ** 2 > 0.01)


def _sample(ref_frame, tgt_frame):
    """What a model would predict that knows the truth."""
    height, width = CANVAS
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1)
    reference = tgt_frame.to_photograph(grid) @ A.T + B
    flow = ref_frame.to_canvas(reference) - grid
    body = _body(CANVAS)
    sample = PoseTransferDataSample()
    sample.pred_img = torch.zeros(3, *CANVAS)
    sample.pred_flow = torch.tensor(
        (flow * body[..., None]).transpose(2, 0, 1), dtype=torch.float32
    )
    visibility = np.where(body, 0, 2)
    visibility[:20][body[:20]] = 1  # invisible pixels have a flow, too
    sample.pred_visibility = torch.tensor(visibility[None]).to(torch.uint8)
    return sample


@pytest.mark.parametrize('tgt_frame', FRAMES)
@pytest.mark.parametrize('ref_frame', FRAMES[:2])
def test_flow_is_right_up_to_the_silhouette(ref_frame, tgt_frame):
    result = result_arrays(_sample(ref_frame, tgt_frame), ref_frame, tgt_frame)
    _, height, width = result['flow'].shape
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    here = np.stack([x, y], -1).reshape(-1, 2)
    offset = np.array(result['tgt_box'][:2])
    there = (here + offset) @ A.T + B - result['ref_box'][:2]
    expected = (there - here).T.reshape(2, height, width)
    body = result['visibility'][0] != 2
    assert body.sum() > 0.2 * body.size
    error = np.abs(result['flow'] - expected)[:, body]
    # At the silhouette the flow is that of the body beside it, so it is off
    # by what it changes along one pixel of the canvas. (Where zeros are mixed
    # in, it is off by half of its length.)
    change = ref_frame.scale * A.T / tgt_frame.scale - np.eye(2)
    assert error.max() < (np.abs(change).sum(1) / ref_frame.scale).max()
    assert np.median(error) < 1e-4
    assert not result['flow'][:, ~body].any()


@pytest.mark.parametrize('frame', FRAMES)
def test_visibility_is_that_of_the_nearest_pixel(frame):
    sample = _sample(frame, frame)
    got = result_arrays(sample, frame, frame)['visibility'][0]
    left, top, right, bottom = frame.visible_box
    points = np.stack(
        np.meshgrid(np.arange(left, right), np.arange(top, bottom)), -1
    )
    near = frame.to_canvas(points)
    # Halfway between two pixels either may be meant.
    clear = (np.abs(near % 1 - 0.5) > 1e-6).all(-1)
    x, y = np.moveaxis(near.round().astype(int), -1, 0)
    x0, y0, x1, y1 = frame.content
    expected = sample.pred_visibility[0].numpy()[
        y.clip(y0, y1 - 1), x.clip(x0, x1 - 1)
    ]
    assert clear.mean() > 0.5
    np.testing.assert_array_equal(got[clear], expected[clear])


def test_flow_without_visibility_is_dense():
    frame = FRAMES[0]
    sample = _sample(frame, frame)
    del sample.pred_visibility
    sample.pred_flow = torch.full((2, *CANVAS), 2.0)
    result = result_arrays(sample, frame, frame)
    np.testing.assert_allclose(result['flow'], 6, atol=1e-4)


def test_nothing_is_overwritten(tmp_path):
    frame = FRAMES[0]
    result = result_arrays(_sample(frame, frame), frame, frame)
    strip = np.zeros((4, 4, 3), np.uint8)
    written = []
    # 'a_flow' would write a picture that 'a' has written.
    for name in ('a', 'a', 'a_flow', 'a'):
        paths = write_result(tmp_path, name, result, strip)
        assert set(paths) <= set(ENDINGS)
        written += paths.values()
    assert len(written) == len(set(written)) == len(list(tmp_path.iterdir()))
    names = {path.name for path in tmp_path.glob('*.npz')}
    assert names == {'a.npz', 'a-2.npz', 'a-3.npz', 'a_flow-2.npz'}
    arrays = np.load(tmp_path / 'a-3.npz')
    np.testing.assert_array_equal(arrays['flow'], result['flow'])
