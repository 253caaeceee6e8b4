"""Metrics of masks, poses and faces, on what is drawn for them."""

import logging

import cv2
import numpy as np
import pytest
import torch
from evaluation_samples import build_metric, evaluate, make_samples, stack
from published_networks import lpips_linear_state, trunk_state
from scipy import ndimage
from torch import nn

from mmposetransfer.datasets import write_keypoint_csv
from mmposetransfer.evaluation import get_protocol, mask_iou, pckh_counts
from mmposetransfer.evaluation.functional import (
    framed_masks,
    head_boxes,
    limb_masks,
    to_bgr_arrays,
)
from mmposetransfer.evaluation.metrics import base
from mmposetransfer.geometry.skeletons import SKELETONS
from mmposetransfer.models.face_crops import crop_faces
from mmposetransfer.pose_estimators import PoseEstimator

SIZE = (48, 40)


@pytest.fixture
def warnings(monkeypatch):
    found = []

    def print_log(message, logger, level):
        assert level == logging.WARNING
        found.append(message)

    monkeypatch.setattr(base, 'print_log', print_log)
    return found


def pose(*joints):
    """A pose of (index, x, y); all other joints are missing."""
    keypoints = torch.zeros(18, 3)
    for index, x, y in joints:
        keypoints[index] = torch.tensor([x, y, 1.0])
    return keypoints


def samples_with_poses(count=3):
    samples = make_samples(count, SIZE)
    for i, sample in enumerate(samples):
        sample.tgt_keypoints = pose(
            (1, 20, 10 + i), (2, 12, 12), (3, 9, 24), (8, 16, 30)
        )
    return samples


# ----------------------------------------------------------------- limb masks


def _limb_mask(keypoints):
    """Discs, sticks and a closing, by numpy and scipy."""
    ys, xs = np.mgrid[: SIZE[0], : SIZE[1]]
    found = np.zeros(SIZE, bool)
    points = {
        i: np.array([x, y], float)
        for i, (x, y, s) in enumerate(keypoints.tolist())
        if s > 0
    }
    limbs = [limb for limb in SKELETONS['openpose18'].limbs]
    for a, b in [*limbs, *((i, i) for i in points)]:
        if a not in points or b not in points:
            continue
        for t in np.linspace(0, 1, 200):
            x, y = points[a] + t * (points[b] - points[a])
            found |= (xs - x) ** 2 + (ys - y) ** 2 <= 4**2
    padded = np.pad(found, 8)
    closed = ndimage.binary_closing(padded, np.ones((5, 5)))
    return closed[8:-8, 8:-8]


def test_limb_masks_equal_scipy():
    keypoints = samples_with_poses(1)[0].tgt_keypoints
    got = limb_masks(keypoints[None], SIZE)[0, 0].numpy() > 0
    wanted = _limb_mask(keypoints)
    assert 0.05 < wanted.mean() < 0.5
    # Sampled sticks lack single pixels of their rims.
    assert (got != wanted).mean() < 0.005
    assert limb_masks(torch.zeros(1, 18, 3), SIZE).max() == 0


def test_masks_are_framed_as_pictures_are():
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., 2:6, 1:3] = 1
    got = framed_masks(mask, (16, 16), (16, 8))
    wanted = mask.repeat_interleave(2, 2).repeat_interleave(2, 3)[..., 4:12]
    assert torch.equal(got, wanted)
    assert framed_masks(mask) is mask


def test_masked_quality_is_that_of_masked_pictures(tmp_path):
    samples = samples_with_poses()
    state, linear = trunk_state('squeeze'), lpips_linear_state('squeeze')
    torch.save(state, tmp_path / 'trunk.pth')
    torch.save(linear, tmp_path / 'linear.pth')
    arguments = dict(
        protocol='dsc',
        weights=tmp_path / 'trunk.pth',
        linear=tmp_path / 'linear.pth',
        trunk='squeeze',
    )
    got = evaluate([('MaskedQuality', arguments)], samples, baselines=[])
    protocol = get_protocol('dsc')
    pred, target = protocol.prepare(
        stack(samples, 'pred_img'), stack(samples, 'gt_img')
    )
    masks = np.stack([_limb_mask(s.tgt_keypoints) for s in samples])
    masks = torch.from_numpy(masks)[:, None].float()
    wanted = float(protocol.ssim(pred * masks, target * masks).mean())
    assert got['mask_SSIM_dsc'] == pytest.approx(wanted, abs=5e-3)
    # Plain LPIPS of pictures that are masked beforehand.
    for sample, mask in zip(
        samples, limb_masks(stack(samples, 'tgt_keypoints'), SIZE), strict=True
    ):
        for field in ('pred_img', 'gt_img'):
            image = (getattr(sample, field) + 1) * mask - 1
            setattr(sample, field, image)
    plain = evaluate([('LPIPS', arguments)], samples, baselines=[])
    assert got['mask_LPIPS_squeeze_dsc'] == pytest.approx(
        plain['LPIPS_squeeze_dsc'], rel=1e-4
    )
    assert plain['LPIPS_squeeze_dsc'] > 0


