"""Pictures of body parts, each turned and scaled to the same frame."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from mmposetransfer.errors import UserValueError
from mmposetransfer.geometry.skeletons import SKELETONS

from ...warping import affine_crops

__all__ = ['PAPER_PARTS', 'PARTS', 'PartFrames', 'body_part_crops']


class Limb(NamedTuple):
    """A rectangle around the line between two joints.

    Args:
        start, end (str): Joints, at its upper and lower edge.
        above, below (float): By how much of the line's length it goes on
            beyond them.
        width (float): In units of its own length.
    """

    start: str
    end: str
    above: float = 0.0
    below: float = 0.0
    width: float = 0.5


#: The rectangle of each body part, by its name; the torso is the quadrangle
#: of shoulders and hips.
PARTS: dict[str, Limb | None] = {
    'torso': None,
    'head': Limb('nose', 'neck', above=1.0, width=1.0),
}
for _side in ('left', 'right'):
    PARTS |= {
        f'{_side}_upper_arm': Limb(f'{_side}_shoulder', f'{_side}_elbow'),
        # With the hand.
        f'{_side}_lower_arm': Limb(
            f'{_side}_elbow', f'{_side}_wrist', below=0.25
        ),
        f'{_side}_upper_leg': Limb(f'{_side}_hip', f'{_side}_knee'),
        # With the foot.
        f'{_side}_lower_leg': Limb(
            f'{_side}_knee', f'{_side}_ankle', below=0.25
        ),
    }

#: Eight of them, as many as the paper has.
PAPER_PARTS = tuple(name for name in PARTS if 'lower_leg' not in name)

# Joints lie within the body: the torso is wider than from one to the other.
TORSO_WIDTH = 1.25
_TORSO = ('right_shoulder', 'left_shoulder', 'right_hip', 'left_hip')


class PartFrames(NamedTuple):
    """Where body parts are: parallelograms for :func:`affine_crops`.

    Args:
        centers (Tensor): (N, P, 2), x, y in pixels.
        across (Tensor): From there to the middle of the edge that becomes
            the right one, (N, P, 2).
        along (Tensor): Likewise, the lower one, (N, P, 2).
        present (Tensor): Whether all joints of the part are there, (N, P).
    """

    centers: Tensor
    across: Tensor
    along: Tensor
    present: Tensor

    @classmethod
    def of(cls, keypoints: Tensor, parts: Sequence[str]) -> 'PartFrames':
        """Find body parts by keypoints.

        Args:
            keypoints (Tensor): x, y in pixels and score, (N, 18, 3).
            parts (Sequence[str]): Names out of ``PARTS``.

        Returns:
            PartFrames: With zeros for parts that are not there.

        Raises:
            ValueError: For a name that is not in ``PARTS``.
        """
        unknown = sorted(set(parts) - set(PARTS))
        if unknown:
            raise UserValueError(
                f'there are no body parts {unknown}; there are {list(PARTS)}'
            )
        frames = [
            _torso(keypoints)
            if PARTS[name] is None
            else _rectangle(keypoints, PARTS[name])
            for name in parts
        ]
        *places, present = (
            torch.stack(v, 1) for v in zip(*frames, strict=True)
        )
        # A missing joint may have any place, NaN among them.
        there = present[..., None]
        return cls(*(torch.where(there, p, 0) for p in places), present)


def _joints(keypoints, names):
    """Places of joints, (N, 2) each, and whether all are there, (N,)."""
    index = SKELETONS['openpose18'].index
    joints = keypoints.float()[:, [index(name) for name in names]]
    return joints[..., :2].unbind(1), (joints[..., 2] > 0).all(1)


def _rectangle(keypoints, limb):
    (start, end), present = _joints(keypoints, (limb.start, limb.end))
    way = end - start
    center = start + way * (1 + limb.below - limb.above) / 2
    along = way * (1 + limb.below + limb.above) / 2
    x, y = along.unbind(-1)
    across = limb.width * torch.stack([y, -x], -1)
    return center, across, along, present


def _torso(keypoints):
    """The parallelogram that is nearest to the quadrangle.

    Its right is the person's left, so a back is mirrored and sleeves stay
    at their sides.
    """
    corners, present = _joints(keypoints, _TORSO)
    right_shoulder, left_shoulder, right_hip, left_hip = corners
    center = sum(corners) / 4
    across = left_shoulder - right_shoulder + left_hip - right_hip
    along = left_hip - left_shoulder + right_hip - right_shoulder
    return center, TORSO_WIDTH * across / 4, along / 4, present


def body_part_crops(
    img: Tensor,
    keypoints: Tensor,
    size: tuple[int, int],
    parts: Sequence[str] = PAPER_PARTS,
) -> Tensor:
    """Cut out body parts, upright and of one size.

    Args:
        img (Tensor): (N, C, H, W).
        keypoints (Tensor): x, y in pixels and score, (N, 18, 3).
        size (tuple[int, int]): (height, width) of each crop.
        parts (Sequence[str]): P names out of ``PARTS``.

    Returns:
        Tensor: (N, P * C, height, width); 0 where a joint of the part is
        missing.
    """
    frames = PartFrames.of(keypoints, parts)
    crops = affine_crops(img, *frames[:3], size)  # (N, P, C, height, width)
    return (crops * frames.present[..., None, None, None]).flatten(1, 2)
