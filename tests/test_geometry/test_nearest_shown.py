"""Nearest shown points: held to a loop, and to a body that turns round."""

import numpy as np
import pytest

from mmposetransfer.geometry.nearest_shown import (
    nearest_shown,
    shown_inside,
    shown_through,
    shown_vertices,
)

# A square and a bigger one behind it.
FRONT = [[2, 2, 1], [6, 2, 1], [6, 6, 1], [2, 6, 1]]
BEHIND = [[4, 4, 2], [9, 4, 2], [9, 9, 2], [3.9, 9, 2]]
SHEETS = np.array(FRONT + BEHIND, np.float32)
FACES = np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]])


def test_nearest_is_that_of_a_loop():
    random = np.random.default_rng(0)
    rest = random.normal(size=(40, 3)).astype(np.float32)
    shown = random.random(40) < 0.3
    index, metres = nearest_shown(rest, shown)
    for vertex in range(40):
        best = min(
            (
                np.linalg.norm(rest[vertex] - rest[other] * [side, 1, 1]),
                other,
            )
            for other in np.flatnonzero(shown)
            for side in (1, -1)
        )
        if shown[vertex]:
            assert (index[vertex], metres[vertex]) == (vertex, 0)
        else:
            assert index[vertex] == best[1]
            assert metres[vertex] == pytest.approx(best[0], rel=1e-5)


def test_only_sources_stand_for_others():
    rest = np.float32([[0, 0, 0], [1, 0, 0], [5, 0, 0], [0, 3, 0]])
    shown = np.array([False, True, True, True])
    sources = np.array([False, False, True, True])
    index, metres = nearest_shown(rest, shown, sources)
    assert index.tolist() == [3, 1, 2, 3]
    assert metres.tolist() == [3, 0, 0, 0]


@pytest.mark.parametrize('scale', [1, 2])
def test_sources_lie_inside_of_the_outline(scale):
    """Two pixels of a picture that is 256 high, four of one of 512."""
    share = np.zeros((1, 256 * scale, 100 * scale), np.float32)
    share[0, : 128 * scale, 40 * scale : 60 * scale] = 1
    x = np.arange(38, 50) * scale
    vertices = np.stack([x, np.full_like(x, 50 * scale), x], -1)
    shown = share[0, vertices[:, 1], vertices[:, 0]] > 0
    inside = shown_inside(vertices.astype(np.float32), shown, share)
    assert inside.tolist() == [False] * 4 + [True] * 8
    few = shown & (x < 41 * scale)
    assert (shown_inside(vertices.astype(np.float32), few, share) == few).all()


def test_where_nothing_is_shown_nothing_is_near():
    index, metres = nearest_shown(np.eye(3), np.zeros(3, bool))
    assert index.tolist() == [0, 1, 2]
    assert np.isinf(metres).all()


def test_vertices_behind_a_sheet_are_not_shown():
    shown = shown_vertices(SHEETS, FACES, (12, 12))
    assert shown.tolist() == [True] * 4 + [False, True, True, True]


def test_vertices_outside_of_the_picture_are_not_shown():
    shown = shown_vertices(SHEETS, FACES, (12, 8))
    assert shown.tolist() == [True] * 4 + [False, False, False, True]


def test_vertices_beside_the_person_are_not_shown():
    share = np.ones((1, 12, 12), np.float32)
    share[0, 9] = 0.5
    shown = shown_vertices(SHEETS, FACES, (12, 12), share)
    assert shown.tolist() == [True] * 4 + [False, True, False, False]


def test_the_same_part_is_shown_in_place_of_what_lies_behind_it():
    parts = np.array([2, 2, 2, 2, 2, 2, 5, 1])
    shows = np.zeros((12, 12), np.uint8)
    shows[:, :7] = 2
    shows[9, 4] = 1  # a head is not shown by its other side
    through = shown_through(SHEETS, parts, shows)
    assert through.tolist() == [True] * 5 + [False] * 3
    share = np.ones((1, 12, 12), np.float32)
    share[0, 2] = 0.5
    through = shown_through(SHEETS, parts, shows, share)
    assert through.tolist() == [False, False, True, True, True] + [False] * 3
