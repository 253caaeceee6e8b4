"""The renderer of SynthFashion against what light and geometry demand."""

import cv2
import numpy as np
import pytest
from closeness import assert_same_picture

from mmposetransfer.geometry import sparse_weights
from mmposetransfer.geometry.kinematics import strongest_bones
from mmposetransfer.geometry.rasterizer import rasterize
from mmposetransfer.synthfashion import SynthFashionWorld
from mmposetransfer.synthfashion.materials import (
    CLOTH,
    Material,
    MaterialTable,
    srgb_to_linear,
)
from mmposetransfer.synthfashion.poses import sample_pose
from mmposetransfer.synthfashion.renderer import (
    Lights,
    person_share,
    pixel_raster,
    render,
    sample_raster,
)
from mmposetransfer.synthfashion.shading import (
    COLUMNS,
    PLACE,
    _tangents,
)
from mmposetransfer.synthfashion.shadows import ambient_occlusion, depth_map
from mmposetransfer.synthfashion.surface import get_surface
from mmposetransfer.synthfashion.texturing import TO_SRGB


@pytest.fixture(scope='module')
def shot():
    world = SynthFashionWorld((160, 128), seed=11, num_people=20)
    person = world.person(3)
    return person, world._views(person, 3)[0].scene


def relit(scene, **changes):
    """The scene with other rows of its lights."""
    rows = scene.lights.rows.copy()
    for row, value in changes.items():
        rows[int(row[1:])] = value
    return type(scene)(
        scene.points,
        scene.projected,
        scene.camera,
        Lights(rows),
        scene.background,
    )


def test_pixel_centres_are_those_of_the_rasterizer(shot):
    person, scene = shot
    mine = pixel_raster(sample_raster(person, scene), (160, 128))
    expected = rasterize(scene.projected, person.faces, (160, 128), True)
    same = mine.face == expected.face
    assert same.mean() > 0.999
    np.testing.assert_allclose(mine.bary[same], expected.bary[same], atol=2e-2)
    np.testing.assert_allclose(
        mine.depth[same], expected.depth[same], rtol=1e-4
    )


def test_background_stays_and_the_person_covers_it(shot):
    person, scene = shot
    picture = render(person, scene)
    body = pixel_raster(sample_raster(person, scene), (160, 128))
    covered = (
        cv2.dilate((body.face >= 0).astype(np.uint8), np.ones((3, 3))) > 0
    )
    np.testing.assert_array_equal(
        picture[~covered][:, ::-1], scene.background[~covered]
    )
    inside = cv2.erode(covered.astype(np.uint8), np.ones((5, 5))) > 0
    changed = np.abs(picture[..., ::-1].astype(int) - scene.background)
    assert (changed[inside].max(1) > 3).mean() > 0.9


def test_key_light_brightens_the_side_it_comes_from(shot):
    """The picture's left (the body's right for a front view) or its right."""
    person, scene = shot
    body = pixel_raster(sample_raster(person, scene), (160, 128)).face >= 0
    cols = np.nonzero(body)[1]
    middle = int(np.median(cols))
    ratios = []
    for x in (-0.8, 0.8):
        light = np.float32([x, 0.3, 0.5])
        picture = (
            render(person, relit(scene, r0=light / np.linalg.norm(light)))
            .astype(float)
            .mean(2)
        )
        left, right = body.copy(), body.copy()
        left[:, middle:], right[:, :middle] = False, False
        ratios.append(picture[left].mean() / picture[right].mean())
    assert ratios[0] > 1.05 * ratios[1]


def test_no_light_is_black_and_double_light_brighter(shot):
    person, scene = shot
    dark = relit(scene, r1=0, r3=0, r4=0, r5=0)
    body = pixel_raster(sample_raster(person, scene), (160, 128))
    inside = cv2.erode((body.face >= 0).astype(np.uint8), np.ones((5, 5))) > 0
    black = render(person, dark)[inside]
    # Nothing but the light bleeding through skin is left.
    assert np.median(black) == 0 and black.mean() < 12
    once = render(person, scene)[inside].astype(float).mean()
    twice = render(person, relit(scene, r1=1.6, r4=0.9, r5=0.9))
    assert twice[inside].mean() > 1.1 * once


def test_flat_colours_do_not_know_the_light(shot):
    person, scene = shot
    other = relit(scene, r0=np.float32([0, 0, -1]), r1=0.1)
    assert_same_picture(
        render(person, scene, flat=True), render(person, other, flat=True)
    )


def test_srgb_both_ways():
    """The shader's tables invert each other on all 256 values."""
    linear = srgb_to_linear(np.arange(256) / 255)
    back = TO_SRGB[np.round(linear * (len(TO_SRGB) - 1)).astype(int)]
    # 4096 steps of linear light are coarse only in the darkest tones.
    np.testing.assert_allclose(back[20:], np.arange(20, 256), atol=0.7)
    assert linear[255] == pytest.approx(1)
    assert linear[188] == pytest.approx(0.5029, abs=1e-3)


