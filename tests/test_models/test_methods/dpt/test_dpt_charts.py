"""Charts of the body: against its mirror, its anatomy and its own flow."""

import numpy as np
import pytest
import torch
from known_fits import known_fits
from scipy.spatial import cKDTree

from mmposetransfer.geometry import BodyModel, FlowSynthesizer
from mmposetransfer.models.methods.dpt import (
    NUM_PARTS,
    SurfaceCharts,
    pixels_to_texture,
    texture_to_pixels,
)

# As DensePose numbers them.
MIRRORED = {
    **{3: 4, 6: 5, 7: 8, 9: 10, 11: 12, 13: 14},
    **{16: 15, 18: 17, 20: 19, 22: 21, 23: 24},
}
BACK_FRONT = [(1, 2), (7, 9), (8, 10), (11, 13), (12, 14)]
BACK_FRONT += [(15, 17), (16, 18), (19, 21), (20, 22)]


@pytest.fixture(scope='module')
def body():
    return BodyModel()


@pytest.fixture(scope='module')
def charts(body):
    return SurfaceCharts(body)


@pytest.fixture(scope='module')
def centres(body):
    """(F, 3) of the triangles in the T-pose, metres."""
    return body.smpl.v_template.numpy()[body.faces].mean(1)


def test_the_free_body_has_all_parts(charts):
    counts = np.bincount(charts.face_parts, minlength=NUM_PARTS + 1)
    assert counts[0] == 0 and (counts[1:] >= 90).all()
    assert charts.face_uv.min() >= 0 and charts.face_uv.max() <= 1


def test_sides_are_where_they_belong(charts, centres):
    for right, left in MIRRORED.items():
        assert centres[charts.face_parts == right][:, 0].max() < 0.02
        assert centres[charts.face_parts == left][:, 0].min() > -0.02
    for back, front in BACK_FRONT:
        behind, before = (
            centres[charts.face_parts == part][:, 2].mean()
            for part in (back, front)
        )
        assert behind + 0.01 < before


def test_left_and_right_have_the_same_coordinates(charts, centres):
    """Of the triangle at the mirrored place, but at a seam."""
    tree = cKDTree(centres)
    middles = charts.face_uv.mean(1)
    for right, left in MIRRORED.items():
        rows = np.flatnonzero(charts.face_parts == right)
        gaps, twins = tree.query(centres[rows] * [-1, 1, 1])
        same = (charts.face_parts[twins] == left) & (gaps < 1e-3)
        assert same.mean() > 0.9
        apart = np.abs(middles[rows] - middles[twins])[same].max(1)
        assert (apart < 0.02).mean() > 0.97


def test_coordinates_fill_their_squares(charts):
    for part in range(1, NUM_PARTS + 1):
        uv = charts.face_uv[charts.face_parts == part].reshape(-1, 2)
        cells = np.unique((uv * 7.999).astype(int), axis=0)
        assert len(cells) > 0.55 * 64, part


def test_a_picture_shows_the_coordinates_of_its_triangles(charts):
    shown = FlowSynthesizer(known_fits(1)).raster(0)
    iuv = charts.iuv(shown)
    assert iuv.shape == (3, 64, 64) and iuv.dtype == np.uint8
    for row, column in np.ndindex(64, 64):
        face = shown.face[row, column]
        wanted = [0, 0, 0]
        if face >= 0:
            uv = shown.bary[row, column] @ charts.face_uv[face]
            wanted = [charts.face_parts[face], *np.rint(255 * uv)]
        assert np.abs(iuv[:, row, column] - np.float32(wanted)).max() <= 1


@pytest.mark.parametrize('pair', [(0, 1), (2, 3)])
def test_textures_lead_where_the_flow_of_the_body_leads(charts, pair):
    """Places, painted on the reference and read by the target, are flow.

    What the geometry says by following the points of triangles, the atlas
    says by its coordinates alone.
    """
    size = (128, 128)
    truth = FlowSynthesizer(known_fits(4, size))
    flow, visibility = truth(*pair)
    grid = np.stack(np.meshgrid(np.arange(128.0), np.arange(128.0)))
    ref, tgt = (
        torch.from_numpy(charts.iuv(truth.raster(row)))[None] for row in pair
    )
    colours, known = pixels_to_texture(
        torch.from_numpy(grid).float()[None], ref, 32
    )
    places = texture_to_pixels(colours, tgt)[0].numpy()
    trust = texture_to_pixels(known, tgt)[0, 0].numpy()
    seen = (visibility[0] == 0) & (trust > 0.9)
    assert seen.sum() > 100
    error = np.linalg.norm(places - grid - flow, axis=0)[seen]
    assert np.median(error) < 1 and np.quantile(error, 0.9) < 3
