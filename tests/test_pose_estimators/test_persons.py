"""What is done with what a provider finds, in closed form."""

import ast
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmposetransfer.geometry import get_skeleton, joint_sources
from mmposetransfer.pose_estimators import (
    PoseEstimator,
    as_persons,
    build_pose_estimator,
    choose_person,
    crop_to_box,
)
from mmposetransfer.pose_estimators.folder import find_person_first
from mmposetransfer.utils.dependencies import MEDIAPIPE_LINE, OPTIONAL

SIZE = (200, 300)


class Spots(PoseEstimator):
    """A person for each white spot: the joints around its centre of mass."""

    skeleton = 'body25'

    def detect(self, images):
        self.shapes = [image.shape for image in images]
        return [
            np.reshape(list(self.spots(image)), (-1, 25, 3))
            for image in images
        ]

    def spots(self, image):
        grey = image[..., 0].astype(np.float64)
        _, labels = cv2.connectedComponents((grey > 5).astype(np.uint8))
        for label in range(1, labels.max() + 1):
            weight = grey * (labels == label)
            rows, columns = np.indices(grey.shape)
            x, y = (
                (axis * weight).sum() / weight.sum()
                for axis in (columns, rows)
            )
            radius = np.sqrt((labels == label).sum())
            yield [
                [x + radius * np.cos(i), y + radius * np.sin(i), 0.9]
                for i in range(25)
            ]


def spots(*places, size=SIZE):
    image = np.zeros(size, np.float64)
    rows, columns = np.indices(size)
    for x, y, sigma in places:
        near = (columns - x) ** 2 + (rows - y) ** 2
        image += 255 * np.exp(-near / 2 / sigma**2)
    return np.repeat(image.clip(0, 255).astype(np.uint8)[..., None], 3, -1)


def detected(skeleton, seed=0):
    """One person with random joints inside of the picture."""
    rng = np.random.default_rng(seed)
    count = get_skeleton(skeleton).num_joints
    points = rng.uniform(0, 1, (1, count, 3)) * [*SIZE[::-1], 1]
    points[..., 2] = points[..., 2] / 2 + 0.5
    return points


@pytest.mark.parametrize('skeleton', ['coco17', 'body25', 'mediapipe33'])
def test_joints_and_neck_are_those_that_are_documented(skeleton):
    points = detected(skeleton)
    (person,) = as_persons(points, skeleton, SIZE)
    names = get_skeleton(skeleton).joints
    given = dict(zip(names, points[0], strict=True))
    for i, joint in enumerate(get_skeleton('openpose18').joints):
        if joint == 'neck' and skeleton != 'body25':
            left, right = given['left_shoulder'], given['right_shoulder']
            expected = [*(left + right)[:2] / 2, min(left[2], right[2])]
        else:
            expected = given[joint]
        np.testing.assert_allclose(person[i], expected, rtol=1e-6)


def test_every_provider_gives_all_18_joints():
    for skeleton in ('coco17', 'body25', 'mediapipe33'):
        assert all(joint_sources(skeleton).values())


def test_of_a_missing_shoulder_there_is_no_neck():
    for change in ((2, 0.2), (0, -5.0), (1, 250.0), (0, np.nan), (2, np.nan)):
        points = detected('coco17')
        points[0, 5, change[0]] = change[1]  # left shoulder
        (person,) = as_persons(points, 'coco17', SIZE, min_score=0.5)
        assert (person[[1, 5]] == 0).all()
        assert (person[[0, 2]] > 0).all()


@pytest.mark.parametrize(
    'place, inside',
    [
        ((-0.5, 10), True),
        ((-0.51, 10), False),
        ((299.4, 10), True),
        ((299.5, 10), False),
        ((10, 199.4), True),
        ((10, 199.5), False),
    ],
)
def test_picture_ends_at_the_edges_of_its_pixels(place, inside):
    points = detected('coco17')
    points[0, 0, :2] = place
    (person,) = as_persons(points, 'coco17', SIZE)
    assert (person[0, 2] > 0) == inside


def test_largest_person_is_first_and_empty_ones_are_left_out():
    small, large, none = (detected('coco17', seed) for seed in range(3))
    small[..., :2] = small[..., :2] / 4 + 30
    none[..., 2] = 0.1
    persons = as_persons(
        np.concatenate([small, none, large]), 'coco17', SIZE, 0.3
    )
    assert len(persons) == 2
    np.testing.assert_allclose(persons[0, 0], large[0, 0], rtol=1e-6)
    nobody = as_persons(np.zeros((0, 17, 3)), 'coco17', SIZE)
    assert nobody.shape == (0, 18, 3)


def test_person_is_chosen_by_box():
    points = np.zeros((3, 18, 3))
    rng = np.random.default_rng(1)
    boxes = [(10, 10, 60, 110), (100, 20, 160, 140), (0, 0, 290, 190)]
    for person, (left, top, right, bottom) in zip(points, boxes, strict=True):
        person[:] = rng.uniform((left, top, 1), (right, bottom, 1), (18, 3))
    for i, box in enumerate(boxes):
        assert choose_person(points, box) is not None
        np.testing.assert_array_equal(choose_person(points, box), points[i])
    np.testing.assert_array_equal(choose_person(points), points[0])
    assert choose_person(points, (295, 195, 299, 199)) is None
    assert choose_person(points[:0]) is None
    assert choose_person(points[:0], boxes[0]) is None


