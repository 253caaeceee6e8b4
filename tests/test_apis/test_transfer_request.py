"""What users hand over, and what is wrong with it."""

import numpy as np
import pytest
import torch
from known_fits import known_fits

from mmposetransfer.apis.broadcasting import broadcast
from mmposetransfer.apis.transfer_request import load_request
from mmposetransfer.datasets.keypoints import KeypointWarning
from mmposetransfer.geometry import FlowSynthesizer
from mmposetransfer.io.image_io import write_image
from mmposetransfer.pose_estimators import PoseEstimator


def _pose(low=10.0, high=50.0, score=1.0):
    steps = np.linspace(low, high, 18)
    return np.stack([steps, steps[::-1], np.full(18, score)], axis=1)


IMAGE = np.full((64, 60, 3), 90, np.uint8)


def test_broadcast_single_and_lists():
    rows = broadcast(a='x', b=[1, 2, 3], c=None, d=['one'])
    assert rows == [dict(a='x', b=i, c=None, d='one') for i in (1, 2, 3)]
    assert broadcast(a=1) == [dict(a=1)]
    rows = broadcast(a='r', some_keypoints=[np.ones((18, 3)), 'poses.csv'])
    assert [type(row['some_keypoints']) for row in rows] == [np.ndarray, str]


@pytest.mark.parametrize(
    'pose',
    [
        [[1.0, 2.0, 1.0]] * 18,
        [[np.float32(1), np.float32(2), np.float32(1)]] * 18,
        [(np.int64(1), np.int64(2))] * 18,
        list(np.ones((18, 3), np.float32)),
        list(torch.ones(18, 3)),
    ],
)
def test_one_pose_as_a_list_is_no_list_of_poses(pose):
    rows = broadcast(a=['r', 's'], tgt_keypoints=pose)
    assert len(rows) == 2
    assert all(row['tgt_keypoints'] is pose for row in rows)
    poses = [np.ones((18, 3)), torch.ones(18, 3), pose]
    rows = broadcast(tgt_keypoints=poses)
    assert all(
        row['tgt_keypoints'] is one
        for row, one in zip(rows, poses, strict=True)
    )


def test_broadcast_of_lists_that_do_not_fit():
    with pytest.raises(ValueError, match="'a': 2, 'b': 3"):
        broadcast(a=[1, 2], b=[1, 2, 3])
    with pytest.raises(ValueError, match="'a': 0"):
        broadcast(a=[], b=3)


def test_a_size_is_no_list_of_two_sources():
    for size in ((4, 5), [4, 5], np.array([4, 5])):
        rows = broadcast(a=['x', 'y', 'z'], tgt_size=size)
        assert [tuple(row['tgt_size']) for row in rows] == 3 * [(4, 5)]
    sizes = [(4, 5), None, [6, 7]]
    rows = broadcast(a='x', tgt_size=sizes)
    assert [row['tgt_size'] for row in rows] == sizes
    request = load_request(
        IMAGE, _pose(), _pose(), target_size=np.array([64, 80])
    )
    assert request.tgt_size == (64, 80)
    for wrong in ((4,), (4, 0), (4.5, 5), 7, (4, 5, 3)):
        with pytest.raises(ValueError, match='target_size must be'):
            load_request(IMAGE, _pose(), _pose(), target_size=wrong)


def test_unsure_joints_of_both_poses_are_left_out():
    unsure = _pose()
    unsure[3, 2] = 0.2
    request = load_request(IMAGE, unsure, unsure)
    assert request.ref_keypoints[3, 2] == request.tgt_keypoints[3, 2] > 0
    request = load_request(IMAGE, unsure, unsure, min_score=0.3)
    for pose in (request.ref_keypoints, request.tgt_keypoints):
        assert not pose[3].any() and pose[4].all()


def test_a_request_of_arrays():
    request = load_request(IMAGE, _pose(), _pose(5), index=4)
    assert (request.ref_id, request.tgt_id) == ('reference4', 'target4')
    assert request.tgt_size is None and request.tgt_img is None
    assert request.tgt_keypoints[0] == pytest.approx([5, 50, 1])
    other = np.zeros((200, 300, 3), np.uint8)
    request = load_request(IMAGE, _pose(), _pose(100, 180), target=other)
    assert request.tgt_size == (200, 300)
    request = load_request(
        IMAGE, _pose(), _pose(100, 180), target_size=(200, 300)
    )
    assert request.tgt_size == (200, 300) and request.tgt_img is None


