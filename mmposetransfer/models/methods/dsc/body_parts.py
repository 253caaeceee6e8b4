"""Ten parts of a body: how each of them moves, and where it goes to."""

from typing import NamedTuple

import torch
from torch import Tensor

from mmposetransfer.geometry.skeletons import SKELETONS

from .affine import fit_affine

__all__ = ['NUM_PARTS', 'BodyParts', 'limb_corners', 'match_parts']


def _joints(*names: str) -> list[int]:
    return [SKELETONS['openpose18'].index(name) for name in names]


# Of a side each: hip and shoulder. The torso is all four.
_FLANKS = [
    _joints('right_hip', 'right_shoulder'),
    _joints('left_hip', 'left_shoulder'),
]
_FACE = _joints('nose', 'right_eye', 'left_eye', 'right_ear', 'left_ear')
_SHOULDERS = _joints('right_shoulder', 'left_shoulder')
# Right and left in turns, so that a limb's mirror image is its neighbour.
_LIMBS = [
    _joints(f'{side}_{start}', f'{side}_{end}')
    for start, end in (
        ('hip', 'knee'),
        ('knee', 'ankle'),
        ('shoulder', 'elbow'),
        ('elbow', 'wrist'),
    )
    for side in ('right', 'left')
]
#: The whole body, the head, and upper and lower legs and arms, right and left.
NUM_PARTS = 2 + len(_LIMBS)

# Shares of the torso's length: half of a limb's width, half of a head's side.
_HALF_WIDTH, _HALF_HEAD = 0.2, 0.4
# How far a limb's rectangle goes on beyond its first joint and, upper and
# lower limbs, beyond its second one; shares of its length. Hands and feet are
# covered, and do not count in full when a lower limb is measured.
_BEYOND_START = 0.1
_BEYOND_END = dict(fit=(0.1, 0.3), mask=(0.1, 0.5))
# A torso of which no flank is known, as a share of the picture's height.
_TORSO = 0.3


