"""Pixels into the atlas of textures, and back.

Convention: texel (column, row) of a part of size S x S lies at u = column /
(S - 1), v = row / (S - 1), as ``align_corners=True`` has it. Both ways are
bilinear: a pixel spreads over the four texels around its place, and reads
from the same ones.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from ...precision import at_least_float32
from .fields import NUM_PARTS, STEPS

__all__ = ['Texture', 'pixels_to_texture', 'surface_maps', 'texture_to_pixels']

_EPS = 1e-6
# What a pixel gives to each of four texels that it lies in the middle of.
_ENOUGH = 0.25


class Texture(NamedTuple):
    """Textures of the parts of a batch of people.

    Attributes:
        colours (Tensor): (N, P, C, S, S), 0 where nothing is known.
        known (Tensor): (N, P, 1, S, S) in [0, 1], 0 where no pixel came
            near, 1 where weights sum up to a quarter of a pixel or more.
    """

    colours: Tensor
    known: Tensor


def surface_maps(iuv: Tensor) -> Tensor:
    """Surface coordinates as a network takes them.

    Args:
        iuv (Tensor): (N, 3, H, W) uint8.

    Returns:
        Tensor: (N, 3, H, W) float32 in [-1, 1]; -1 on the background.
    """
    scale = iuv.new_tensor([NUM_PARTS, STEPS, STEPS], dtype=torch.float32)
    return 2 * (iuv.float() / scale[:, None, None]) - 1


def pixels_to_texture(
    img: Tensor, iuv: Tensor, size: int, share: Tensor | None = None
) -> Texture:
    """Bring the pixels of a body into its atlas.

    A texel is the mean of the pixels around it, by their weights.

    Args:
        img (Tensor): (N, C, H, W).
        iuv (Tensor): (N, 3, H, W) uint8 part, u, v.
        size (int): Side of a part's texture, S.
        share (Tensor, optional): (N, 1, H, W) in [0, 1], how much each pixel
            counts. Defaults to 1.

    Returns:
        Texture: Of 24 parts.
    """
    places, weights = _texels(iuv, size)  # (N, 4, H W) each
    if share is not None:
        weights = weights * share.flatten(2)
    img = at_least_float32(img)
    count, channels = img.shape[:2]
    values = torch.cat([img, torch.ones_like(img[:, :1])], 1).flatten(2)
    spread = values[:, :, None] * weights[:, None]  # (N, C + 1, 4, H W)
    sums = spread.new_zeros(count, channels + 1, NUM_PARTS * size**2)
    index = places.flatten(1)[:, None].expand(-1, channels + 1, -1)
    sums = sums.scatter_add(2, index, spread.flatten(2))
    sums = sums.unflatten(2, (NUM_PARTS, size, size)).transpose(1, 2)
    total = sums[:, :, channels:]
    colours = sums[:, :, :channels] / total.clamp(min=_EPS)
    return Texture(colours, (total / _ENOUGH).clamp(max=1))


def texture_to_pixels(texture: Tensor, iuv: Tensor) -> Tensor:
    """Draw the pixels of a body from its textures.

    Args:
        texture (Tensor): (N, 24, C, S, S).
        iuv (Tensor): (N, 3, H, W) uint8 part, u, v.

    Returns:
        Tensor: (N, C, H, W), 0 on the background.
    """
    size, channels = texture.shape[-1], texture.shape[2]
    places, weights = _texels(iuv, size)
    flat = texture.transpose(1, 2).flatten(2)  # (N, C, P S S)
    index = places.flatten(1)[:, None].expand(-1, channels, -1)
    read = flat.gather(2, index).unflatten(2, places.shape[1:])
    drawn = (read * weights[:, None]).sum(2)  # (N, C, H W)
    return drawn.unflatten(2, iuv.shape[-2:])


def _texels(iuv: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """The four texels around each pixel's place, and their weights.

    Returns:
        tuple[Tensor, Tensor]: Index among those of all parts, int64, and
        weight, 0 on the background; (N, 4, H W) each.
    """
    part, u, v = iuv.flatten(2).unbind(1)  # (N, H W) each
    on_body = part > 0
    first = (part.long() - 1).clamp(min=0) * size**2
    x, y = (c.float() * ((size - 1) / STEPS) for c in (u, v))
    left, top = x.floor(), y.floor()
    right, bottom = ((c + 1).clamp(max=size - 1) for c in (left, top))
    dx, dy = x - left, y - top
    places, weights = [], []
    for row, down in ((top, 1 - dy), (bottom, dy)):
        for column, across in ((left, 1 - dx), (right, dx)):
            places.append(first + (row * size + column).long())
            weights.append(down * across * on_body)
    return torch.stack(places, 1), torch.stack(weights, 1)
