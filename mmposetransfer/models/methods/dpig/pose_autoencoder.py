"""Poses as vectors, and their code."""

import torch
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from .code_networks import ResidualMLP

__all__ = ['PoseAutoencoder', 'pose_vectors', 'vector_keypoints']


def _bounds(size, like):
    """Last column and last row."""
    height, width = size
    return like.new_tensor([max(width - 1, 1), max(height - 1, 1)])


def pose_vectors(keypoints: Tensor, size: tuple[int, int]) -> Tensor:
    """Keypoints as vectors that do not know the size of the picture.

    Args:
        keypoints (Tensor): x, y in pixels and score, (N, K, 3).
        size (tuple[int, int]): (height, width) of the picture.

    Returns:
        Tensor: (N, 3K): x and y of each joint, -1 and 1 at the centres of the
        border pixels, and 1; or three zeros for a joint that is missing.
    """
    places = keypoints[..., :2].float()
    places = places * (2 / _bounds(size, places)) - 1
    seen = keypoints[..., 2:] > 0
    vectors = torch.cat([places, torch.ones_like(places[..., :1])], -1)
    # A missing joint may have any place, NaN among them.
    return torch.where(seen, vectors, 0).flatten(1)


def vector_keypoints(vectors: Tensor, size: tuple[int, int]) -> Tensor:
    """Undo :func:`pose_vectors`.

    Args:
        vectors (Tensor): (N, 3K).
        size (tuple[int, int]): (height, width) of the picture.

    Returns:
        Tensor: x, y in pixels and score, (N, K, 3); a joint that is at most
        half there has score 0, all others have 1.
    """
    joints = vectors.unflatten(1, (-1, 3))
    places = (joints[..., :2] + 1) * (_bounds(size, joints) / 2)
    seen = (joints[..., 2:] > 0.5).to(places.dtype)
    return torch.cat([places, seen], -1)


@MODELS.register_module()
class PoseAutoencoder(nn.Module):
    """Poses through a code (Sec. 3.1).

    Args:
        num_joints (int): Of a pose.
        code_channels (int): Length of the code.
        hidden_channels (int): Of the layers.
        num_blocks (int): Residual blocks of encoder and decoder, each.
    """

    def __init__(
        self,
        num_joints: int = 18,
        code_channels: int = 32,
        hidden_channels: int = 512,
        num_blocks: int = 4,
    ) -> None:
        super().__init__()
        self.code_channels = code_channels
        self.encoder = ResidualMLP(
            3 * num_joints, code_channels, hidden_channels, num_blocks
        )
        self.decoder = ResidualMLP(
            code_channels, 3 * num_joints, hidden_channels, num_blocks
        )

    def encode(self, vectors: Tensor) -> Tensor:
        """Map :func:`pose_vectors` (N, 3K) to codes (N, code_channels)."""
        return self.encoder(vectors)

    def decode(self, codes: Tensor) -> Tensor:
        """Map codes to vectors; whether a joint is there is in (0, 1)."""
        joints = self.decoder(codes).unflatten(1, (-1, 3))
        places, seen = joints[..., :2], joints[..., 2:].sigmoid()
        return torch.cat([places, seen], -1).flatten(1)

    def forward(self, vectors: Tensor) -> Tensor:
        """Encode and decode (N, 3K)."""
        return self.decode(self.encode(vectors))