def test_empty_masks_do_not_count(warnings):
    samples = samples_with_poses()
    whole = evaluate(['MaskedQuality'], samples, baselines=[])
    extra = samples_with_poses(4)[3:]
    extra[0].tgt_keypoints = pose((1, -50, 10))  # outside of the picture
    got = evaluate(['MaskedQuality'], samples + extra, baselines=[])
    assert got == pytest.approx(whole)
    assert '1 of 4 samples have no joint' in warnings[0]
    assert evaluate(['MaskedQuality'], extra, baselines=[]) == {}


# ---------------------------------------------------------------- person masks


def test_mask_iou_counts_pixels():
    rng = np.random.default_rng(0)
    pred, target = rng.random((2, 4, 1, 9, 7))
    got = mask_iou(torch.from_numpy(pred), torch.from_numpy(target))
    for i in range(4):
        a, b = pred[i] >= 0.5, target[i] >= 0.5
        assert float(got[i]) == pytest.approx((a & b).sum() / (a | b).sum())
    empty, full = torch.zeros(1, 1, 3, 3), torch.ones(1, 1, 3, 3)
    assert mask_iou(empty, empty) == 1 and mask_iou(empty, full) == 0
    with pytest.raises(ValueError, match='one shape'):
        mask_iou(empty, full[..., 1:])


class BrightPeople(PoseEstimator):
    """Sees each joint as a dot of a grey of its own, and people as bright."""

    skeleton = 'openpose18'

    def detect(self, images):
        return [self._joints(image[..., 1]) for image in images]

    def detect_with_masks(self, images):
        return [
            (self._joints(image[..., 1]), (image[..., 1] > 20)[None] * 1.0)
            for image in images
        ]

    def _joints(self, grey):
        person = np.zeros((1, 18, 3))
        for k in range(18):
            ys, xs = np.nonzero(grey == dot_level(k))
            if len(xs):
                person[0, k] = xs.mean(), ys.mean(), 1
        return person


def dot_level(joint):
    return 40 + 10 * joint


def dots(keypoints, size=SIZE):
    """A picture, (3, H, W) in [-1, 1], of the dots of a pose."""
    grey = np.zeros(size, np.uint8)
    for k, (x, y, score) in enumerate(keypoints.tolist()):
        if score > 0:
            grey[round(y), round(x)] = dot_level(k)
    return torch.from_numpy(grey).expand(3, -1, -1) / 127.5 - 1


def test_person_mask_by_prediction_and_by_estimator():
    samples = make_samples(3, SIZE)
    for i, sample in enumerate(samples):
        mask = torch.zeros(1, *SIZE)
        mask[:, 10:30, 5 : 15 + 5 * i] = 1
        sample.gt_person = mask
        sample.pred_person = mask.roll(3, 1)
        sample.pred_img = sample.pred_person.expand(3, -1, -1) * 2 - 1
    got = evaluate(['PersonMaskIoU'], samples, baselines=[])
    assert got == {'mask_IoU': pytest.approx(17 / 23)}
    seen = evaluate(
        [('PersonMaskIoU', dict(estimator=BrightPeople()))],
        samples,
        baselines=[],
    )
    # Nobody is found where no joint is: the estimator sees no people.
    assert seen == {'mask_IoU': 0}
    for sample in samples:
        sample.pred_img[:, 20, 10] = dot_level(0) / 127.5 - 1
    seen = evaluate(
        [('PersonMaskIoU', dict(estimator=BrightPeople()))],
        samples,
        baselines=[],
    )
    assert seen == got


# ----------------------------------------------------------------------- poses

HEAD = ((0, 20, 10), (1, 20, 18), (14, 17, 8), (15, 23, 8))


def test_head_boxes_and_counts_in_closed_form():
    target = torch.stack([pose(*HEAD, (4, 10, 30)), pose((0, 5, 5))])
    sizes, found = head_boxes(target)
    assert sizes.tolist() == [[6, 10], [0, 0]] and found.tolist() == [1, 0]
    pred = target.clone()
    pred[0, 0, 0] += 2.9  # less than half of 6
    pred[0, 1, 0] += 3.0  # not less
    pred[0, 14, 1] -= 4.9
    pred[0, 15, 1] -= 5.1
    right, counted = pckh_counts(pred, target)
    assert right.tolist() == [3, 0] and counted.tolist() == [5, 0]
    pred[0, 4, 2] = 0  # not found
    pred[0, 7] = torch.tensor([1.0, 1.0, 1.0])  # not in the target
    assert pckh_counts(pred, target)[0].tolist() == [2, 0]
    assert pckh_counts(pred, target, 2.0)[0].tolist() == [4, 0]
    with pytest.raises(ValueError, match=r'\(N, 18, 3\)'):
        pckh_counts(pred[:, :17], target[:, :17])


