"""Results at the photograph's own resolution, against drawn patterns."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mmposetransfer.apis.composition import Source, compose, enlarge_flow
from mmposetransfer.apis.framing import fit_frame
from mmposetransfer.apis.results import result_arrays
from mmposetransfer.structures import PoseTransferDataSample
from mmposetransfer.visualization import image_from_bgr

SIZE = (1101, 750)
CANVAS = (256, 176)
FRAME = fit_frame(SIZE, CANVAS)
# The reference shows at TURN (p - CENTRE) + CENTRE + SHIFT what the target
# shows at p.
CENTRE = np.array([375.0, 550.0])
SHIFT = np.array([21.0, -13.0])
ANGLE = np.deg2rad(12)
TURN = np.array(
    [[np.cos(ANGLE), -np.sin(ANGLE)], [np.sin(ANGLE), np.cos(ANGLE)]]
)


def _grid(size):
    return np.stack(np.meshgrid(np.arange(size[1]), np.arange(size[0])), -1)


def _print_at(points, period=13):
    """A printed pattern: dots, soft for a pixel or two."""
    x, y = points[..., 0], points[..., 1]
    wave = np.sin(2 * np.pi * x / period) * np.sin(2 * np.pi * y / period)
    ink = np.clip(0.5 + 1.5 * (wave - 0.2), 0, 1)[..., None]
    colour = np.array([200.0, 60.0, 40.0])
    return np.rint(230 + ink * (colour - 230)).astype(np.uint8)


def _body(points):
    centred = (points - CENTRE) / [230, 420]
    return (centred**2).sum(-1) < 1


def _there(points):
    return (points - CENTRE) @ TURN.T + CENTRE + SHIFT


def _warp(canvas, flow):
    """Torch's own bilinear interpolation, (H, W, 3) float32."""
    there = torch.from_numpy(_grid(CANVAS) + flow.transpose(1, 2, 0))
    sides = torch.tensor(CANVAS[::-1])
    warped = F.grid_sample(
        torch.from_numpy(canvas).float().permute(2, 0, 1)[None],
        (2 * there / (sides - 1) - 1)[None].float(),
        align_corners=True,
    )
    return warped[0].permute(1, 2, 0).numpy()


@pytest.fixture(scope='module')
def case():
    """A photograph, what a network would copy of it, and the truth."""
    photograph = _print_at(_grid(SIZE))
    canvas = FRAME.place_image(photograph)
    points = FRAME.to_photograph(_grid(CANVAS))
    flow = FRAME.to_canvas(_there(points)) - _grid(CANVAS)
    flow = flow.transpose(2, 0, 1).astype(np.float32)
    body = _body(points)
    return dict(
        photograph=photograph,
        source=Source(
            flow=flow * body,
            weight=body.astype(np.float32),
            warped=_warp(canvas, flow) * body[..., None],
            shown=body,
        ),
        truth=_print_at(_there(_grid(SIZE))),
        inside=_body((_grid(SIZE) - CENTRE) * 1.03 + CENTRE),
    )


def _gradient(image, mask):
    """Mean length of the gradient, where it lies in the mask."""
    rows, columns = np.gradient(image.astype(np.float64), axis=(0, 1))
    return np.hypot(rows, columns).mean(-1)[mask].mean()


def test_a_printed_pattern_is_as_sharp_as_in_the_photograph(case):
    source, inside = case['source'], case['inside']
    weight = source.weight[..., None]
    picture = weight * source.warped + (1 - weight) * 128
    image, _ = compose(picture, case['photograph'], [source], FRAME, FRAME)
    assert image.shape == (*SIZE, 3)
    sharp = _gradient(case['truth'], inside)
    naive = FRAME.cut_out(picture)
    assert _gradient(naive, inside) < 0.5 * sharp
    assert _gradient(image, inside) == pytest.approx(sharp, rel=0.05)
    error = np.abs(image.astype(float) - case['truth'])[inside].mean()
    assert error < 3
    # Beside the body is what the network made.
    outside = ~_body((_grid(SIZE) - CENTRE) * 0.96 + CENTRE)
    assert np.abs(image.astype(int) - 128)[outside].max() <= 1


def test_colours_that_the_network_changed_stay_changed(case):
    source, inside = case['source'], case['inside']
    weight = source.weight[..., None]
    picture = weight * (0.5 * source.warped + 40) + (1 - weight) * 128
    image, _ = compose(picture, case['photograph'], [source], FRAME, FRAME)
    naive = FRAME.cut_out(picture)
    difference = image[inside].mean(0) - naive[inside].mean(0)
    np.testing.assert_allclose(difference, 0, atol=2)


def test_two_sources_share_the_picture(case):
    source = case['source']
    half = Source(source.flow, source.weight / 2, source.warped, source.shown)
    one, first = compose(
        source.warped, case['photograph'], [source], FRAME, FRAME
    )
    two, _ = compose(
        source.warped, case['photograph'], [half, half], FRAME, FRAME
    )
    assert np.abs(one.astype(int) - two).max() <= 1
    difference = np.abs(first.astype(int) - one)[case['inside']]
    assert difference.max() <= 1


def test_what_is_shown_smaller_does_not_alias():
    photograph = _print_at(_grid((1200, 1200)), period=5)
    ref_frame = fit_frame((1200, 1200), (100, 100))
    tgt_frame = fit_frame((200, 200), (100, 100))
    source = Source(
        np.zeros((2, 100, 100)),
        np.ones((100, 100)),
        np.zeros((100, 100, 3), np.float32),
        np.ones((100, 100), bool),
    )
    image, _ = compose(
        source.warped, photograph, [source], ref_frame, tgt_frame
    )
    # The dots are smaller than a pixel: what is left is their mean colour.
    mean = photograph.reshape(-1, 3).mean(0)
    assert np.abs(image - mean).mean() < 6
    assert photograph[::6, ::6].std() > 20  # as it would be without


def test_flow_keeps_the_edge_between_two_surfaces():
    flow = np.zeros((2, 8, 8), np.float32)
    flow[0, :, :4], flow[0, :, 4:] = -10, np.linspace(20, 21, 4)
    frame = fit_frame((80, 80), (8, 8))
    large = enlarge_flow(flow, np.ones((8, 8), bool), frame)[..., 0]
    np.testing.assert_allclose(large[:, :40], -10, atol=1e-5)
    assert large[:, 40:].min() > 20 - 1e-5
    # Within a surface it is interpolated.
    assert (np.diff(large[0, 45:75]) > 0).all()


def test_result_takes_detail_from_the_photograph(case):
    source = case['source']
    sample = PoseTransferDataSample()
    sample.warped_img = image_from_bgr(np.rint(source.warped).astype(np.uint8))
    sample.pred_img = sample.warped_img
    sample.pred_flow = torch.from_numpy(source.flow)
    sample.pred_visibility = torch.from_numpy(
        np.where(source.shown, 0, 2)[None]
    ).to(torch.uint8)
    as_today = result_arrays(sample, FRAME, FRAME, case['photograph'])
    sample.weight_map = torch.from_numpy(source.weight)[None]
    composed = result_arrays(sample, FRAME, FRAME, case['photograph'])
    inside, truth = case['inside'], case['truth'].astype(int)
    errors = [
        np.abs(result['image'] - truth)[inside].mean()
        for result in (as_today, composed)
    ]
    assert errors[1] < 3 < 10 * errors[1] < 10 * errors[0]
