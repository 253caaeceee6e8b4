"""Regions of a body: boxes around groups of joints."""

from typing import NamedTuple

import torch
from torch import Tensor

from mmposetransfer.geometry.skeletons import SKELETONS

from ...warping import affine_crops

__all__ = ['REGIONS', 'BodyRegions']


def _limb(side, joints):
    return [f'{side}_{joint}' for joint in joints.split()]


_ARM, _LEG = 'shoulder elbow wrist', 'hip knee ankle'
_BOTH = ('left', 'right')
#: The joints of each region, by its name; three large ones, then the limbs.
REGIONS: dict[str, list[str]] = {
    'head': [
        *('nose', 'neck'),
        *(name for side in _BOTH for name in _limb(side, 'eye ear shoulder')),
    ],
    'upper_body': [
        'neck',
        *(name for side in _BOTH for name in _limb(side, f'{_ARM} hip')),
    ],
    'lower_body': [name for side in _BOTH for name in _limb(side, _LEG)],
} | {
    f'{side}_{kind}': _limb(side, joints)
    for kind, joints in (('arm', _ARM), ('leg', _LEG))
    for side in _BOTH
}
# Of the joints of a region, so many have to be there for it to count.
FEWEST_JOINTS = 2


class BodyRegions(NamedTuple):
    """Upright boxes.

    Args:
        centers (Tensor): x, y in pixels, (N, R, 2).
        halves (Tensor): Half of width and height in pixels, (N, R, 2).
        present (Tensor): Whether the region is seen, (N, R).
    """

    centers: Tensor
    halves: Tensor
    present: Tensor

    @classmethod
    def of(cls, keypoints: Tensor, margin: float) -> 'BodyRegions':
        """Boxes around the joints of ``REGIONS`` that are there.

        Args:
            keypoints (Tensor): x, y in pixels and score, (N, 18, 3).
            margin (float): Pixels on all sides: joints lie within the body.

        Returns:
            BodyRegions: With zeros for regions that are not seen.
        """
        joints, seen = keypoints[..., :2].float(), keypoints[..., 2] > 0
        index = SKELETONS['openpose18'].index
        lows, highs, counts = [], [], []
        for names in REGIONS.values():
            those = [index(name) for name in names]
            some = seen[:, those, None]  # (N, J, 1)
            places = joints[:, those]
            # A missing joint may have any place, NaN among them.
            lows.append(torch.where(some, places, torch.inf).amin(1))
            highs.append(torch.where(some, places, -torch.inf).amax(1))
            counts.append(some.sum((1, 2)))
        low, high = torch.stack(lows, 1), torch.stack(highs, 1)  # (N, R, 2)
        present = torch.stack(counts, 1) >= FEWEST_JOINTS
        return cls(
            torch.where(present[..., None], (low + high) / 2, 0),
            torch.where(present[..., None], (high - low) / 2 + margin, 0),
            present,
        )

    def crop(self, x: Tensor, size: int) -> Tensor:
        """Bring all regions to squares.

        Args:
            x (Tensor): Maps, (N, C, H, W).
            size (int): Side of the squares.

        Returns:
            Tensor: (N, R, C, size, size).
        """
        width, height = self.halves.unbind(-1)
        none = torch.zeros_like(width)
        across = torch.stack([width, none], -1)
        along = torch.stack([none, height], -1)
        return affine_crops(x, self.centers, across, along, (size, size))