def test_pckh_by_an_estimator(warnings, tmp_path):
    samples = make_samples(3, SIZE)
    moved = ((0, 0), (1, 0), (12, 0))
    for sample, (dx, dy) in zip(samples, moved, strict=True):
        sample.tgt_keypoints = pose(*HEAD, (4, 10, 30))
        shifted = sample.tgt_keypoints + torch.tensor([dx, dy, 0.0])
        sample.pred_img = dots(shifted * (sample.tgt_keypoints[:, 2:] > 0))
        sample.ref_img = torch.zeros(3, *SIZE)  # nobody
    got = evaluate([('PCKh', dict(estimator=BrightPeople()))], samples)
    assert got['PCKh'] == pytest.approx(2 / 3)
    assert got['copy_reference/PCKh'] == 0
    assert not warnings
    samples[0].tgt_keypoints = pose((4, 10, 30))  # without a head
    got = evaluate([('PCKh', dict(estimator=BrightPeople()))], samples)
    assert got['PCKh'] == pytest.approx(1 / 2)
    assert '1 of 3 samples have a target pose without a head' in warnings[0]
    write_keypoint_csv(tmp_path / 'x.csv', {'a.png': np.ones((18, 3))})
    by_names = dict(type='files', source=str(tmp_path / 'x.csv'))
    with pytest.raises(ValueError, match='looks at pictures.*FilePoseEst'):
        build_metric('PCKh', estimator=by_names)


def test_bgr_arrays_are_what_opencv_reads():
    images = torch.rand(2, 3, 5, 4)
    for image, got in zip(images, to_bgr_arrays(images), strict=True):
        rgb = cv2.cvtColor(got, cv2.COLOR_BGR2RGB)
        assert got.dtype == np.uint8
        wanted = image.permute(1, 2, 0).numpy() * 255
        assert np.abs(rgb - wanted).max() <= 0.5001


# ----------------------------------------------------------------------- faces

FACE = ((0, 20, 14), (14, 18, 12), (15, 22, 12), (16, 15, 13), (17, 25, 13))


def test_faces_are_squares_around_the_joints():
    ys, xs = torch.meshgrid(
        torch.arange(48.0), torch.arange(40.0), indexing='ij'
    )
    image = torch.stack([xs, ys, 0 * xs])[None]
    faces, found = crop_faces(image, pose(*FACE)[None], 11)
    assert found.tolist() == [True] and faces.shape == (1, 3, 11, 11)
    # The joints' box is 10 x 2 around (20, 13): a side of 22 pixels.
    assert faces[0, 0, 5, 5] == pytest.approx(20, abs=1e-4)
    np.testing.assert_allclose(faces[0, 0, 5], 20 + np.arange(-5, 6) * 2, 1e-4)
    np.testing.assert_allclose(
        faces[0, 1, 2:, 5], (13 + np.arange(-3, 6) * 2), 1e-4
    )
    for missing in (FACE[1:], FACE[:2], ()):
        assert not crop_faces(image, pose(*missing)[None], 11)[1]


class Colours(nn.Module):
    """Embeds a face by the mean of its colours."""

    def forward(self, faces):
        return faces.mean((2, 3))


def test_face_similarity_is_a_cosine(warnings):
    samples = make_samples(3, SIZE)
    for sample in samples:
        sample.tgt_keypoints = pose(*FACE)
        sample.gt_img = torch.zeros(3, *SIZE)
        sample.gt_img[0], sample.gt_img[1] = 1, 0.0039
        sample.pred_img = sample.gt_img.clone()
    samples[1].pred_img = samples[1].gt_img.roll(1, 0)
    got = evaluate(
        [('FaceSimilarity', dict(network=Colours()))], samples, baselines=[]
    )
    # Two the same, one with (1, 0, 0) against (0, 1, 0).
    assert got['face_similarity'] == pytest.approx(2 / 3, abs=5e-3)
    samples[1].tgt_keypoints = pose((4, 3, 3))
    got = evaluate(
        [('FaceSimilarity', dict(network=Colours()))], samples, baselines=[]
    )
    assert got['face_similarity'] == pytest.approx(1)
    assert (
        '1 of 3 samples have a target pose that shows no face' in (warnings[0])
    )
