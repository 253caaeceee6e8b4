"""Pose maps: keypoints as Gaussians."""

import torch
from torch import Tensor

from mmposetransfer.registry import MODELS

from .base import PoseEncoder

__all__ = ['GaussianPoses', 'draw_gaussians']


def draw_gaussians(
    keypoints: Tensor, size: tuple[int, int], sigma: float
) -> Tensor:
    """Draw every joint as a Gaussian of height 1 in a channel of its own.

    Args:
        keypoints (Tensor): x, y in pixels and score, (N, K, 3). A joint with
            score 0 is missing: its channel is zero.
        size (tuple[int]): (height, width).
        sigma (float): Standard deviation in pixels.

    Returns:
        Tensor: float32 (N, K, height, width) in [0, 1].
    """
    height, width = size
    x, y, score = keypoints.float().unbind(-1)  # (N, K)
    # Separable: exp(-(dx^2 + dy^2) / 2s^2) is a product of a row and a column.
    columns, rows = (
        torch.exp(
            -((torch.arange(length, device=x.device) - at[..., None]) ** 2)
            / (2 * sigma**2)
        )
        for at, length in ((x, width), (y, height))
    )
    # A missing joint may have any place, NaN among them.
    present = (score > 0)[..., None]
    rows, columns = (torch.where(present, x, 0) for x in (rows, columns))
    return rows[..., None] * columns[..., None, :]


@MODELS.register_module()
class GaussianPoses(PoseEncoder):
    """A Gaussian for each joint, in a channel of its own.

    Args:
        sigma (float): Standard deviation in pixels; 6 in PATN, DSC and GFLA.
        num_joints (int): Channels.
    """

    def __init__(self, sigma: float = 6, num_joints: int = 18) -> None:
        super().__init__()
        self.sigma = sigma
        self.out_channels = num_joints

    def forward(self, keypoints: Tensor, size: tuple[int, int]) -> Tensor:
        """See :class:`PoseEncoder`."""
        return draw_gaussians(keypoints, size, self.sigma)
