"""MediaPipe, the real one, on drawn people and on photographs."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from mmposetransfer.datasets import SynthFashionDataset
from mmposetransfer.datasets.keypoints import read_keypoint_table
from mmposetransfer.io.image_io import read_image
from mmposetransfer.pose_estimators import build_pose_estimator

pytestmark = pytest.mark.full_stack('mediapipe')
DRAWN = Path(__file__).parents[2] / 'demo' / 'inputs'


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
    (found,) = estimator.find([np.full((256, 200, 3), 128, np.uint8)])
    assert found.poses.shape == (0, 18, 3)
    assert found.masks.shape == (0, 256, 200)


def overlap(mask, truth):
    """Intersection over union."""
    return (mask & truth).sum() / (mask | truth).sum()


@pytest.fixture(scope='module')
def drawn():
    name = 'cardigan.png'
    image = read_image(DRAWN / name)
    return image, read_keypoint_table(DRAWN / 'poses.csv')[name]


def test_drawn_people_are_found(estimator):
    """Near the joints that they were drawn of, and with their pixels."""
    truth = read_keypoint_table(DRAWN / 'poses.csv')
    names = ['cardigan.png', 'cardigan_target.png', 'dress.png']
    found = estimator.find([DRAWN / name for name in names])
    for name, one in zip(names, found, strict=True):
        pose = truth[name]
        both = (one.poses[0, :, 2] > 0) & (pose[:, 2] > 0)
        assert both.sum() >= 0.9 * (pose[:, 2] > 0).sum()
        apart = np.linalg.norm((one.poses[0] - pose)[both, :2], axis=-1)
        assert np.median(apart) < 5 and apart.max() < 15
        assert one.masks.shape == (1, 256, 256)
        assert one.masks.dtype == np.float32
        assert one.masks.min() >= 0 and one.masks.max() <= 1
        x, y = pose[both, :2].round().astype(int).T
        assert (one.masks[0, y, x] > 0.5).mean() > 0.9


def test_masks_are_the_pixels_that_people_were_drawn_of(estimator):
    """With clothes and hair; one in fifteen is not found."""
    dataset = SynthFashionDataset(
        size=(256, 256), split='test', num_people=8, num_pairs=8
    )
    pairs = [dataset[k] for k in range(8)]
    found = estimator.find([pair['ref_img'] for pair in pairs])
    shares = [
        overlap(one.mask_of(0) > 0.5, pair['ref_parts'] > 0)
        for one, pair in zip(found, pairs, strict=True)
        if len(one.poses)
    ]
    assert len(shares) >= 7 and np.median(shares) > 0.95


def test_masks_follow_the_picture(estimator, drawn):
    """Of another shape, or enlarged before the estimator sees it."""
    image, _ = drawn
    wide = cv2.copyMakeBorder(image, 40, 0, 150, 30, cv2.BORDER_REPLICATE)
    small = cv2.resize(image, None, fx=0.5, fy=0.5)
    plain, moved = estimator.find([image, wide])
    (enlarged,) = build_pose_estimator('auto', min_size=256).find([small])
    mask = plain.mask_of(0) > 0.5
    assert moved.masks.shape == (1, 296, 436)
    assert overlap(moved.mask_of(0)[40:, 150:-30] > 0.5, mask) > 0.9
    assert enlarged.masks.shape == (1, 128, 128)
    doubled = enlarged.mask_of(0).repeat(2, 0).repeat(2, 1) > 0.5
    assert overlap(doubled, mask) > 0.85


def test_the_mask_is_that_of_the_person_whose_pose_it_is(estimator, drawn):
    """Of two people side by side."""
    image, _ = drawn
    left = read_image(DRAWN / 'cardigan_target.png')
    (found,) = estimator.find([np.hstack([left, image])])
    there = found.poses[0][found.poses[0, :, 2] > 0]
    side = slice(0, 256) if np.median(there[:, 0]) < 255.5 else slice(256, 512)
    mask = found.mask_of(0)
    assert mask[:, side].sum() > 0.95 * mask.sum()
    assert mask[:, side].sum() > 0.1 * 256**2


def test_a_photograph_in_the_public_domain(estimator):
    data = pytest.importorskip('skimage.data', reason='needs scikit-image')
    image = data.astronaut()[..., ::-1]
    (found,) = estimator.find([image])
    nose, mask = found.poses[0, 0], found.mask_of(0)
    np.testing.assert_allclose(nose[:2], (230, 120), atol=20)  # by eye
    shoulders = found.poses[0, [2, 5]]
    assert (shoulders[:, 2] > 0).all() and shoulders[0, 0] < shoulders[1, 0]
    assert mask[100:150, 200:260].min() > 0.9  # the face
    assert mask[300:450, 120:200].mean() > 0.9  # the suit
    assert mask[:200, :60].max() < 0.1  # a flag
    assert mask[30:200, 400:].max() < 0.1  # a rocket and the wall


def test_it_writes_nothing_to_the_error_output(drawn, capfd):
    """Beside its own messages, which there is no other way to be rid of."""
    (persons,) = build_pose_estimator('mediapipe')([drawn[0]])
    assert len(persons) == 1
    assert capfd.readouterr().err == ''


def test_wrong_confidence_is_told():
    with pytest.raises(ValueError, match='min_detection_confidence must be'):
        build_pose_estimator('mediapipe', min_detection_confidence=2)
