"""Flow from fits, beside bodies posed by smplx."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from closeness import assert_near
from known_fits import known_fits

from mmposetransfer.geometry import (
    BodyModel,
    flow_and_visibility,
    part_map,
    rasterize,
)
from mmposetransfer.geometry.fitting.flow_synthesizer import FlowSynthesizer
from mmposetransfer.geometry.visibility_blur import blur_visibility

SIZE = (96, 80)


@pytest.fixture(scope='module')
def fits():
    return known_fits(4, SIZE)


@pytest.fixture(scope='module')
def bodies(fits):
    """Projected vertices, posed by smplx and seen by the fits' cameras."""
    body = BodyModel()
    posed = body.forward(fits.betas, fits.body_pose, fits.global_orient)
    vertices = np.stack(
        [
            fits.camera_of(row).project(points)
            for row, points in enumerate(posed.vertices)
        ]
    )
    vertices[..., 2] -= 4  # fits count depth from the world's origin
    keypoints = np.stack(
        [
            fits.camera_of(row).project(points)
            for row, points in enumerate(body.keypoints(posed))
        ]
    )
    return body, vertices, keypoints


@pytest.mark.parametrize('rule', ['depth', 'face'])
def test_is_the_correspondence_of_the_posed_bodies(fits, bodies, rule):
    body, vertices, _ = bodies
    synthesize = FlowSynthesizer(fits, rule=rule)
    for ref, tgt in ((0, 1), (2, 1), (3, 3)):
        flow, visibility = synthesize(ref, tgt)
        expected, classes = flow_and_visibility(
            vertices[ref], vertices[tgt], body.faces, SIZE, rule
        )
        same = visibility == classes
        assert same.mean() > 0.995 and (classes == 0).sum() > 200
        # Where rounding does not make another face the front one.
        close = np.abs(flow - expected).max(0) < 0.05
        assert (close & same[0]).mean() > 0.99
        assert (flow[:, visibility[0] == 2] == 0).all()


def test_keypoints_are_the_projected_joints(fits, bodies):
    synthesize = FlowSynthesizer(fits)
    for row, expected in enumerate(bodies[2]):
        got = synthesize.keypoints(row)
        np.testing.assert_allclose(got[:, :2], expected[:, :2], atol=0.02)
        last = [SIZE[1] - 1, SIZE[0] - 1]
        inside = ((expected[:, :2] >= 0) & (expected[:, :2] <= last)).all(1)
        sure = (
            np.minimum(abs(expected[:, :2]), abs(expected[:, :2] - last)).min(
                1
            )
            > 0.05
        )
        np.testing.assert_array_equal(got[sure, 2], inside[sure])
        assert sure.sum() > 14


def test_parts_are_those_of_the_drawn_body(fits, bodies):
    body, vertices, _ = bodies
    got = FlowSynthesizer(fits).parts(2)
    expected = part_map(
        rasterize(vertices[2], body.faces, SIZE), body.face_parts
    )
    assert (got == expected).mean() > 0.995 and len(np.unique(got)) > 4


def test_what_came_before_changes_nothing(fits):
    warm = FlowSynthesizer(fits, cache=2)
    pairs = [(0, 1), (2, 1), (1, 1), (3, 0), (0, 1)]
    for pair in pairs:
        for got, expected in zip(
            warm(*pair), FlowSynthesizer(fits)(*pair), strict=True
        ):
            np.testing.assert_array_equal(got, expected)


def test_a_copy_for_another_process_is_small_and_gives_the_same(fits):
    synthesize = FlowSynthesizer(fits)
    before = len(pickle.dumps(synthesize))
    expected = synthesize(0, 1)
    copied = pickle.dumps(synthesize)
    assert len(copied) == before
    np.testing.assert_array_equal(pickle.loads(copied)(0, 1)[0], expected[0])


def test_smooths_visibility_when_asked(fits):
    plain = FlowSynthesizer(fits)(0, 1)
    smooth = FlowSynthesizer(fits, median=5)(0, 1)
    assert_near(plain[0], smooth[0])
    np.testing.assert_array_equal(blur_visibility(plain[1]), smooth[1])
    assert (plain[1] != smooth[1]).any()


def test_mistakes_are_named(fits):
    with pytest.raises(ValueError, match="'depth', 'face'"):
        FlowSynthesizer(fits, rule='nearest')
    with pytest.raises(ValueError, match='other:1:1'):
        FlowSynthesizer(replace(fits, body='other:1:1'))
    unknown = replace(fits, sizes=np.zeros_like(fits.sizes))
    with pytest.raises(ValueError, match='size of the picture .person_1'):
        FlowSynthesizer(unknown)(0, 1)
