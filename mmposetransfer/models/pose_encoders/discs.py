"""Pose maps: keypoints drawn as one disc per joint."""

import torch

__all__ = ['draw_pose_maps']


def draw_pose_maps(keypoints, size, radius):
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
