"""The loss of faces alone."""

import torch
from closeness import assert_near

from mmposetransfer.models.losses import FaceLoss, L1Loss

SIZE = (40, 32)
NOSE, EYES = (15.0, 12.0), ((13.0, 10.0), (17.0, 10.0))


def make(count=2):
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2, count, 3, *SIZE, generator=generator) * 2 - 1
    keypoints = torch.zeros(count, 18, 3)
    for joint, place in zip((0, 14, 15), (NOSE, *EYES), strict=True):
        keypoints[:, joint] = torch.tensor([*place, 1.0])
    return *images, keypoints


def loss(size=9):
    return FaceLoss(dict(type='L1Loss'), size)


def test_what_is_beside_the_face_does_not_count():
    pred, target, keypoints = make()
    pred.requires_grad_()
    loss()(pred, target, keypoints).backward()
    counts = pred.grad.abs().sum((0, 1)) > 0
    # The eyes are 4 pixels apart, the square has 2.2 times that.
    assert counts[7:16, 11:20].any()
    assert not counts[:6].any() and not counts[17:].any()
    assert not counts[:, :10].any() and not counts[:, 21:].any()


def test_plain_faces_differ_as_their_colours():
    pred, target, keypoints = make()
    pred[:], target[:] = 0.25, -0.5
    got = loss()(pred, target, keypoints)
    assert_near(got, L1Loss()(pred, target))


def test_those_who_show_no_face_do_not_count():
    pred, target, keypoints = make()
    keypoints[1, 14:] = 0
    got = loss()(pred, target, keypoints)
    assert_near(got, loss()(pred[:1], target[:1], keypoints[:1]))
    pred.requires_grad_()
    keypoints[0, 0, 2] = 0
    none = loss()(pred, target, keypoints)
    none.backward()
    assert none == 0 and not pred.grad.any()
