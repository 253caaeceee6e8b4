"""The prior of the VUnet's latents, place after place."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError

from ...precision import at_least_float32
from .layers import ResidualBlock, WeightNormConv2d, sampled

__all__ = ['AutoregressivePrior', 'from_groups', 'to_groups']

GROUPS = 4


def to_groups(x: Tensor) -> list[Tensor]:
    """Divide maps by the place within each 2x2 square of pixels.

    Args:
        x (Tensor): (N, C, H, W), H and W even.

    Returns:
        list[Tensor]: Top left, top right, bottom left, bottom right, each
        (N, C, H / 2, W / 2).
    """
    return [x[..., dy::2, dx::2] for dy in (0, 1) for dx in (0, 1)]


def from_groups(groups: list[Tensor]) -> Tensor:
    """Undo :func:`to_groups`.

    Args:
        groups (list[Tensor]): Four of (N, C, h, w).

    Returns:
        Tensor: (N, C, 2h, 2w).
    """
    return F.pixel_shuffle(torch.stack(groups, 2).flatten(1, 2), 2)


class AutoregressivePrior(nn.Module):
    """Means of a latent, each group's given those before.

    ``p(z | pose) = p(z_1 | pose) p(z_2 | z_1, pose) ...``: within a group
    the places are independent, neighbours are not.

    Args:
        channels (int): Of the features and of the latent.
        dropout (float): See :class:`ResidualBlock`.
    """

    def __init__(self, channels: int, dropout: float) -> None:
        super().__init__()
        self.block = ResidualBlock(channels, dropout=dropout)
        self.stem = WeightNormConv2d(GROUPS * channels, channels, 1)
        self.heads = nn.ModuleList(
            WeightNormConv2d(channels, channels) for _ in range(GROUPS)
        )
        self.mixes = nn.ModuleList(
            ResidualBlock(channels, channels, dropout)
            for _ in range(GROUPS - 1)
        )

    def forward(
        self, h: Tensor, latent: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Predict the means of a latent, and draw it where it is not given.

        Args:
            h (Tensor): Features of the pose, (N, channels, H, W).
            latent (Tensor, optional): Of the posterior, of this shape.

        Returns:
            tuple[Tensor, Tensor]: Means and latent, float32 of this shape.

        Raises:
            ValueError: If height or width is odd, or the latent is of
                another size.
        """
        self._check(h, latent)
        given = [None] * GROUPS if latent is None else to_groups(latent)
        h = self.stem(F.pixel_unshuffle(self.block(h), 2))
        means, drawn = [], []
        for i, head in enumerate(self.heads):
            means.append(at_least_float32(head(h)))
            drawn.append(sampled(means[i]) if given[i] is None else given[i])
            if i < len(self.mixes):
                h = self.mixes[i](h, drawn[i].to(h.dtype))
        if latent is None:
            latent = from_groups(drawn)
        return from_groups(means), latent

    @staticmethod
    def _check(h, latent):
        height, width = h.shape[-2:]
        if height % 2 or width % 2:
            raise UserValueError(
                'latents are drawn in squares of 2x2, got features of '
                f"{height}x{width}: let the data_preprocessor's "
                'pad_size_divisor be 2^num_levels'
            )
        if latent is not None and latent.shape != h.shape:
            raise UserValueError(
                f'a latent must be of the shape {tuple(h.shape)} of the '
                f"pose's features, got {tuple(latent.shape)}: crops have "
                '1 / crop_factor of the size of the pose'
            )
