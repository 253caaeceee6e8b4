"""MediaPipe, the real one, on photographs and against their keypoints."""

import numpy as np
import pytest

from mmposetransfer.datasets.keypoints import read_keypoint_table
from mmposetransfer.io.image_io import read_image
from mmposetransfer.pose_estimators import build_pose_estimator

pytestmark = pytest.mark.full_stack('mediapipe')


@pytest.fixture(scope='module')
def estimator():
    return build_pose_estimator('mediapipe')


@pytest.fixture(scope='module')
def photographs(shared):
    folder = shared / 'real' / 'deepfashion'
    if not folder.is_dir():
        pytest.skip(f'no folder {folder} of photographs')
    truth = read_keypoint_table(folder / 'keypoints.csv')
    return {
        name: (read_image(folder / name), points)
        for name, points in truth.items()
    }


def test_photographs_agree_with_their_keypoints(estimator, photographs):
    """Those were found by MediaPipe as well, with another version of it."""
    images, truth = zip(*photographs.values(), strict=True)
    found = estimator(images)
    assert [len(persons) for persons in found] == [1] * len(images)
    found = np.concatenate(found)
    truth = np.stack(truth)
    both = (found[..., 2] > 0) & (truth[..., 2] > 0)
    # A joint that one of them misses is at the edge of the photograph.
    assert both.sum() >= 0.98 * (truth[..., 2] > 0).sum()
    assert both.sum() >= 0.98 * (found[..., 2] > 0).sum()
    distance = np.linalg.norm((found - truth)[both][:, :2], axis=-1)
    assert np.median(distance) < 1.5
    assert (distance <= 5).mean() > 0.95


def test_left_and_right_are_the_persons_own(estimator, photographs):
    """In a mirrored photograph they change places."""
    image, _ = photographs['00.jpg']
    plain, mirrored = estimator([image, image[:, ::-1]])
    # Shoulders and hips, left and right, in OpenPose's order.
    x = plain[0, [2, 5, 8, 11], 0]
    np.testing.assert_allclose(
        mirrored[0, [5, 2, 11, 8], 0], image.shape[1] - 1 - x, atol=8
    )
    assert x[1] - x[0] > 40  # seen from the front: left is at the right


def test_joints_outside_of_the_photograph_are_missing(estimator, photographs):
    image, truth = photographs['00.jpg']  # cut off above the knees
    (persons,) = estimator([image])
    assert (persons[0, [9, 10, 12, 13], 2] == 0).all()
    assert (truth[[9, 10, 12, 13], 2] == 0).all()


def test_nobody_is_found_in_a_grey_picture(estimator):
    (persons,) = estimator([np.full((256, 256, 3), 128, np.uint8)])
    assert persons.shape == (0, 18, 3)


def test_wrong_confidence_is_told():
    with pytest.raises(ValueError, match='min_detection_confidence must be'):
        build_pose_estimator('mediapipe', min_detection_confidence=2)
