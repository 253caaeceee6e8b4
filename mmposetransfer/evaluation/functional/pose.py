"""Whether the joints of a generated person are where they ought to be."""

import torch
from torch import Tensor

from mmposetransfer.errors import UserValueError

__all__ = ['head_boxes', 'pckh_counts']

# OpenPose-18: nose, neck, eyes, ears.
_HEAD = [0, 1, 14, 15, 16, 17]


def head_boxes(keypoints: Tensor) -> tuple[Tensor, Tensor]:
    """Width and height of the head, as PATN's PCKh has them.

    Of the box around nose, neck, eyes and ears, as far as they are there.

    Args:
        keypoints: x, y in pixels and score, (N, 18, 3); joints of score 0 are
            missing.

    Returns:
        tuple[Tensor, Tensor]: Sizes in pixels, (N, 2), and whether there is a
        head, (N,) bool: it takes two of these joints. Sizes without a head
        are 0.
    """
    joints = keypoints[:, _HEAD].double()
    there = joints[..., 2:] > 0
    low = joints[..., :2].masked_fill(~there, torch.inf).amin(1)
    high = joints[..., :2].masked_fill(~there, -torch.inf).amax(1)
    has_head = there[..., 0].sum(1) >= 2
    return torch.where(has_head[:, None], high - low, 0.0), has_head


def pckh_counts(
    pred: Tensor, target: Tensor, threshold: float = 0.5
) -> tuple[Tensor, Tensor]:
    """Joints that are right, and joints that count, of each sample.

    PATN's PCKh (Zhu et al., "Progressive Pose Attention Transfer", 2019): a
    joint is right if it was found less than ``threshold`` head widths from
    the true place in x and less than ``threshold`` head heights in y. All
    joints of the true pose count, found or not, where that has a head.

    Args:
        pred: Joints as found in the generated picture, (N, 18, 3): x, y in
            pixels and score; joints of score 0 were not found.
        target: Joints of the target pose, likewise.
        threshold: In sizes of the head.

    Returns:
        Two of (N,) int64.

    Raises:
        ValueError: If the shapes differ or are no OpenPose-18.
    """
    if pred.shape != target.shape or target.shape[1:] != (18, 3):
        raise UserValueError(
            'expected two sets of joints of the shape (N, 18, 3), got '
            f'{tuple(pred.shape)} and {tuple(target.shape)}'
        )
    sizes, has_head = head_boxes(target)
    error = (pred[..., :2].double() - target[..., :2].double()).abs()
    near = (error < threshold * sizes[:, None]).all(-1)
    counts = (target[..., 2] > 0) & has_head[:, None]
    right = near & counts & (pred[..., 2] > 0)
    return right.sum(1), counts.sum(1)
