"""Where the person is: in the result, and in the reference."""

import cv2
import numpy as np
import torch

from mmposetransfer.errors import UserValueError
from mmposetransfer.models.pose_encoders import draw_limbs
from mmposetransfer.models.pose_encoders.limbs import BODY_LIMBS
from mmposetransfer.structures.visibility import BACKGROUND
from mmposetransfer.utils.spelling import spell

from .framing import torso_length

__all__ = [
    'known_wall',
    'outline',
    'reference_person',
    'result_person',
    'soften',
]

# How soft an outline is made, in shares of the canvas's longer side.
OUTLINE = 1 / 600
# How far the body certainly, and how far it possibly reaches beyond its limbs,
# in lengths of the torso.
SURE, POSSIBLE = 0.08, 0.45
GRAB_CUT_STEPS = 4
# How far around the reference's person its wall is not taken, in shares of the
# canvas's longer side.
MARGIN = 0.02


def result_person(data_sample):
    """The share of the person in each pixel of what a model made.

    Args:
        data_sample (PoseTransferDataSample): With ``pred_person``, or with
            ``pred_visibility``, whose outline is softened.

    Returns:
        ndarray: (H', W') float32 in [0, 1], on the model's canvas.

    Raises:
        ValueError: If the model says neither.
    """
    person = data_sample.get('pred_person')
    if person is not None:
        return person[0].float().cpu().numpy().clip(0, 1)
    visibility = data_sample.get('pred_visibility')
    if visibility is None:
        raise UserValueError(
            'the model does not say where the person is in its pictures: use '
            f'{spell("background", "generated")}'
        )
    return outline(visibility != BACKGROUND)[0].numpy()


def outline(body):
    """A person with a soft outline.

    Args:
        body (Tensor): (1, H, W) bool.

    Returns:
        Tensor: (1, H, W) float32 in [0, 1].
    """
    return soften(body.float()[None], OUTLINE * max(body.shape[-2:]))[0]


def reference_person(data_sample):
    """The person in the reference, as it is taken out of its wall.

    Args:
        data_sample (PoseTransferDataSample): With ``ref_person``, or with
            ``ref_img`` and ``ref_keypoints``: then it is what the colours
            along the limbs and beside the body tell apart (GrabCut).

    Returns:
        Tensor: (H', W') float32 in [0, 1], on the model's canvas.

    Raises:
        ValueError: If neither mask nor joints are known.
    """
    person = data_sample.get('ref_person')
    if person is not None:
        return person[0].float().cpu()
    if data_sample.get('ref_keypoints') is None:
        raise UserValueError(
            'nobody knows where the person of the reference is: pass '
            f'{spell("reference_keypoints")}, or use '
            f'{spell("background", "generated")}'
        )
    pose = data_sample.ref_keypoints.float().cpu()
    size = data_sample.ref_img.shape[-2:]
    unit = torso_length(pose.numpy()) or 0.25 * max(size)
    sure, possible = (
        _limbs(pose, size, share * unit) for share in (SURE, POSSIBLE)
    )
    labels = np.where(possible, cv2.GC_PR_FGD, cv2.GC_BGD)
    labels = np.where(sure, cv2.GC_FGD, labels).astype(np.uint8)
    if possible.any() and not possible.all():
        rgb = (data_sample.ref_img.float().cpu() + 1) * 127.5
        rgb = rgb.permute(1, 2, 0).numpy().clip(0, 255).astype(np.uint8)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(
            np.ascontiguousarray(rgb),
            labels,
            None,
            *models,
            GRAB_CUT_STEPS,
            cv2.GC_INIT_WITH_MASK,
        )
    person = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))
    return torch.from_numpy(person.astype(np.float32))


def known_wall(person):
    """How much of the reference's wall is known.

    Masks are not exact, and beside a person lies their shadow: a margin
    around the person is not known either.

    Args:
        person (Tensor): (H, W) in [0, 1].

    Returns:
        Tensor: (H, W) float32 in [0, 1].
    """
    margin = max(1, round(MARGIN * max(person.shape)))
    window = np.ones((2 * margin + 1,) * 2, np.uint8)
    taken = cv2.dilate(person.float().cpu().numpy(), window)
    taken = torch.from_numpy(taken)[None, None]
    # Soft, but wholly unknown on the person.
    return 1 - (2 * soften(taken, margin / 2)[0, 0]).clamp(0, 1)


def _limbs(pose, size, radius):
    joints = tuple((k, k) for k in range(len(pose)))
    drawn = draw_limbs(pose[None], size, radius, BODY_LIMBS + joints)
    return drawn[0].amax(0).numpy() > 0


def soften(mask, sigma):
    """A Gaussian blur.

    Args:
        mask (Tensor): (N, 1, H, W).
        sigma (float): In pixels.

    Returns:
        Tensor: The same shape, float32.
    """
    blurred = [
        cv2.GaussianBlur(
            one.numpy(), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE
        )
        for one in mask[:, 0].float().cpu()
    ]
    return torch.from_numpy(np.stack(blurred))[:, None]
