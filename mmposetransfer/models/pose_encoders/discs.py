"""Pose maps: keypoints drawn as one disc per joint."""

import torch
from torch import Tensor

from mmposetransfer.registry import MODELS

from .base import PoseEncoder

__all__ = ['DiscPoses', 'draw_pose_maps']


def draw_pose_maps(
    keypoints: Tensor, size: tuple[int, int], radius: float
) -> Tensor:
    """Draw every joint as a binary disc in a channel of its own (Sec. 3.1).

    Args:
        keypoints (Tensor): x, y in pixels and score, (N, K, 3). A joint with
            score 0 is missing: its channel is zero.
        size (tuple[int]): (height, width).
        radius (float): Pixels; the disc is ``dx^2 + dy^2 <= radius^2``
            around the joint, rounded to the nearest pixel.

    Returns:
        Tensor: float32 (N, K, height, width) of 0 and 1.
    """
    height, width = size
    x, y, score = keypoints.unbind(-1)  # (N, K)
    xs = torch.arange(width, device=keypoints.device)
    ys = torch.arange(height, device=keypoints.device)
    dx = (xs - x.round()[..., None]) ** 2  # (N, K, W)
    dy = (ys - y.round()[..., None]) ** 2  # (N, K, H)
    # A missing joint is infinitely far away.
    dx = dx.masked_fill((score <= 0)[..., None], torch.inf)
    return (dy[..., None] + dx[..., None, :] <= radius**2).float()


@MODELS.register_module()
class DiscPoses(PoseEncoder):
    """A binary disc for each joint, in a channel of its own.

    Args:
        radius (float): Pixels. DIPT: 8 at 256x256, 4 at 128x64; PG2: 4.
        low (float): Value off the disc; 0, or -1 for PG2's range.
        num_joints (int): Channels.
    """

    def __init__(
        self, radius: float = 8, low: float = 0, num_joints: int = 18
    ) -> None:
        super().__init__()
        self.radius, self.low = radius, low
        self.out_channels = num_joints

    def forward(self, keypoints: Tensor, size: tuple[int, int]) -> Tensor:
        """See :class:`PoseEncoder`."""
        discs = draw_pose_maps(keypoints, size, self.radius)
        return discs * (1 - self.low) + self.low if self.low else discs
