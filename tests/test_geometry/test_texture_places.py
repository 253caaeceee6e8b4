"""Places on the body's texture, pixel by pixel."""

from types import SimpleNamespace

import numpy as np
import pytest

from mmposetransfer.geometry import BodyModel
from mmposetransfer.geometry.rasterizer import rasterize
from mmposetransfer.geometry.texture_places import (
    TEXTURE_SIDE,
    texture_places,
)

SIZE = (20, 30)
# A sheet of 16 by 8 pixels.
CORNERS = np.float32([[4, 6, 1], [20, 6, 1], [20, 14, 1], [4, 14, 1]])
FACES = np.array([[0, 1, 2], [0, 2, 3]])


def sheet_places(uv):
    body = SimpleNamespace(uv=np.float32(uv), face_uv=FACES, path='a sheet')
    return texture_places(rasterize(CORNERS, FACES, SIZE), body)


def test_a_sheet_shows_its_texture_evenly():
    places = sheet_places([[0.2, 0.3], [0.6, 0.3], [0.6, 0.7], [0.2, 0.7]])
    column, row = np.meshgrid(np.arange(5, 20), np.arange(7, 14))
    wanted = np.stack(
        [0.2 + 0.4 * (column - 4) / 16, 0.3 + 0.4 * (row - 6) / 8]
    )
    found = places[:, 7:14, 5:20]
    assert np.abs(found + 0.5 - wanted * TEXTURE_SIDE).max() < 0.51
    assert not places[:, :5].any() and not places[:, :, :3].any()


def test_the_corner_of_the_texture_is_not_taken_for_background():
    places = sheet_places(np.zeros((4, 2)))
    assert (places[:, 7:14, 5:20] == 1).all()


def test_the_free_body_shows_its_own_texture():
    """A vertex that a picture shows lies where its texture says."""
    body = BodyModel()
    rest = body.smpl.v_template.numpy()
    scale = np.float32([300, -300, -1])
    vertices = np.ascontiguousarray(rest * scale + np.float32([300, 200, 0]))
    raster = rasterize(vertices, body.faces, (600, 600))
    places = texture_places(raster, body)
    nose = body.extras['landmarks'][
        list(body.extras['landmark_names']).index('nose')
    ]
    face, corner = np.argwhere(body.faces == nose)[0]
    wanted = body.uv[body.face_uv[face, corner]] * TEXTURE_SIDE
    x, y = np.round(vertices[nose, :2]).astype(int)
    assert np.abs(places[:, y, x] + 0.5 - wanted).max() < 2


def test_a_body_without_a_texture_is_refused():
    body = SimpleNamespace(uv=None, face_uv=None, path='bare.npz')
    raster = rasterize(CORNERS, FACES, SIZE)
    with pytest.raises(ValueError, match='bare.npz.*texture'):
        texture_places(raster, body)
