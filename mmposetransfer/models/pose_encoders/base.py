"""The contract of pose encoders."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

__all__ = ['PoseEncoder']


class PoseEncoder(nn.Module, ABC):
    """From keypoints to a map, made on the device, never stored.

    It has nothing to learn: networks that encode poses belong to methods.

    Attributes:
        out_channels (int): Channels of the map.
    """

    out_channels: int

    @abstractmethod
    def forward(self, keypoints: Tensor, size: tuple[int, int]) -> Tensor:
        """Draw a batch.

        Args:
            keypoints (Tensor): x, y in pixels and score, (N, 18, 3); joints
                of score 0 are missing.
            size (tuple[int, int]): (height, width).

        Returns:
            Tensor: float32 (N, out_channels, height, width).
        """
