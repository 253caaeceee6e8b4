"""Content-aware sampling: local attention around the flow (GFLA, Sec. 3.2)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError

from ...warping import flow_warp
from .blocks import SLOPE

__all__ = ['LocalAttention', 'sample_patches']


def sample_patches(
    x: Tensor, flow: Tensor, size: int, replicate: bool = False
) -> Tensor:
    """The patch around the place that each pixel's flow leads to.

    Convention: flow is (dx, dy) in pixels of ``x``, which is sampled at the
    pixel grid plus flow plus the offsets of the patch; bilinear, zeros
    outside. With zero flow these are the patches of ``F.unfold``.

    Args:
        x (Tensor): (N, C, H, W).
        flow (Tensor): (N, 2, H, W).
        size (int): Side of a patch, an odd number of pixels.
        replicate (bool): Whether the nearest pixel is what lies outside.

    Returns:
        Tensor: The patches as tiles, (N, C, size H, size W): row
        ``size h + i`` and column ``size w + j`` hold row i and column j of
        the patch of pixel (h, w).
    """
    height, width = flow.shape[-2:]
    ys, xs = (
        torch.arange(size * length, device=flow.device)
        for length in (height, width)
    )
    # From the place of a tile's pixel to that of its sample without flow.
    dy, dx = (
        at.div(size, rounding_mode='floor') + at % size - size // 2 - at
        for at in (ys, xs)
    )
    tiled = flow.repeat_interleave(size, 2).repeat_interleave(size, 3)
    shift = torch.stack(torch.broadcast_tensors(dx[None], dy[:, None]))
    shift = tiled + shift
    if replicate:
        shift = torch.stack(
            [
                (xs + shift[:, 0]).clamp(0, x.shape[-1] - 1) - xs,
                (ys[:, None] + shift[:, 1]).clamp(0, x.shape[-2] - 1)
                - ys[:, None],
            ],
            dim=1,
        )
    return flow_warp(x, shift)


class LocalAttention(nn.Module):
    """Sample the reference where the flow leads, with predicted kernels.

    From the patch of the target's features around a pixel and that of the
    reference's around its flow, two layers predict a kernel; after a softmax
    it weighs the pixels of the reference's patch. A flow that
    is somewhat wrong is put right by it, and the gradient reaches further
    than bilinear sampling's two pixels.

    Args:
        channels (int): Of the features.
        kernel_size (int): Side of the patches, odd.
        hidden_channels (int): Between the two layers.
        as_published (bool): Whether it is that of the authors' code: what
            lies outside is the nearest pixel, and the weighted pixels are
            not summed up but averaged, so that the result is smaller by the
            number of pixels of a patch.

    Raises:
        ValueError: If the kernel has no middle.
    """

    def __init__(
        self,
        channels: int,
        kernel_size: int,
        hidden_channels: int = 128,
        as_published: bool = False,
    ) -> None:
        super().__init__()
        if kernel_size % 2 == 0:
            raise UserValueError(
                f'kernel_size of local attention must be odd, got '
                f'{kernel_size}'
            )
        self.kernel_size = kernel_size
        self.as_published = as_published
        # The first layer sees both patches; it is a sum over the two. The
        # target's are not moved, so an ordinary convolution sees them.
        self.see_target = nn.Conv2d(
            channels,
            hidden_channels,
            kernel_size,
            padding=kernel_size // 2,
            padding_mode='replicate' if as_published else 'zeros',
            bias=False,
        )
        self.see_source = nn.Conv2d(
            channels, hidden_channels, kernel_size, stride=kernel_size
        )
        self.kernels = nn.Sequential(
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(hidden_channels, kernel_size**2, 1),
        )

    def forward(self, target: Tensor, source: Tensor, flow: Tensor) -> Tensor:
        """Warp the source.

        Args:
            target (Tensor): Features of the target, (N, C, H, W).
            source (Tensor): Features of the reference, (N, C, H, W).
            flow (Tensor): (N, 2, H, W) in pixels of the features.

        Returns:
            Tensor: (N, C, H, W).
        """
        size = self.kernel_size
        tiles = sample_patches(source, flow, size, self.as_published)
        tiles = tiles.to(source.dtype)
        seen = self.see_target(target) + self.see_source(tiles)
        kernels = self.kernels(seen).softmax(1)  # (N, size^2, H, W)
        weights = F.pixel_shuffle(kernels, size)  # (N, 1, size H, size W)
        count = size**2 if self.as_published else 1
        return F.avg_pool2d(tiles * weights, size, divisor_override=count)
