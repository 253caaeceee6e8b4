"""The tool that draws what a model makes of drawn people."""

import sys
from pathlib import Path

import numpy as np
import pytest

from mmposetransfer.io.image_io import read_image
from mmposetransfer.synthfashion import SynthFashionWorld

TOOLS = Path(__file__).parents[2] / 'tools' / 'analysis_tools'
HEIGHT, WIDTH, FRAME = 96, 66, 2


@pytest.fixture(scope='module')
def sheet(tmp_path_factory):
    """Of three pairs by geometry, two a row."""
    sys.path.insert(0, str(TOOLS))
    try:
        import drawn_pairs
    finally:
        sys.path.remove(str(TOOLS))
    path = tmp_path_factory.mktemp('drawn') / 'sheet.png'
    size = ['--size', str(HEIGHT), str(WIDTH)]
    numbers = ['--pairs', '4', '0', '7']
    drawn_pairs.main([str(path), *numbers, *size, '--config', 'dipt/geometry'])
    return read_image(path)


def cell(sheet, row, column):
    """Reference, result, truth."""
    top = row * (HEIGHT + 2 * FRAME) + FRAME
    left = column * (3 * WIDTH + 2 * FRAME) + FRAME
    return np.split(
        sheet[top : top + HEIGHT, left : left + 3 * WIDTH], 3, axis=1
    )


def test_each_pair_is_where_it_was_asked_for(sheet):
    assert sheet.shape == (
        2 * (HEIGHT + 2 * FRAME),
        2 * (3 * WIDTH + 2 * FRAME),
        3,
    )
    world = SynthFashionWorld(
        size=(HEIGHT, WIDTH),
        split='test',
        num_people=100,
        num_pairs=8,
        same_studio=0.85,
    )
    for place, number in (((0, 0), 4), ((0, 1), 0), ((1, 0), 7)):
        pair = world.pair(number)
        reference, result, truth = cell(sheet, *place)
        np.testing.assert_array_equal(reference, pair['ref_img'])
        np.testing.assert_array_equal(truth, pair['tgt_img'])
        assert (result != reference).any() and result.std() > 1


def test_the_rest_of_the_last_row_is_white(sheet):
    assert all((part == 255).all() for part in cell(sheet, 1, 1))
