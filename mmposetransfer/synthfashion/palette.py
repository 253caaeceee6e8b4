# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""Colours of clothes, skin, hair and studio walls, and names for them.

All colours are sRGB triples in [0, 1], the order is R, G, B.
"""

from functools import lru_cache

import cv2
import numpy as np

__all__ = [
    'COLOR_NAMES',
    'color_name',
    'hex_to_rgb',
    'rgb_to_lab',
    'sample_colors',
]

COLOR_NAMES = (
    'black',
    'white',
    'grey',
    'red',
    'pink',
    'orange',
    'yellow',
    'green',
    'blue',
    'navy',
    'purple',
    'brown',
    'beige',
)

# What hangs in shops: weights are relative. Neutrals make up two thirds.
_NEUTRALS = {
    '16161a': 15,
    '26262b': 4,
    'f6f5f2': 15,
    'efe9dd': 5,
    '8d8f93': 6,
    'b9babd': 4,
    '55585e': 4,
    '1c2744': 8,
    '2c3a58': 3,
    '54708f': 4,
    '8fa9c4': 3,
    'd3c3a8': 5,
    'b59a78': 3,
    '6a4b36': 3,
    '5c5f4b': 2,
}
_ACCENTS = {
    'b5202c': 4,
    '6f1a2b': 4,
    'd9534a': 2,
    'e98a9c': 3,
    'f3c6c8': 4,
    'd6407f': 1.5,
    'e07b39': 1.5,
    'f2a65a': 1,
    'e8b62f': 2,
    'f4e08a': 1,
    '2f6b45': 2.5,
    '5b8f62': 1,
    'a9c7a1': 1.5,
    '1f8a8c': 1.5,
    '8fd0c8': 1.5,
    '2848b8': 3,
    '3f7fc4': 2,
    'a4cbe8': 3,
    '5a3b86': 1.5,
    '8f6cb0': 1,
    'cbb8de': 1.5,
    'a4552f': 2,
    'c98b5b': 1,
}
_HAIR = {
    '14110f': 5,
    '241a15': 6,
    '3a281e': 8,
    '553827': 6,
    '734c32': 4,
    '8f6a48': 3,
    'ad8a5e': 3,
    'cdae7f': 3,
    'e2cda4': 1.5,
    '6b2f1d': 1.5,
    '9d4c28': 1.5,
    '8f8b87': 1,
    'd4d0ca': 0.5,
}
_BACKGROUNDS = {
    'ffffff': 10,
    'f4f4f3': 8,
    'e9e9e8': 8,
    'dcdcdb': 5,
    'c9c9c9': 3,
    'a9abad': 1.5,
    '6e7174': 0.7,
    'efe6da': 1.5,
    'e8d6cb': 1,
    'd5dfe6': 1.5,
    'b9cbd6': 0.8,
    'cfd8c8': 0.8,
    'e6c9c2': 0.6,
    'c9a98a': 0.6,
    '8fa39a': 0.5,
    '3f4a55': 0.4,
    'd9b45a': 0.3,
    '9c5a4a': 0.3,
}
# Human skin from the lightest to the darkest; drawn evenly along this line.
_SKIN = (
    'f6decf',
    'efcdb5',
    'e6b998',
    'd7a37d',
    'c28c65',
    'a7734f',
    '895c3e',
    '6b452f',
    '4f3225',
    '3a2620',
)

# Several examples a name, because names are no balls in any colour space.
_NAME_EXAMPLES = {
    'black': '000000 16161a 26262b 1f1a1a',
    'white': 'ffffff f6f5f2 efece6 f2eff5',
    'grey': '8d8f93 b9babd 55585e d0d1d3 3f4146 6f7176',
    'red': 'b5202c e01f26 d9534a 6f1a2b 8e1b22',
    'pink': 'e98a9c f3c6c8 d6407f f06fa8 e7a9bd f2b6a8',
    'orange': 'e07b39 f2a65a ff8c1a d96a1e',
    'yellow': 'e8b62f f4e08a ffe633 cfa91f f7ec9f',
    'green': '2f6b45 5b8f62 a9c7a1 1f8a5c 5c5f4b 8fd0b0 3fa34d 9ccf3a 808000'
    ' 1f7a70 14331f',
    'blue': '2848b8 3f7fc4 a4cbe8 54708f 8fa9c4 1f8aac 8fd0e0 0a4fff',
    'navy': '000080 1c2744 2c3a58 10183a 1a2a6a',
    'purple': '5a3b86 8f6cb0 cbb8de 4a2350 a03fb0',
    'brown': '6a4b36 a4552f 8a5a3a 4a2f20 3a2620 9a7350',
    'beige': 'd3c3a8 b59a78 e6d5b8 c9a98a efe0c6 e8cfb5',
}
_KINDS = ('garment', 'skin', 'hair', 'background')
_MIN_CONTRAST = 22.0  # CIELAB distance at which two threads read as two


def hex_to_rgb(code):
    """Turn 'rrggbb' into three floats in [0, 1]."""
    return (
        np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)], np.float32)
        / 255
    )


def rgb_to_lab(rgb):
    """Convert sRGB to CIELAB (D65).

    Args:
        rgb (np.ndarray): (..., 3), range [0, 1].

    Returns:
        np.ndarray: (..., 3) float32, L in [0, 100], a and b signed.
    """
    rgb = np.asarray(rgb, np.float32)
    flat = np.ascontiguousarray(rgb.reshape(-1, 1, 3))
    return cv2.cvtColor(flat, cv2.COLOR_RGB2Lab).reshape(rgb.shape)


def sample_colors(rng, n, kind='garment'):
    """Draw colours that go together.

    Garment colours are mostly neutral (black, white, greys, navy, beige)
    with some saturated accents; of several, the first is the ground and
    every other one stands out from it. Skin covers the human range evenly.

    Args:
        rng (np.random.Generator): Source of randomness.
        n (int): How many colours, at least 1.
        kind (str): 'garment', 'skin', 'hair' or 'background'.

    Returns:
        np.ndarray: (n, 3) float32 RGB in [0, 1].

    Raises:
        ValueError: If ``kind`` is unknown or ``n`` is below 1.
    """
    if kind not in _KINDS:
        raise ValueError(f'kind must be one of {_KINDS}, got {kind!r}')
    if n < 1:
        raise ValueError(f'n must be at least 1, got {n}')
    if kind == 'garment':
        return _garment_scheme(rng, n)
    if kind == 'skin':
        return _skin_tones(rng, n)
    table = _HAIR if kind == 'hair' else _BACKGROUNDS
    return _jitter(rng, _draw(rng, table, n), 0.02)


def color_name(rgb):
    """Name a colour.

    Args:
        rgb (np.ndarray): (3,) sRGB in [0, 1].

    Returns:
        str: The one of ``COLOR_NAMES`` whose nearest example in CIELAB is
        nearest to ``rgb``.
    """
    names, examples = _examples()
    distance = np.linalg.norm(examples - rgb_to_lab(rgb), axis=1)
    return names[int(distance.argmin())]


@lru_cache(maxsize=1)
def _examples():
    """Names and CIELAB values (M, 3) of all named examples."""
    pairs = [
        (name, code)
        for name, codes in _NAME_EXAMPLES.items()
        for code in codes.split()
    ]
    colors = np.stack([hex_to_rgb(code) for _, code in pairs])
    return [name for name, _ in pairs], rgb_to_lab(colors)


@lru_cache(maxsize=8)
def _table(items):
    """Colours (M, 3) and cumulative probabilities (M,) of a weight table."""
    weights = np.array([weight for _, weight in items], np.float64)
    colors = np.stack([hex_to_rgb(code) for code, _ in items])
    return colors, np.cumsum(weights) / weights.sum()


def _draw(rng, table, n):
    colors, cumulative = _table(tuple(table.items()))
    index = np.searchsorted(cumulative, rng.random(n), side='right')
    return colors[np.minimum(index, len(colors) - 1)]


def _jitter(rng, colors, amount):
    """Move brightness together and the channels a little apart."""
    n = len(colors)
    shift = (
        rng.uniform(-amount, amount, (n, 1))
        + rng.uniform(-amount, amount, (n, 3)) * 0.5
    )
    return np.clip(colors + shift, 0, 1).astype(np.float32)


def _skin_tones(rng, n):
    anchors = np.stack([hex_to_rgb(code) for code in _SKIN])
    position = rng.random(n) * (len(anchors) - 1)
    low = position.astype(int)
    part = (position - low)[:, None].astype(np.float32)
    colors = anchors[low] * (1 - part) + anchors[low + 1] * part
    # Undertone: warm skin is yellower, cool skin rosier.
    undertone = rng.normal(0, 0.018, (n, 1)) * [0.5, 0.6, -1.5]
    undertone = undertone * colors.max(1, keepdims=True) ** 2
    return np.clip(colors + undertone, 0, 1).astype(np.float32)


def _garment_scheme(rng, n):
    """A ground colour and n - 1 others that stand out from it."""
    tables = _NEUTRALS, _ACCENTS
    chosen = [
        _jitter(rng, _draw(rng, tables[int(rng.random() < 0.34)], 1), 0.025)[0]
    ]
    for k in range(1, n):
        chosen.append(
            _companion(
                rng, chosen, accent=rng.random() < 0.45 + (0.15 * (k > 1))
            )
        )
    return np.stack(chosen).astype(np.float32)


def _companion(rng, chosen, accent, tries=8):
    """The candidate that stands out enough, or the best of several."""
    lab = rgb_to_lab(np.stack(chosen))
    table = _ACCENTS if accent else _NEUTRALS
    candidates = _jitter(rng, _draw(rng, table, tries), 0.025)
    tints = _tonal(rng, chosen[0], 2)
    if rng.random() < 0.2:  # tone in tone
        candidates = np.concatenate([tints, candidates])
    distance = np.linalg.norm(
        rgb_to_lab(candidates)[:, None] - lab[None], axis=2
    )
    # The ground must differ clearly; other companions need only half of it.
    scale = np.full(len(lab), 2.0)
    scale[0] = 1.0
    contrast = (distance * scale).min(axis=1)
    enough = np.flatnonzero(contrast >= _MIN_CONTRAST)
    return candidates[enough[0] if len(enough) else contrast.argmax()]


def _tonal(rng, color, n):
    """Lighter or darker shades of one colour, (n, 3)."""
    bright = color.mean() > 0.5
    factor = rng.uniform(0.45, 0.7, (n, 1))
    shade = color * factor if bright else 1 - (1 - color) * factor
    return shade.astype(np.float32)
