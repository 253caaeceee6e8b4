"""Flow that goes on smoothly over what a picture does not show."""

import numpy as np
import pytest
from closeness import assert_near
from scipy.interpolate import griddata

from mmposetransfer.geometry.flow_continuation import (
    close_tears,
    continue_flow,
    spread,
)

SIZE = (40, 60)
TORSO, ARM = 2, 3


def make(way=(4.0, -3.0)):
    """A torso that moved, half of it hidden, beside an arm."""
    parts = np.zeros(SIZE, np.uint8)
    parts[5:35, 10:40] = TORSO
    parts[5:35, 44:52] = ARM
    flow = np.zeros((2, *SIZE), np.float32)
    flow[:, parts > 0] = np.float32(way)[:, None]
    known = parts > 0
    known[:, 25:40] = False
    flow[:, ~known & (parts == TORSO)] = 99
    ref_parts = np.roll(parts, (int(way[1]), int(way[0])), (0, 1))
    return flow, known, parts, ref_parts


def test_a_hidden_half_moves_as_the_other():
    flow, known, parts, ref_parts = make()
    got = continue_flow(flow, known, parts, ref_parts)
    assert got.dtype == np.float32
    assert_near(got[0, parts > 0], np.full((parts > 0).sum(), 4, np.float32))
    assert_near(got[1, parts > 0], np.full((parts > 0).sum(), -3, np.float32))
    assert (flow[:, ~known & (parts == TORSO)] == 99).all(), 'changed in place'


def test_what_is_known_stays():
    flow, known, parts, ref_parts = make()
    flow += np.random.default_rng(0).normal(size=flow.shape).astype(np.float32)
    got = continue_flow(flow, known, parts, ref_parts)
    assert (got[:, known] == flow[:, known]).all()
    assert (got[:, parts == 0] == flow[:, parts == 0]).all()


def test_a_way_off_the_person_is_not_taken():
    flow, known, parts, ref_parts = make()
    share = np.ones((1, *SIZE), np.float32)
    share[0, :, 35:] = 0.5  # of the reference
    got = continue_flow(flow, known, parts, ref_parts, share)
    hidden = ~known & (parts == TORSO)
    off = np.zeros(SIZE, bool)
    off[:, 31:] = True  # 4 pixels to the left of there
    assert (got[:, hidden & off] == 99).all()
    assert (got[0, hidden & ~off] < 5).all()


def test_a_way_to_another_part_is_not_taken():
    flow, known, parts, ref_parts = make()
    ref_parts[ref_parts == TORSO] = ARM
    got = continue_flow(flow, known, parts, ref_parts)
    assert (got == flow).all()


def test_a_part_that_is_hardly_known_stays():
    flow, known, parts, ref_parts = make()
    known &= parts != TORSO
    known[5:7, 10:12] = True
    got = continue_flow(flow, known, parts, ref_parts)
    assert (got == flow).all()


def test_a_head_stays():
    flow, known, parts, ref_parts = make()
    parts[parts == TORSO] = ref_parts[ref_parts == TORSO] = 1
    assert (continue_flow(flow, known, parts, ref_parts) == flow).all()


def test_spread_values_lie_between_those_around():
    rng = np.random.default_rng(0)
    values = rng.uniform(2, 3, (2, 31, 20)).astype(np.float32)
    known = rng.random((31, 20)) < 0.1
    got = spread(values, known)
    assert (got[:, known] == values[:, known]).all()
    assert got.min() >= values[:, known].min() - 1e-5
    assert got.max() <= values[:, known].max() + 1e-5


def test_spread_is_near_to_interpolation():
    """Of a smooth surface, against SciPy's, which is of another kind."""
    y, x = np.mgrid[:32, :32].astype(np.float32)
    surface = np.stack([np.sin(x / 8), np.cos(y / 9)])
    known = np.random.default_rng(1).random((32, 32)) < 0.3
    got = spread(surface.astype(np.float32), known)
    inside = np.s_[4:28, 4:28]
    for channel, wanted in zip(got, surface, strict=True):
        linear = griddata(np.argwhere(known), wanted[known], (y, x))
        assert np.abs(channel - linear)[inside].mean() < 0.05


@pytest.mark.parametrize('size', [(1, 1), (1, 7), (5, 3)])
def test_sizes(size):
    values = np.ones((3, *size), np.float32)
    known = np.zeros(size, bool)
    assert not spread(values, known).any()
    known[0, 0] = True
    assert_near(spread(values, known), values)


def make_torn():
    """A torso from two places, and the pixels that lead in between."""
    parts = np.zeros(SIZE, np.uint8)
    parts[5:35, 10:40] = TORSO
    parts[5:35, 40:50] = ARM
    flow = np.zeros((2, *SIZE), np.float32)
    flow[0, parts == TORSO] = 30
    flow[0, 5:35, 10:25] = -10
    flow[0, 5:35, 24:26] = (0, 15)
    flow[0, parts == ARM] = -20
    return flow, parts


def test_a_tear_is_closed_from_both_sides():
    flow, parts = make_torn()
    got = close_tears(flow, parts)
    torso = got[0, 5:35, 10:40]
    assert set(np.unique(torso)) == {-10, 30}
    assert (np.diff(torso, axis=1) != 0).sum(1).max() == 1, 'one seam a row'
    assert (got[0, 5:35, 10:23] == -10).all()
    assert (got[0, 5:35, 28:40] == 30).all()


def test_parts_may_come_from_anywhere():
    flow, parts = make_torn()
    flow[0, parts == TORSO] = 30
    assert (close_tears(flow, parts) == flow).all()


def test_shreds_go_with_their_surroundings():
    flow, parts = make_torn()
    flow[0, parts == TORSO] = 30
    shred = flow.copy()
    shred[:, 20:21, 15:17] = 99
    assert (close_tears(shred, parts) == flow).all()
    large = flow.copy()
    large[:, 15:25, 15:25] = 99
    got = close_tears(large, parts)
    assert (got[:, 16:24, 16:24] == 99).all()


def test_what_is_drawn_out_evenly_is_whole():
    flow, parts = make_torn()
    flow[:] = np.arange(SIZE[1]) * 3.5 * (parts > 0)
    assert (close_tears(flow, parts) == flow).all()
    assert (close_tears(99 * flow, 0 * parts) == 99 * flow).all()


def test_a_part_of_tears_alone_stays():
    flow, parts = make_torn()
    flow[0] = np.random.default_rng(0).normal(0, 99, SIZE)
    assert (close_tears(flow, parts) == flow).all()