def test_a_request_of_files(tmp_path):
    lines = ['name:keypoints_y:keypoints_x']
    for name in ('a', 'b'):
        values = list(range(10, 46, 2))
        lines.append(f'{name}.jpg:{values}:{values}')
        write_image(tmp_path / f'{name}.jpg', IMAGE)
    csv = tmp_path / 'k.csv'
    csv.write_text('\n'.join(lines))
    request = load_request(
        tmp_path / 'a.jpg', csv, str(csv), target=str(tmp_path / 'b.jpg')
    )
    assert (request.ref_id, request.tgt_id) == ('a', 'b')
    named = load_request(tmp_path / 'a.jpg', csv, csv, target_name='b.jpg')
    assert named.tgt_id == 'b' and named.tgt_img is None
    with pytest.raises(ValueError, match="target_keypoints: '.*k.csv' has no"):
        load_request(tmp_path / 'a.jpg', csv, csv, target_name='c.jpg')
    with pytest.raises(ValueError, match='target_keypoints: .*2 images'):
        load_request(tmp_path / 'a.jpg', csv, csv)


@pytest.mark.parametrize('side', ['reference', 'target'])
def test_unusable_poses_name_the_side_and_the_joint(side):
    def load(pose):
        poses = dict(reference_keypoints=_pose(), target_keypoints=_pose())
        poses[f'{side}_keypoints'] = pose
        return load_request(IMAGE, **poses)

    broken = _pose()
    broken[4, 1] = np.nan
    with pytest.raises(
        ValueError, match=f'{side}_keypoints: .*y of joint 4 .*wrist'
    ):
        load(broken)
    with pytest.raises(ValueError, match=f'{side}_keypoints.*all 18 joints'):
        load(_pose(score=0))
    with pytest.raises(ValueError, match=f'{side}_keypoints: .*15 joints'):
        load(_pose()[:15])
    with pytest.raises(
        ValueError, match=f'{side}_keypoints: .*18 joints lie .* 60x64 pix'
    ):
        load(_pose(100, 200))
    with pytest.raises(TypeError, match=f'{side}_keypoints: .*got int'):
        load(7)
    with pytest.raises(
        ValueError, match=f'{side}_keypoints are missing.*OpenPose'
    ):
        load(None)


def test_joints_of_another_size_are_refused():
    large = _pose(100, 120)
    with pytest.raises(
        ValueError,
        match=('target_keypoints: .* 60x64 .* 2.0 times as large; scale them'),
    ):
        load_request(IMAGE, _pose(), large)
    # The picture that they are of mends it, or its size.
    assert load_request(IMAGE, _pose(), large, target_size=(128, 120))
    single = _pose()
    single[2, 0] = 90
    with pytest.warns(KeypointWarning, match='1 of 18 joints lie outside'):
        load_request(IMAGE, single, _pose())


def test_unusable_images_name_the_file(tmp_path):
    broken = tmp_path / 'broken.jpg'
    broken.write_text('no image')
    with pytest.raises(ValueError, match="broken.jpg' cannot be read"):
        load_request(broken, _pose(), _pose())
    with pytest.raises(FileNotFoundError, match='nowhere.jpg'):
        load_request(IMAGE, _pose(), _pose(), target='nowhere.jpg')


class Everywhere(PoseEstimator):
    """Finds two people, whatever it is shown; the second is the larger."""

    skeleton = 'openpose18'

    def detect(self, images):
        return [
            np.stack([_pose(20), _pose(5)])[: image[0, 0, 0]]
            for image in images
        ]


def test_poses_that_are_not_given_are_found():
    other = np.full((80, 70, 3), 90, np.uint8)
    request = load_request(
        IMAGE, None, None, other, pose_estimator=Everywhere()
    )
    np.testing.assert_allclose(request.ref_keypoints, _pose(5))
    np.testing.assert_allclose(request.tgt_keypoints, _pose(5))
    assert request.tgt_size == (80, 70)
    request = load_request(
        IMAGE,
        _pose(7),
        None,
        other,
        target_person=1,
        pose_estimator=Everywhere(),
    )
    np.testing.assert_allclose(request.ref_keypoints, _pose(7))
    np.testing.assert_allclose(request.tgt_keypoints, _pose(20))


class Halves(Everywhere):
    """Of two people the first is in the upper half, the second below."""

    def detect_with_masks(self, images):
        halves = np.zeros((2, *IMAGE.shape[:2]), np.float32)
        halves[0, :32], halves[1, 32:] = 0.25, 1
        return [(poses, halves) for poses in self.detect(images)]


