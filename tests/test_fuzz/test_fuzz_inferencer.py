"""The inferencer on pictures and poses of any kind."""

import numpy as np
import pytest
from fuzzing import TIMES, examples, junk, outcome  # noqa: F401
from hypothesis import given
from hypothesis import strategies as st
from tiny_training import tiny_config

from mmposetransfer.apis import PoseTransferInferencer

SIDES = st.one_of(st.integers(1, 12), st.sampled_from([1, 64, 300, 2000]))
NUMBERS = st.one_of(
    st.floats(-50, 400), st.floats(),
    st.sampled_from([-1.0, 0.0, 1e5, -1e5, 1e30, 63.5]))


@pytest.fixture(scope='module')
def inferencer(tmp_path_factory):
    cfg = tiny_config(tmp_path_factory.mktemp('work'))
    return PoseTransferInferencer(cfg, device='cpu')


@st.composite
def photographs(draw):
    height, width = draw(SIDES), draw(SIDES)
    channels = draw(st.sampled_from([(), (1,), (3,), (4,), (2,)]))
    dtype = draw(st.sampled_from(['u1', 'u1', 'u1', 'u2', 'f4']))
    top = 255 if dtype == 'u1' else 65535
    corner = np.random.default_rng(draw(st.integers(0, 9))).integers(
        0, top + 1, (min(height, 8), min(width, 8), *channels))
    image = np.zeros((height, width, *channels), dtype)
    image[:8, :8] = corner
    return image


@st.composite
def poses(draw):
    """Half of them such as a detector gives, and half anything."""
    count = draw(st.sampled_from([18, 18, 18, 17, 25, 33, 5]))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    reach = draw(st.sampled_from([5, 70, 400, 3000]))
    pose = np.column_stack([
        rng.uniform(-20, reach, (count, 2)), rng.integers(0, 2, count)])
    if draw(st.booleans()):
        for _ in range(draw(st.integers(1, 5))):
            joint = draw(st.integers(0, count - 1))
            pose[joint, draw(st.integers(0, 2))] = draw(NUMBERS)
    return pose


def _check(results):
    for result in results['predictions']:
        height, width = result['image'].shape[:2]
        assert result['image'].dtype == np.uint8 and height and width
        left, top, right, bottom = result['tgt_box']
        assert (right - left, bottom - top) == (width, height)
        assert result['flow'].shape == (2, height, width)
        assert np.isfinite(result['flow']).all()
        assert result['visibility'].shape == (1, height, width)
        assert result['visibility'].max() <= 2
        assert result['weight_map'].min() >= 0
        assert result['weight_map'].max() <= 1
    for picture in results['visualization']:
        assert picture.dtype == np.uint8 and picture.shape[2] == 3


def test_any_picture_and_pose(inferencer):
    @examples(60)
    @given(photographs(), poses(), poses(),
           st.one_of(st.none(), photographs(), st.tuples(SIDES, SIDES)),
           st.sampled_from(['auto', 'none']))
    def check(image, ref_pose, tgt_pose, target, crop):
        key = 'target_size' if isinstance(target, tuple) else 'target'
        results = outcome(
            lambda: inferencer(
                image, ref_pose, tgt_pose, crop=crop, **{key: target}), '')
        if results is not None:
            _check(results)

    check()


ARGUMENTS = ('inputs', 'reference_keypoints', 'target_keypoints', 'target',
             'target_name', 'target_size', 'reference_person', 'min_score',
             'crop', 'panels', 'batch_size')


def test_arguments_of_any_kind(inferencer):
    image = np.zeros((70, 50, 3), np.uint8)
    pose = np.random.default_rng(0).uniform(0, 50, (18, 2))
    right = dict(
        inputs=image, reference_keypoints=pose, target_keypoints=pose)
    _check(inferencer(**right))

    @examples(60)
    @given(st.sampled_from(ARGUMENTS), junk())
    def check(argument, value):
        if argument == 'inputs' and value in ('', 'x'):
            return
        results = outcome(
            lambda: inferencer(**{**right, argument: value}), '')
        if results is not None:
            _check(results)

    check()
