"""Bodies drawn over pictures."""

import numpy as np
from test_geometry.meshes import sphere

from mmposetransfer.visualization import draw_body


def ball():
    """A ball in the picture, its faces counter-clockwise from outside."""
    points, faces = sphere()
    volume = np.linalg.det(points[faces]).sum()
    faces = faces if volume > 0 else faces[:, ::-1]
    return points * [40, -40, -1] + [60, 50, 0], faces


def test_a_ball_is_round_lit_from_above_and_where_it_should_be():
    vertices, faces = ball()
    image = np.full((100, 120, 3), 77, np.uint8)
    drawn = draw_body(image, vertices, faces, pixels_per_metre=40, opacity=1)
    rows, columns = np.indices((100, 120))
    distance = np.hypot(rows - 50, columns - 60)
    assert (drawn[distance > 42] == 77).all()
    assert (drawn[distance < 38] != 77).any(-1).mean() > 0.99
    assert drawn[30, 45].sum() > drawn[70, 75].sum() + 100
    assert (image == 77).all()


def test_parts_and_opacity():
    vertices, faces = ball()
    image = np.zeros((100, 120, 3), np.uint8)
    left = draw_body(image, vertices, faces, np.full(len(faces), 5), 40)
    right = draw_body(image, vertices, faces, np.full(len(faces), 6), 40)
    assert (left[50, 60] != right[50, 60]).any()
    faint = draw_body(image, vertices, faces, np.full(len(faces), 5), 40, 0.1)
    assert faint[50, 60].sum() < left[50, 60].sum() / 4
