"""Strips and grids."""

import cv2
import numpy as np
import pytest
import torch
from pictured_samples import drawn_sample

from mmposetransfer.structures import PoseTransferDataSample
from mmposetransfer.visualization import (
    DEFAULT_PANELS,
    PANELS,
    PoseTransferVisualizer,
    flow_colors,
    make_grid,
    make_panels,
    make_strip,
)

HEADER, GAP = 24, 4


def test_strip_shows_every_panel_in_order():
    sample = drawn_sample()
    strip = make_strip(sample)
    scale = 4  # 48 pixels become at least 160
    width = scale * 48 + GAP
    assert strip.shape == (
        HEADER + GAP + scale * 64 + GAP,
        width * len(DEFAULT_PANELS),
        3,
    )
    centres = {
        name: strip[HEADER + GAP + scale * 5, i * width + scale * 5]
        for i, name in enumerate(DEFAULT_PANELS)
    }
    grey = {'reference': 64, 'warped': 128, 'generated': 255}
    grey |= {'result': 159, 'truth': 191, 'target_pose': 0, 'flow': 255}
    for name, level in grey.items():
        assert centres[name].tolist() == [level] * 3, name
    assert centres['visibility'].argmax() == 2  # background is blue
    titles = strip[:HEADER]
    for i in range(len(DEFAULT_PANELS)):
        assert titles[:, i * width : (i + 1) * width].min() < 120


def test_panels_without_data_are_left_out():
    sample = drawn_sample(predicted=False)
    assert list(make_panels(sample)) == [
        'reference',
        'target_pose',
        'result',
        'truth',
    ]
    assert make_strip(sample).shape[1] == 4 * (4 * 48 + GAP)


def test_predicted_and_true_flow_share_a_scale():
    sample = drawn_sample()
    pictures = make_panels(sample, ('flow', 'true_flow'), scale=1)
    assert (pictures['flow'] == flow_colors(sample.pred_flow, 8)).all()
    assert (pictures['true_flow'] == flow_colors(sample.gt_flow, 8)).all()
    assert (pictures['flow'] != pictures['true_flow']).any()


def test_grid_has_one_row_a_sample_and_marks_what_is_missing():
    samples = [drawn_sample(), drawn_sample(predicted=False)]
    grid = make_grid(samples, scale=1)
    row, column = 64 + GAP, 48 + GAP
    assert grid.shape == (HEADER + GAP + 2 * row, 9 * column, 3)
    second = grid[HEADER + GAP + row + 5]
    reference, flow = second[5], second[2 * column + 5]
    assert reference.tolist() == [64] * 3
    assert flow.tolist() == [205] * 3


def test_grid_of_different_sizes():
    grid = make_grid([drawn_sample((64, 48)), drawn_sample((48, 64))], scale=1)
    assert grid.shape[:2] == (
        HEADER + GAP + 64 + GAP + 48 + GAP,
        9 * (64 + GAP),
    )


def test_titles_fit_narrow_panels():
    strip = make_strip(drawn_sample((128, 64)), scale=1)
    header = strip[: HEADER - 2].min(axis=(0, 2))
    for i in range(len(DEFAULT_PANELS)):
        gap = header[i * 68 + 64 : (i + 1) * 68]
        assert (gap == 236).all()  # no letter runs into the next column


def test_errors_name_what_is_wrong():
    with pytest.raises(ValueError, match=r"\['flw'\].*'flow'"):
        make_strip(drawn_sample(), panels=('flw',))
    with pytest.raises(ValueError, match='at least one'):
        make_grid([])
    empty = PoseTransferDataSample()
    empty.tgt_keypoints = torch.ones(18, 3)
    with pytest.raises(ValueError, match='no image'):
        make_strip(empty)
    with pytest.raises(ValueError, match='none of the panels'):
        make_grid([drawn_sample(predicted=False)], panels=('flow',))


def test_visualizer_writes_to_its_backends_and_to_files(tmp_path):
    visualizer = PoseTransferVisualizer(
        vis_backends=[dict(type='LocalVisBackend')],
        save_dir=str(tmp_path),
        panels=list(PANELS),
    )
    sample = drawn_sample()
    strip = visualizer.add_datasample('first', sample, step=3)
    files = list(tmp_path.rglob('first_3.png'))
    assert len(files) == 1
    assert (cv2.imread(str(files[0]))[..., ::-1] == strip).all()
    assert (strip == make_strip(sample, list(PANELS))).all()

    out_file = tmp_path / 'deep' / 'grid.png'
    grid = visualizer.add_datasamples('many', 2 * [sample], out_file=out_file)
    assert (cv2.imread(str(out_file))[..., ::-1] == grid).all()
    assert not list(tmp_path.rglob('many*'))
    assert np.shape(grid)[0] > np.shape(strip)[0]
