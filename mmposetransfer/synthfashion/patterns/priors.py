# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""Which garment has which pattern, and which pattern has which colours."""

import numpy as np

from ..palette import hex_to_rgb, rgb_to_lab, sample_colors

__all__ = ['garment_prior', 'typical_colors']

_KNIT_TOP = {
    'plain': 9,
    'melange': 2,
    'horizontal_stripes': 2.5,
    'breton': 2.5,
    'lettering': 4.5,
    'graphic': 4,
    'gradient': 0.7,
    'colour_block': 1,
    'dots': 0.8,
    'floral': 0.8,
    'leaves': 0.5,
    'camouflage': 0.5,
    'tie_dye': 1,
    'leopard': 0.5,
    'zebra': 0.4,
    'abstract': 0.5,
    'watercolor': 0.4,
    'rib_knit': 1,
    'chevron': 0.3,
}
_SHIRT = {
    'plain': 6,
    'vertical_stripes': 3.5,
    'pinstripe': 1,
    'gingham': 2.5,
    'tartan': 3,
    'windowpane': 1,
    'denim': 1.2,
    'dots': 1.5,
    'floral': 1,
    'ditsy': 1,
    'leaves': 0.8,
    'paisley': 0.6,
    'abstract': 0.4,
    'houndstooth': 0.3,
}
_BLOUSE = {
    'plain': 7,
    'dots': 2.5,
    'floral': 2,
    'ditsy': 2,
    'leopard': 0.9,
    'zebra': 0.4,
    'vertical_stripes': 1.5,
    'leaves': 0.6,
    'paisley': 0.9,
    'watercolor': 0.8,
    'abstract': 1,
    'chevron': 0.5,
    'horizontal_stripes': 1,
}
_KNITWEAR = {
    'plain': 5,
    'melange': 3,
    'cable_knit': 3,
    'rib_knit': 3,
    'horizontal_stripes': 2,
    'breton': 1.2,
    'fair_isle': 1.5,
    'argyle': 1.3,
    'colour_block': 1.2,
    'chevron': 0.7,
    'leopard': 0.4,
    'houndstooth': 0.3,
}
_SWEATSHIRT = {
    'plain': 6,
    'melange': 3,
    'lettering': 4,
    'graphic': 2,
    'tie_dye': 0.8,
    'camouflage': 0.6,
    'colour_block': 1,
    'gradient': 0.5,
}
_OUTER = {
    'plain': 9,
    'herringbone': 2,
    'tartan': 1.5,
    'houndstooth': 1.2,
    'denim': 1.8,
    'melange': 1,
    'windowpane': 0.8,
    'camouflage': 0.5,
    'leopard': 0.5,
}
_TROUSERS = {
    'plain': 10,
    'pinstripe': 1.2,
    'windowpane': 0.8,
    'herringbone': 0.8,
    'houndstooth': 0.5,
    'tartan': 0.6,
    'camouflage': 0.6,
    'floral': 0.4,
    'vertical_stripes': 0.4,
    'denim': 1.5,
}
_SHORTS = {
    'plain': 6,
    'denim': 4,
    'floral': 0.8,
    'leaves': 0.6,
    'gingham': 0.5,
    'camouflage': 0.6,
    'horizontal_stripes': 0.4,
}
_LEGGINGS = {
    'plain': 9,
    'melange': 1,
    'camouflage': 0.4,
    'leopard': 0.4,
    'gradient': 0.4,
    'abstract': 0.3,
}
_SKIRT = {
    'plain': 6,
    'floral': 1.8,
    'ditsy': 1.3,
    'dots': 1.5,
    'tartan': 1.8,
    'gingham': 0.8,
    'houndstooth': 0.8,
    'denim': 1.3,
    'leopard': 0.9,
    'horizontal_stripes': 0.8,
    'vertical_stripes': 0.5,
    'chevron': 0.5,
    'leaves': 0.5,
}
_DRESS = {
    'plain': 6,
    'floral': 3.2,
    'ditsy': 2.5,
    'dots': 2,
    'leaves': 1,
    'horizontal_stripes': 1.2,
    'breton': 0.8,
    'vertical_stripes': 0.7,
    'gingham': 0.9,
    'paisley': 1,
    'leopard': 0.7,
    'zebra': 0.4,
    'watercolor': 0.9,
    'abstract': 0.9,
    'gradient': 0.7,
    'tie_dye': 0.5,
    'colour_block': 0.9,
    'chevron': 0.6,
    'tartan': 0.4,
    'rib_knit': 0.7,
}
_FOOTWEAR = {'plain': 1}

_PRIORS = {
    't_shirt': _KNIT_TOP,
    'long_sleeve': _KNIT_TOP,
    'tank_top': _KNIT_TOP,
    'crop_top': _KNIT_TOP,
    'shirt': _SHIRT,
    'blouse': _BLOUSE,
    'sweater': _KNITWEAR,
    'cardigan': _KNITWEAR,
    'hoodie': _SWEATSHIRT,
    'jacket': _OUTER,
    'coat': _OUTER,
    'vest': _OUTER,
    'trousers': _TROUSERS,
    'jeans': {'denim': 1},
    'shorts': _SHORTS,
    'leggings': _LEGGINGS,
    'skirt': _SKIRT,
    'dress': _DRESS,
    'jumpsuit': _DRESS,
    'shoes': _FOOTWEAR,
    'sneakers': _FOOTWEAR,
    'boots': _FOOTWEAR,
    'socks': {'plain': 4, 'horizontal_stripes': 1, 'rib_knit': 1},
}

