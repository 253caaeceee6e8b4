"""Faces cut out of pictures by the pose."""

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ['crop_faces']

# OpenPose-18: nose, eyes, ears.
_FACE = [0, 14, 15, 16, 17]
# The square's side, in lengths of the longer side of these joints' box.
_MARGIN = 2.2


def crop_faces(
    images: Tensor, keypoints: Tensor, size: int = 112
) -> tuple[Tensor, Tensor]:
    """Squares around faces, upright, brought to one size.

    Convention: pixel centres are whole numbers; what lies outside of the
    picture repeats its border.

    Args:
        images: (N, 3, H, W), of any range.
        keypoints: x, y in pixels and score, (N, 18, 3); joints of score 0 are
            missing.
        size: Side of the squares.

    Returns:
        Squares, (N, 3, size, size), bilinear; and whether there is a face,
        (N,) bool: it takes the nose and two of eyes and ears, with the nose
        in the picture. Without one the square is arbitrary.
    """
    joints = keypoints[:, _FACE].float()
    there = joints[..., 2:] > 0
    low = joints[..., :2].masked_fill(~there, torch.inf).amin(1)
    high = joints[..., :2].masked_fill(~there, -torch.inf).amax(1)
    side = (high - low).amax(1)
    height, width = images.shape[-2:]
    nose = joints[:, 0, :2]
    limits = nose.new_tensor([width - 1, height - 1])
    inside = ((nose >= 0) & (nose <= limits)).all(1)
    found = there[:, 0, 0] & (there[..., 0].sum(1) >= 3) & inside & (side > 0)
    centre = torch.where(found[:, None], (low + high) / 2, 0.0)
    reach = torch.where(found, _MARGIN / 2 * side, 1.0)
    # Offsets of the square's pixels from its centre, in halves of its side.
    steps = (torch.arange(size, device=images.device) + 0.5) / size * 2 - 1
    y, x = torch.meshgrid(steps, steps, indexing='ij')
    offsets = torch.stack([x, y], -1)[None] * reach[:, None, None, None]
    points = centre[:, None, None] + offsets
    grid = 2 * points / limits - 1
    faces = F.grid_sample(
        images.float(), grid, padding_mode='border', align_corners=True
    )
    return faces, found