@pytest.mark.parametrize('min_size', [0, 300, 600, 1024])
def test_enlarging_moves_nothing(min_size):
    image = spots((70.25, 40.5, 6), (200.5, 120.75, 9))
    estimator = Spots(min_size=min_size)
    (persons,) = estimator([image])
    assert max(estimator.shapes[0]) == max(300, min_size)
    expected = Spots()([image])[0]
    np.testing.assert_allclose(persons, expected, atol=0.3)
    # Less than what the half pixels between corners and centres make.
    np.testing.assert_allclose(persons.mean(1), expected.mean(1), atol=0.05)


def test_what_is_found_in_a_box_is_in_the_pixels_of_the_picture():
    image = spots((70, 60, 5), (200, 120, 9))
    whole = Spots()([image])[0]
    for index, box in ((1, (43, 33, 97, 87)), (0, (153, 73, 247, 167))):
        persons = find_person_first(Spots(), image, 'x', box)
        np.testing.assert_allclose(persons[0], whole[index], atol=1e-3)
    empty = find_person_first(Spots(), image, 'x', (5, 150, 30, 190))
    assert empty.shape == (0, 18, 3)


def test_cut_reaches_around_the_box_and_not_out_of_the_picture():
    image = np.zeros((*SIZE, 3), np.uint8)
    part, offset = crop_to_box(image, (100, 50, 200, 150), margin=0.1)
    assert offset.tolist() == [90, 40]
    assert part.shape == (121, 121, 3)
    part, offset = crop_to_box(image, (-50, -50, 400, 400))
    assert offset.tolist() == [0, 0] and part.shape == image.shape
    for box in ((5, 5, 5, 9), (9, 5, 5, 9), (5, 5, np.nan, 9)):
        with pytest.raises(ValueError, match='a box must be left, top'):
            crop_to_box(image, box)
    with pytest.raises(ValueError, match='outside of the image of 300x200'):
        crop_to_box(image, (900, 900, 950, 950))


class SpotsWithMasks(Spots):
    """The same, with the spots themselves; the lowest first."""

    def detect_with_masks(self, images):
        return [
            (poses[::-1], self._masks(image)[::-1])
            for poses, image in zip(self.detect(images), images, strict=True)
        ]

    def _masks(self, image):
        _, labels = cv2.connectedComponents((image[..., 0] > 5).astype('u1'))
        kinds = np.arange(1, labels.max() + 1)[:, None, None]
        return (labels == kinds).astype(np.float32)


def test_each_person_has_their_own_mask():
    """Though the largest comes first, and the picture was enlarged."""
    image = spots((70, 60, 4), (200, 110, 9), (60, 160, 6))
    for min_size in (0, 600):
        (found,) = SpotsWithMasks(min_size=min_size).find([image])
        assert found.masks.shape == (3, *SIZE)
        assert found.masks.dtype == np.float32
        for pose, mask in zip(found.poses, found.masks, strict=True):
            rows, columns = np.indices(SIZE)
            centre = [
                (axis * mask).sum() / mask.sum() for axis in (columns, rows)
            ]
            there = pose[pose[:, 2] > 0, :2]
            np.testing.assert_allclose(there.mean(0), centre, atol=4)
        areas = found.masks.sum((1, 2))
        assert areas[0] > areas[1] > areas[2]
        true = (image[..., 0] > 5).sum()
        assert abs(areas.sum() - true) < 0.1 * true
    (found,) = Spots().find([image])
    assert found.masks is None and found.mask_of(1) is None


def test_mistakes_are_told():
    image = spots((70, 60, 5))
    with pytest.raises(TypeError, match='takes a list of pictures'):
        Spots()(image)
    with pytest.raises(FileNotFoundError, match='nowhere.png'):
        Spots()(['nowhere.png'])
    with pytest.raises(ValueError, match='min_score must be'):
        Spots(min_score=-1)
    with pytest.raises(ValueError, match='min_size must be'):
        Spots(min_size=2.5)
    with pytest.raises(ValueError, match="Did you mean 'mediapipe'"):
        build_pose_estimator('mediapip')
    with pytest.raises(TypeError, match='a pose estimator must be a name'):
        build_pose_estimator(3)
    with pytest.raises(TypeError, match="'min_scor"):
        build_pose_estimator('rtmlib', min_scor=1)
    with pytest.raises(ValueError, match="or download='balanced'"):
        build_pose_estimator('rtmlib')
    with pytest.raises(ValueError, match='download must be one of'):
        build_pose_estimator('rtmlib', download='large')
    with pytest.raises(ValueError, match='either files'):
        build_pose_estimator('rtmlib', download='balanced', pose='x.onnx')
    spots_estimator = Spots()
    assert build_pose_estimator(spots_estimator) is spots_estimator


def test_extras_and_the_lines_that_install_them_agree():
    """`pip install mmposetransfer[X]` brings what the errors name."""
    setup = Path(__file__).parents[2] / 'setup.py'
    if not setup.is_file():
        pytest.skip('needs a checkout of the repository')
    (extras,) = (
        node.value
        for node in ast.walk(ast.parse(setup.read_text()))
        if isinstance(node, ast.keyword) and node.arg == 'extras_require'
    )
    extras = {
        key.value: ast.unparse(value)
        for key, value in zip(extras.keys, extras.values, strict=True)
    }
    parts = {part.module: part for part in OPTIONAL}
    assert {'rtmlib', 'mmpose'} <= set(extras) & set(parts)
    command, *packages = parts['rtmlib'].install.split()[1:]
    assert command == 'install' and packages
    assert all(repr(package) in extras['rtmlib'] for package in packages)
    # With what it asks for, it would take numpy below 2.
    assert 'mediapipe' not in extras
    assert '--no-deps mediapipe==' in MEDIAPIPE_LINE