# Colours without which a pattern is not itself; otherwise anything goes.
_PALETTES = {
    'denim': (
        '1f2e4a 8ea3bd',
        '2c4468 a9bdd2',
        '4a6c98 c9d6e3',
        '7f9cbc e4ebf1',
        '191b20 50545c',
        '6f7680 c4c9cf',
        'dedbd3 fbfaf7',
    ),
    'leopard': (
        'd9b98a b07f45 2a1c14',
        'c99a63 8a5a32 1c1410',
        'e3d3b8 b8935f 3a281c',
        'c9c5c0 8d8883 1d1c1c',
    ),
    'zebra': ('f4f2ee 1a1a1c', 'e9e0d0 2a2320', '1a1a1c f4f2ee'),
    'camouflage': (
        '6b6b45 3f4a2c 8f8258 23261b',
        'c8b48c a08a62 7a6646 d9caa8',
        '8a8f92 5d6367 2f3336 b9bdbf',
        '2c3a58 1c2744 54708f 10182c',
    ),
    'breton': (
        'f6f5f2 1c2744',
        'f6f5f2 16161a',
        '1c2744 f6f5f2',
        'f6f5f2 b5202c',
        'efe9dd 2c3a58',
        '8d8f93 f6f5f2',
    ),
    'gingham': (
        'f6f5f2 b5202c',
        'f6f5f2 1c2744',
        'f6f5f2 16161a',
        'f6f5f2 3f7fc4',
        'f6f5f2 2f6b45',
        'f6f5f2 e98a9c',
        'f6f5f2 e8b62f',
    ),
    'tartan': (
        'b5202c 1c2744 f6f5f2 e8b62f',
        '8b1e2a 16161a f0e6d0 2f6b45',
        '1f4d3a 1c2744 16161a b5202c',
        '1c2744 2f6b45 16161a f4e08a',
        'd3c3a8 16161a f6f5f2 b5202c',
        '55585e 16161a b9babd f6f5f2',
        '2c3a58 8fa9c4 f6f5f2 6f1a2b',
    ),
    'leaves': (
        'f6f5f2 2f6b45 5b8f62',
        '16161a 3f7a52 a9c7a1',
        '1c2744 5b8f62 8fd0c8',
        'f3c6c8 2f6b45 d6407f',
    ),
    'tie_dye': (
        '3f7fc4 1f3f8a d6407f',
        'd6407f e8b62f 3f7fc4',
        '5a3b86 d6407f f2a65a',
        '1f8a8c 2f6b45 e8b62f',
        '16161a 55585e 8d8f93',
        '2c3a58 54708f a4cbe8',
        'e98a9c f3c6c8 cbb8de',
    ),
    'watercolor': (
        'f6f5f2 a4cbe8 cbb8de f3c6c8',
        'f3c6c8 e98a9c f6f5f2 cbb8de',
        '1c2744 3f7fc4 8fd0c8 5a3b86',
        'efe6da d9b45a 8fa39a e6c9c2',
    ),
    'herringbone': (
        '3a3b3f 8d8f93',
        '4a3a30 a89078',
        '232b3d 66728c',
        '8d8f93 d5d4d0',
    ),
    'houndstooth': ('f6f5f2 16161a', 'efe9dd 4a3528', 'f6f5f2 1c2744'),
    'pinstripe': (
        '1c2744 b9babd',
        '26262b 8d8f93',
        '55585e d9d9d9',
        'f6f5f2 54708f',
    ),
}
_FREE_CHANCE = 0.22


def garment_prior(category):
    """Relative weights of patterns for a kind of garment.

    Args:
        category (str): A garment category; one that is not known gets the
            weights of jersey tops.

    Returns:
        dict[str, float]: Pattern name to weight.
    """
    return _PRIORS.get(category, _KNIT_TOP)


def typical_colors(name, rng, count):
    """Draw colours that suit a pattern, the ground first.

    Args:
        name (str): Pattern.
        rng (np.random.Generator): Source of randomness.
        count (int): Colours wanted.

    Returns:
        np.ndarray: (count, 3) float32 RGB in [0, 1].
    """
    fixed = name in ('denim', 'leopard', 'camouflage')
    if name in _PALETTES and (fixed or rng.random() > _FREE_CHANCE):
        codes = _PALETTES[name][rng.integers(len(_PALETTES[name]))].split()
        colors = np.stack([hex_to_rgb(code) for code in codes[:count]])
        shift = rng.uniform(-0.03, 0.03) + rng.uniform(
            -0.015, 0.015, colors.shape
        )
        return np.clip(colors + shift, 0, 1).astype(np.float32)
    colors = sample_colors(rng, count)
    if name == 'melange':
        colors[1] = _heather(colors[0])
    if name in ('lettering', 'graphic'):
        colors[1] = _readable(colors)
    return colors


def _heather(color):
    """The colour mixed with white fibres, or white mixed with grey."""
    toward = 1.0 if color.mean() < 0.75 else 0.35
    return color + 0.45 * (toward - color)


def _readable(colors, contrast=45.0):
    """Colour 1 where it stands out from the ground, else black or white."""
    lightness = rgb_to_lab(colors[:2])[:, 0]
    if abs(lightness[1] - lightness[0]) >= contrast:
        return colors[1]
    return np.full(3, 0.95 if lightness[0] < 55 else 0.08, np.float32)