class BodyParts(NamedTuple):
    """Parts of N pairs of poses, in pixels of the full picture.

    Where a part is in the target is a rectangle: all places whose distances
    from its centre, along the axis and across it, are at most ``half``.

    Attributes:
        matrix (Tensor): Where the reference has a place of the target's part:
            affine transforms, (N, 10, 2, 3), see :func:`fit_affine`.
        known (Tensor): Which parts can be transferred, (N, 10) bool.
        centre (Tensor): Of the rectangles, (N, 10, 2).
        axis (Tensor): Of length 1, (N, 10, 2).
        half (Tensor): (N, 10, 2), along and across.
    """

    matrix: Tensor
    known: Tensor
    centre: Tensor
    axis: Tensor
    half: Tensor

    def mask(self, part: int, x: Tensor, y: Tensor) -> Tensor:
        """Which places of the target belong to a part that is known.

        Args:
            part (int): Its index.
            x (Tensor): Columns of the places, (W,).
            y (Tensor): Their rows, (H, 1).

        Returns:
            Tensor: bool, (N, H, W).
        """
        centre, axis, half = (
            values[:, part].unflatten(1, (2, 1, 1)).unbind(1)
            for values in (self.centre, self.axis, self.half)
        )
        dx, dy = x - centre[0], y - centre[1]  # (N, H, W)
        along = (axis[0] * dx + axis[1] * dy).abs()
        across = (axis[0] * dy - axis[1] * dx).abs()
        inside = (along <= half[0]) & (across <= half[1])
        return inside & self.known[:, part, None, None]

    def sources(
        self, part: int, x: Tensor, y: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Where the reference has places of the target.

        Args:
            part (int): Whose transform is taken.
            x (Tensor): Columns of the places, (W,).
            y (Tensor): Their rows, (H, 1).

        Returns:
            tuple[Tensor]: Columns and rows, (N, H, W) each.
        """
        rows = self.matrix[:, part, :, :, None, None].unbind(1)
        return tuple(r[:, 0] * x + r[:, 1] * y + r[:, 2] for r in rows)


def limb_corners(
    start: Tensor, end: Tensor, half_width: Tensor, beyond: Tensor
) -> Tensor:
    """The rectangle around a limb, as its corners in turn.

    Args:
        start, end (Tensor): Its joints, (..., 2).
        half_width (Tensor): (...) in pixels.
        beyond (Tensor): How far the rectangle goes on beyond the end, (...),
            as a share of its length up to there.

    Returns:
        Tensor: (..., 4, 2).
    """
    start = start + _BEYOND_START * (start - end)
    end = end + beyond[..., None] * (end - start)
    across = _normal(_direction(start, end)) * half_width[..., None]
    return torch.stack(
        [start + across, start - across, end - across, end + across], -2
    )


def match_parts(
    ref_keypoints: Tensor, tgt_keypoints: Tensor, size: tuple[int, int]
) -> BodyParts:
    """Relate the parts of two bodies (DSC, Sec. 3.2).

    A limb that the reference lacks is that of its other side; a part that
    the target lacks, or the reference on both sides, is not known. The whole
    body moves as its torso does, the head as face and shoulders.

    Args:
        ref_keypoints, tgt_keypoints (Tensor): (N, 18, 3) of x, y in pixels
            and score; joints of score 0 are missing.
        size (tuple[int, int]): (height, width) of the pictures.

    Returns:
        BodyParts: Of the pairs.
    """
    (ref, has_ref), (tgt, has_tgt) = map(
        _split, (ref_keypoints, tgt_keypoints)
    )
    lengths = [
        _torso_length(xy, has, size[0])
        for xy, has in ((ref, has_ref), (tgt, has_tgt))
    ]
    torso = sum(_FLANKS, [])
    head = [*_FACE, *_SHOULDERS]
    both = (has_ref & has_tgt).float()
    # Without a joint of the face shoulders alone are no head.
    with_face = both[:, _FACE].amax(1, keepdim=True)
    matrix, known = zip(
        fit_affine(tgt[:, torso], ref[:, torso], both[:, torso]),
        fit_affine(tgt[:, head], ref[:, head], both[:, head] * with_face),
        strict=True,
    )
    corners, has_limb = _limbs(ref, has_ref, lengths[0], 'fit')
    goals, has_goal = _limbs(tgt, has_tgt, lengths[1], 'fit')
    mirrored = corners.unflatten(1, (-1, 2)).flip(2).flatten(1, 2)
    has_mirrored = has_limb.unflatten(1, (-1, 2)).flip(2).flatten(1)
    corners = torch.where(has_limb[..., None, None], corners, mirrored)
    limbs, fitted = fit_affine(goals, corners, torch.ones_like(goals[..., 0]))
    known_limbs = fitted & has_goal & (has_limb | has_mirrored)
    return BodyParts(
        torch.cat([torch.stack(matrix, 1), limbs], 1),
        torch.cat([torch.stack(known, 1), known_limbs], 1),
        *_rectangles(tgt, has_tgt, lengths[1]),
    )


def _split(keypoints: Tensor) -> tuple[Tensor, Tensor]:
    """Places (N, 18, 2), 0 where a joint is missing, and which are there."""
    present = keypoints[..., 2] > 0
    places = torch.where(present[..., None], keypoints[..., :2], 0)
    return places.float(), present


def _torso_length(xy: Tensor, has: Tensor, height: int) -> Tensor:
    """From hip to shoulder, the quadratic mean of both sides, (N,)."""
    hips, shoulders = torch.tensor(_FLANKS, device=xy.device).T
    both = (has[:, hips] & has[:, shoulders]).float()  # (N, 2)
    squares = ((xy[:, hips] - xy[:, shoulders]) ** 2).sum(-1)
    count = both.sum(1)
    mean = (squares * both).sum(1) / count.clamp(min=1)
    return torch.where(count > 0, mean.sqrt(), _TORSO * height)


def _limbs(xy, has, torso, kind):
    """Corners of the limbs' rectangles (N, 8, 4, 2); which there are."""
    first, second = torch.tensor(_LIMBS, device=xy.device).T
    # Right and left of upper legs, lower legs, upper arms, lower arms.
    beyond = xy.new_tensor(_BEYOND_END[kind]).repeat_interleave(2).repeat(2)
    width = (_HALF_WIDTH * torso)[:, None]  # (N, 1)
    corners = limb_corners(xy[:, first], xy[:, second], width, beyond)
    return corners, has[:, first] & has[:, second]


def _rectangles(xy, has, torso):
    """Centre, axis and half sides of each part, (N, 10, 2) each."""
    corners, _ = _limbs(xy, has, torso, 'mask')
    start, end = corners[:, :, :2].mean(2), corners[:, :, 2:].mean(2)
    width = (_HALF_WIDTH * torso)[:, None].expand(-1, len(_LIMBS))
    half = torch.stack([(end - start).norm(dim=-1) / 2, width], -1)
    face = has[:, _FACE, None].float()  # (N, 5, 1)
    head = (xy[:, _FACE] * face).sum(1) / face.sum(1).clamp(min=1)
    side = (_HALF_HEAD * torso)[:, None].expand(-1, 2)
    whole = torch.full_like(side, torch.inf)
    level = xy.new_tensor([1.0, 0.0]).expand_as(side)
    return (
        _in_front(torch.zeros_like(head), head, (start + end) / 2),
        _in_front(level, level, _direction(start, end)),
        _in_front(whole, side, half),
    )


def _in_front(body: Tensor, head: Tensor, limbs: Tensor) -> Tensor:
    """Body and head (N, 2), then the limbs (N, 8, 2)."""
    return torch.cat([body[:, None], head[:, None], limbs], 1)


def _direction(start: Tensor, end: Tensor) -> Tensor:
    """From one point to another, of length 1; zeros if they are one."""
    way = end - start
    return way / way.norm(dim=-1, keepdim=True).clamp(min=1e-6)


def _normal(direction: Tensor) -> Tensor:
    """A quarter turn."""
    x, y = direction.unbind(-1)
    return torch.stack([-y, x], -1)