def test_the_mask_of_the_person_who_is_meant():
    estimator = Halves()
    for person, rows, share in (
        (None, slice(32, 64), 1),
        (1, slice(32), 0.25),
    ):
        mask = load_request(
            IMAGE,
            None,
            _pose(),
            reference_person=person,
            pose_estimator=estimator,
        ).ref_person
        assert mask.shape == IMAGE.shape[:2]
        assert (mask[rows] == share).all() and mask.sum() == share * 32 * 60
    given = load_request(IMAGE, _pose(), _pose(), pose_estimator=estimator)
    assert given.ref_person is None


def test_the_mask_of_a_given_pose():
    """Of the person whose joints these are, or of none."""
    (persons,) = Halves().detect([IMAGE])
    near, other = persons[0] + [2, 0, 0], persons[0][:, [0, 0, 2]]
    for pose, found in ((persons[0], True), (near, True), (other, False)):
        mask = load_request(
            IMAGE, pose, _pose(), pose_estimator=Halves(), with_mask=True
        ).ref_person
        assert (mask is not None) == found
    without = load_request(IMAGE, _pose(), _pose(), with_mask=True)
    assert without.ref_person is None


class One(PoseEstimator):
    """Finds one person, with a mask."""

    skeleton = 'openpose18'

    def __init__(self, pose):
        super().__init__()
        self.pose = pose

    def detect(self, images):
        return [self.pose[None]] * len(images)

    def detect_with_masks(self, images):
        mask = np.ones((1, *IMAGE.shape[:2]), np.float32)
        return [(poses, mask) for poses in self.detect(images)]


def test_joints_of_nobody_are_found_anew():
    """All of them in the face, as estimators give them now and then."""
    size = IMAGE.shape[:2]
    people = FlowSynthesizer(known_fits(2, size))
    true, other = people.keypoints(0), people.keypoints(1)
    true[true[:, 2] == 0] = 0
    missed = true.copy()
    noise = np.random.default_rng(0).normal(0, 2, (18, 2))
    missed[:, :2] = np.float32([40, 20]) + noise
    missed[true[:, 2] == 0] = 0

    def ask(pose, estimator):
        return load_request(
            IMAGE, pose, other, pose_estimator=estimator, with_mask=True
        )

    found = ask(missed, One(true))
    np.testing.assert_allclose(found.ref_keypoints, true)
    assert found.ref_person.all()
    # Somebody else, whom the estimator did not find.
    there = true[:, 2:] > 0
    moved = true + np.float32([15, 0, 0]) * there
    kept = ask(moved, One(true))
    np.testing.assert_allclose(kept.ref_keypoints, moved)
    assert kept.ref_person is None
    # Neither is a body: nothing is gained.
    kept = ask(missed, One(missed + np.float32([15, 0, 0]) * there))
    np.testing.assert_allclose(kept.ref_keypoints, missed)


def test_the_references_pose_may_be_dispensable():
    """Then the whole of it is used, where its person is not found."""

    def load(image, estimator, **given):
        return load_request(
            image,
            None,
            _pose(20, 40),
            pose_estimator=estimator,
            needs_ref_pose=False,
            with_mask=True,
            **given,
        )

    nobody = 0 * IMAGE
    for estimator in (None, Everywhere()):
        for size in (None, (200, 200)):
            request = load(nobody, estimator, target_size=size)
            assert request.ref_keypoints is request.ref_person is None
            ref_frame, tgt_frame = request.frames((64, 64), crop=True)
            assert ref_frame.box == (0, 0, 60, 64)
            assert (tgt_frame.box == (0, 0, 60, 64)) == (size is None)
    found = load(IMAGE, Everywhere())
    np.testing.assert_allclose(found.ref_keypoints, _pose(5))
    with pytest.raises(ValueError, match='no person 2, only 0 to 1'):
        load(IMAGE, Everywhere(), reference_person=2)


def test_poses_that_cannot_be_found_are_told():
    estimator = Everywhere()
    with pytest.raises(
        ValueError,
        match='no picture to find it in: pass one '
        'of target and target_keypoints',
    ):
        load_request(IMAGE, None, None, pose_estimator=estimator)
    with pytest.raises(ValueError, match='the target: no person was found'):
        load_request(IMAGE, None, None, 0 * IMAGE, pose_estimator=estimator)
    with pytest.raises(ValueError, match='no person 2, only 0 to 1'):
        load_request(
            IMAGE, None, _pose(), reference_person=2, pose_estimator=estimator
        )
    with pytest.raises(TypeError, match='reference_person must be a whole'):
        load_request(
            IMAGE,
            None,
            _pose(),
            reference_person='x',
            pose_estimator=estimator,
        )