def test_pyramids_keep_the_mean_and_fit_the_pixel():
    rng = np.random.default_rng(0)
    texture = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    table = MaterialTable([Material(CLOTH, texture=texture, period=0.64)])
    sizes = []
    for footprint in (0.001, 0.01, 0.04, 10):
        offset, size, channels = table.levels(footprint)[0]
        sizes.append(int(size))
        level = table.texels[offset : offset + size * size * channels]
        assert level.mean() == pytest.approx(texture.mean(), abs=1)
    assert sizes == [64, 64, 16, 8]


def test_transforms_are_those_of_the_body_model(shot):
    person = shot[0]
    body = get_surface().body
    rng = np.random.default_rng(5)
    for _ in range(5):
        pose = sample_pose(rng)
        expected = body.joint_transforms(
            person.identity.betas, pose.body_pose, pose.global_orient
        )
        np.testing.assert_allclose(
            person.transforms(pose), expected[0], atol=1e-5
        )


def test_strongest_bones():
    weights = np.random.default_rng(2).random((50, 24)).astype(np.float32)
    weights[weights < 0.7] = 0
    weights[:, 3] += 0.1
    index, weight = strongest_bones(weights, np.arange(50), 4)
    expected = sparse_weights(weights / weights.sum(1, keepdims=True), 4)
    np.testing.assert_array_equal(
        index[weight > 0], expected.index[expected.weight > 0]
    )
    np.testing.assert_allclose(weight, expected.weight, atol=1e-6)


def test_depth_map_agrees_with_the_rasterizer(shot):
    person, scene = shot
    mine = depth_map(
        scene.points * [60, 60, 1] + [80, 80, 0], person.faces, 160
    )
    expected = rasterize(
        scene.points * [60, 60, 1] + [80, 80, 0], person.faces, (160, 160)
    ).depth
    both = np.isfinite(mine) & np.isfinite(expected)
    assert both.sum() > 0.995 * np.isfinite(expected).sum() > 1000
    assert (np.abs(mine[both] - expected[both]) < 1e-3).mean() > 0.99


def test_occlusion_darkens_behind_an_edge_only():
    depth = np.full((60, 60), 2.0, np.float32)
    depth[:, 30:] = 1.9  # a step towards the viewer
    light = ambient_occlusion(depth, 9)
    assert light[30, 28] < 0.9
    np.testing.assert_allclose(light[:, 32:], 1)
    np.testing.assert_allclose(light[:, 5:15], 1, atol=1e-4)


def test_occlusion_is_an_unsharp_mask(shot):
    person, scene = shot
    depth = sample_raster(person, scene)[0].depth[1::2, 1::2]
    known = np.isfinite(depth)
    filled = np.where(known, depth, 0)

    def mean(picture):
        for _ in range(2):
            picture = cv2.blur(picture, (9, 9))
        return picture

    around = mean(filled) / np.maximum(mean(known.astype(np.float32)), 1e-3)
    behind = np.clip(filled - around, 0, 0.12)
    expected = np.where(known, 1 - 4.5 * behind, 1)
    np.testing.assert_allclose(
        ambient_occlusion(depth, 9), expected, atol=1e-4
    )


def test_share_counts_the_centre_half_and_corners_an_eighth(shot):
    person, scene = shot
    samples = sample_raster(person, scene)
    shown = samples[0].face >= 0
    corners = shown[::2, ::2]
    expected = np.zeros((160, 128))
    expected[samples[1]] = (
        shown[1::2, 1::2] / 2
        + (
            corners[:-1, :-1].astype(float)
            + corners[:-1, 1:]
            + corners[1:, :-1]
            + corners[1:, 1:]
        )
        / 8
    )
    np.testing.assert_array_equal(
        person_share(samples, (160, 128))[0], expected
    )


def test_tangents_lead_where_chart_coordinates_grow():
    rng = np.random.default_rng(0)
    for _ in range(20):
        points = np.zeros((3, COLUMNS), np.float32)
        place = rng.normal(size=(3, 3))
        points[:, PLACE : PLACE + 3] = place
        edges = (place[1:] - place[0]).T
        chart = rng.normal(size=(2, 2)).astype(np.float32)  # (u, v) by corner
        # Columns: the change of the place with u and with v.
        expected = edges @ np.linalg.inv(chart.T.astype(float))
        expected /= np.linalg.norm(expected, axis=0)
        mine = _tangents(points, 0, 1, 2, *chart.ravel())
        np.testing.assert_allclose(
            np.reshape(mine, (2, 3)).T, expected, atol=1e-3
        )
