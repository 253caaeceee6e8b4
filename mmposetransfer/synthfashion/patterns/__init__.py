# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""Textile patterns, painted on the fly.

A tile covers about ``TILE_METRES`` of cloth in both directions and wraps
seamlessly. The ``PLACED_PATTERNS`` are laid once over a garment's front, from
its upper to its lower edge; around a word or a picture ('lettering',
'graphic') everything has the ground colour ``tile[0, 0]``.
"""

import numpy as np

from ..palette import sample_colors
from . import placed, prints, woven
from .priors import garment_prior, typical_colors

__all__ = [
    'PATTERNS',
    'PLACED_PATTERNS',
    'TILE_METRES',
    'paint_pattern',
    'sample_pattern',
]

#: Side of a tile of cloth in metres.
TILE_METRES = 0.5

# name: (painter, number of colours it uses)
_PAINTERS = {
    'plain': (woven.plain, 1),
    'melange': (woven.melange, 2),
    'horizontal_stripes': (woven.horizontal_stripes, 3),
    'vertical_stripes': (woven.vertical_stripes, 2),
    'pinstripe': (woven.pinstripe, 2),
    'breton': (woven.breton, 2),
    'gingham': (woven.gingham, 2),
    'windowpane': (woven.windowpane, 2),
    'tartan': (woven.tartan, 4),
    'houndstooth': (woven.houndstooth, 2),
    'herringbone': (woven.herringbone, 2),
    'argyle': (woven.argyle, 4),
    'chevron': (woven.chevron, 2),
    'fair_isle': (woven.fair_isle, 4),
    'denim': (woven.denim, 2),
    'cable_knit': (woven.cable_knit, 1),
    'rib_knit': (woven.rib_knit, 1),
    'dots': (prints.dots, 2),
    'floral': (prints.floral, 4),
    'ditsy': (prints.ditsy, 4),
    'leaves': (prints.leaves, 3),
    'paisley': (prints.paisley, 4),
    'camouflage': (prints.camouflage, 4),
    'leopard': (prints.leopard, 3),
    'zebra': (prints.zebra, 2),
    'tie_dye': (prints.tie_dye, 3),
    'watercolor': (prints.watercolor, 4),
    'abstract': (prints.abstract, 4),
    'lettering': (placed.lettering, 3),
    'graphic': (placed.graphic, 4),
    'gradient': (placed.gradient, 2),
    'colour_block': (placed.colour_block, 3),
}
#: Names of all patterns.
PATTERNS = tuple(_PAINTERS)
#: Those that are laid once over a garment's front.
PLACED_PATTERNS = ('lettering', 'graphic', 'gradient', 'colour_block')


def paint_pattern(name, rng, size=256, colors=None):
    """Paint one tile of cloth.

    Args:
        name (str): One of ``PATTERNS``.
        rng (np.random.Generator): Source of randomness; the same state gives
            the same tile.
        size (int): Side of the tile in pixels.
        colors (np.ndarray, optional): (n, 3) RGB in [0, 1], the ground
            first. Missing ones are drawn. None: colours that suit the
            pattern.

    Returns:
        np.ndarray: (size, size, 3) uint8 RGB. Row 0 is the upper edge.

    Raises:
        ValueError: If the name is unknown or ``colors`` is not (n, 3).
    """
    if name not in _PAINTERS:
        raise ValueError(
            f'unknown pattern {name!r}; expected one of {PATTERNS}'
        )
    painter, count = _PAINTERS[name]
    return painter(rng, size, _complete(name, rng, count, colors))


def _complete(name, rng, count, colors):
    """Bring ``colors`` to at least ``count`` rows."""
    if colors is None:
        return typical_colors(name, rng, count)
    colors = np.asarray(colors, np.float32)
    if colors.ndim != 2 or colors.shape[1] != 3 or len(colors) == 0:
        raise ValueError(
            'colors must be (n, 3) RGB in [0, 1] with n >= 1, '
            f'got shape {colors.shape}'
        )
    if len(colors) >= count:
        return colors
    return np.concatenate([colors, sample_colors(rng, count)[len(colors) :]])


def sample_pattern(rng, category, size=256):
    """Draw the cloth of a garment.

    Args:
        rng (np.random.Generator): Source of randomness.
        category (str): Kind of garment: 't_shirt', 'jeans', 'dress' ... One
            that is not known gets the patterns of jersey tops.
        size (int): Side of the tile in pixels.

    Returns:
        tuple: name of the pattern and its tile (size, size, 3) uint8 RGB.
    """
    prior = garment_prior(category)
    chances = np.cumsum(list(prior.values()))
    place = rng.random() * chances[-1]
    name = tuple(prior)[int(np.searchsorted(chances, place, side='right'))]
    return name, paint_pattern(name, rng, size)
