"""The inferencer on pictures and poses of any kind."""

import numpy as np
import pytest
from fuzzing import TIMES, examples, junk, outcome  # noqa: F401
from hypothesis import example, given
from hypothesis import strategies as st
from tiny_training import tiny_config

from mmposetransfer.apis import PoseTransferInferencer

SIDES = st.one_of(st.integers(1, 12), st.sampled_from([1, 64, 300, 2000]))
NUMBERS = st.one_of(
    st.floats(-50, 400),
    st.floats(),
    st.sampled_from([-1.0, 0.0, 1e5, -1e5, 1e30, 63.5]),
)


@pytest.fixture(scope='module')
def inferencer(tmp_path_factory):
    cfg = tiny_config(tmp_path_factory.mktemp('work'))
    return PoseTransferInferencer(cfg, device='cpu')


@st.composite
def photographs(draw):
    """Most of them are pictures of some size."""
    height, width = draw(SIDES), draw(SIDES)
    usual = draw(st.integers(0, 4)) > 0
    channels = (3,) if usual else draw(st.sampled_from([(), (1,), (2,), (4,)]))
    dtype = 'u1' if usual else draw(st.sampled_from(['u1', 'u2', 'f4']))
    image = np.zeros((height, width, *channels), dtype)
    image[:8, :8] = np.random.default_rng(draw(st.integers(0, 9))).integers(
        0, 256, image[:8, :8].shape
    )
    return image


@st.composite
def poses(draw, image):
    """Most of them are joints in and around an image."""
    usual = draw(st.integers(0, 3)) > 0
    count = 18 if usual else draw(st.sampled_from([5, 17, 18, 25, 33]))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    low = draw(st.sampled_from([-0.1, 0, 0.4]))
    points = (
        rng.uniform(low, draw(st.sampled_from([0.5, 1, 1.1, 9])), (count, 2))
        * image.shape[1::-1]
    )
    pose = np.column_stack([points, rng.random(count) > 0.2])
    for _ in range(0 if usual else draw(st.integers(1, 5))):
        joint = draw(st.integers(0, count - 1))
        pose[joint, draw(st.integers(0, 2))] = draw(NUMBERS)
    return pose


@st.composite
def requests(draw):
    """Arguments of the inferencer."""
    image = draw(photographs())
    target = draw(st.one_of(st.none(), photographs()))
    canvas = image if target is None else target
    return dict(
        inputs=image,
        target=target,
        reference_keypoints=draw(poses(image)),
        target_keypoints=draw(poses(canvas)),
        crop=draw(st.sampled_from(['auto', 'none'])),
    )


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
    made = []

    @examples(80)
    @given(requests())
    def check(request):
        results = outcome(lambda: inferencer(**request), '')
        if results is not None:
            _check(results)
            made.append(request)

    check()
    assert len(made) > 20  # it does not refuse whatever it is given


ARGUMENTS = (
    'inputs',
    'reference_keypoints',
    'target_keypoints',
    'target',
    'target_name',
    'target_size',
    'reference_person',
    'min_score',
    'crop',
    'panels',
    'batch_size',
)


def test_arguments_of_any_kind(inferencer):
    image = np.zeros((70, 50, 3), np.uint8)
    pose = np.random.default_rng(0).uniform(0, 50, (18, 2))
    right = dict(inputs=image, reference_keypoints=pose, target_keypoints=pose)
    _check(inferencer(**right))

    @examples(60)
    @example('min_score', 3.5e38)
    @given(st.sampled_from(ARGUMENTS), junk())
    def check(argument, value):
        if argument == 'inputs' and value in ('', 'x'):
            return
        results = outcome(lambda: inferencer(**{**right, argument: value}), '')
        if results is not None:
            _check(results)

    check()
