# Copyright (c) the mmposetransfer authors. Licensed under Apache-2.0.
"""Prints that have one place on a garment: words, pictures, dip-dye.

The tile covers the garment's front once: u = 0.5 is the middle of the
body, v = 0 the garment's upper edge and v = 1 its lower one. Left and right
edges wrap; nothing but the ground colour lies near them for words and
pictures.
"""

import cv2
import numpy as np

from .fields import canvas, coordinates, coverage, noise, norm, over, ramp

_WORDS = (
    'PARIS',
    'TOKYO',
    'OSLO',
    'ROMA',
    'MILANO',
    'HARBOUR',
    'SURF',
    'LOVE',
    'SUNDAY',
    'HELLO',
    'RIVER',
    'CLUB',
    'VARSITY',
    'ATHLETIC',
    'NORTH',
    'COFFEE',
    'MUSIC',
    'WILD',
    'DREAM',
    'RUNNER',
    'CITY',
    'OCEAN',
    'AMOUR',
    'BONJOUR',
    'CIAO',
    'MERCI',
    'SUMMER',
    'STUDIO',
    'RECORDS',
    'MOUNTAIN',
)
_SECOND_LINES = (
    'EST. 1984',
    'SINCE 1972',
    'ORIGINAL',
    'STUDIO',
    'TEAM 07',
    'CLUB',
    'BEACH',
    'WEEKEND',
    'UNIVERSITY',
    'No. 23',
)
_FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)


def text_mask(text, font, width, size, v, weight=2, slant=0.0):
    """Coverage of a line of text centred at u = 0.5.

    Args:
        text (str): ASCII letters.
        font (int): An OpenCV Hershey font.
        width (float): Width of the line, in tiles.
        size (int): Side of the tile in pixels.
        v (float): Height of the line's middle.
        weight (int): Thickness of the pen.
        slant (float): Shear to the right of the letters.

    Returns:
        np.ndarray: (size, size) float32 in [0, 1].
    """
    (w, h), base = cv2.getTextSize(text, font, 2.0, weight)
    pad = 2 * weight + 8
    line = np.zeros((h + base + 2 * pad, w + 2 * pad), np.uint8)
    cv2.putText(
        line, text, (pad, pad + h), font, 2.0, 255, weight, cv2.LINE_AA
    )
    scale = width * size / w
    middle = pad + w / 2, pad + h / 2
    matrix = np.array([[scale, -scale * slant, 0], [0, scale, 0]])
    matrix[:, 2] = [0.5 * size - 0.5, v * size - 0.5] - matrix[:, :2] @ middle
    if scale < 1:  # keep thin strokes when the letters get small
        line = cv2.GaussianBlur(line, (0, 0), 0.35 / scale)
    mask = cv2.warpAffine(line, matrix, (size, size), flags=cv2.INTER_LINEAR)
    return mask.astype(np.float32) / 255


def lettering(rng, size, colors):
    """A word on the chest, often with a smaller line below."""
    image = canvas(size, colors[0])
    word = str(rng.choice(_WORDS))
    font = int(rng.choice(_FONTS))
    width = np.clip(0.07 * len(word), 0.3, 0.5) * rng.uniform(0.9, 1.15)
    slant = float(rng.choice([0, 0, 0.25]))
    v = rng.uniform(0.3, 0.36)
    weight = int(rng.integers(5, 10))
    letters = text_mask(word, font, width, size, v, weight, slant)
    tall = 0.6 * width / len(word)
    if rng.random() < 0.25:  # letters cut out of a coloured bar
        u, w = coordinates(size)
        bar = coverage(width * 0.58 - abs(u - 0.5), size) * coverage(
            1.1 * tall - abs(w - v), size
        )
        letters = bar * (1 - letters)
    over(image, letters, colors[1])
    if rng.random() < 0.6:
        below = v + 1.1 * tall + 0.04
        line = str(rng.choice(_SECOND_LINES))
        over(
            image,
            text_mask(
                line,
                cv2.FONT_HERSHEY_DUPLEX,
                0.02 * len(line) + 0.08,
                size,
                below,
                4,
            ),
            colors[1],
        )
    return image


def graphic(rng, size, colors):
    """A picture on the chest: a sun, a number, a star, a hill, a badge."""
    image = canvas(size, colors[0])
    draw = (_sunset, _number, _star, _badge, _hills)[int(rng.integers(5))]
    draw(rng, image, size, colors, rng.uniform(0.36, 0.42))
    return image


def _disc(size, v, radius):
    u, w = coordinates(size)
    return coverage(radius - norm(u - 0.5, w - v), size)


def _sunset(rng, image, size, colors, v):
    """A disc cut by bars that grow downwards."""
    _, w = coordinates(size)
    radius = rng.uniform(0.15, 0.2)
    t = (w - v) / radius
    bars = np.abs((t * 3.5) % 1 - 0.5) * 2 < np.clip(1.1 - t, 0, 1)
    mask = _disc(size, v, radius) * np.where(t > 0, bars, 1)
    image[:] = np.where(
        mask[..., None] > 0,
        ramp(np.broadcast_to(0.5 + 0.5 * t, (size, size)), colors[1:3]),
        image,
    )


def _number(rng, image, size, colors, v):
    text = str(int(rng.integers(1, 100)))
    font = cv2.FONT_HERSHEY_TRIPLEX
    width = 0.16 * len(text)
    over(image, text_mask(text, font, width, size, v, 12), colors[2])
    over(image, text_mask(text, font, width, size, v, 5), colors[1])


def _star(rng, image, size, colors, v):
    u, w = coordinates(size)
    radius = norm(u - 0.5, w - v)
    # Fold the plane onto half a point: its tip at angle 0, notch at 36 deg.
    angle = np.abs(
        (np.arctan2(u - 0.5, v - w) + np.pi / 5) % (2 * np.pi / 5) - np.pi / 5
    )
    tip = rng.uniform(0.15, 0.2)
    notch = 0.4 * tip * np.array([np.cos(np.pi / 5), np.sin(np.pi / 5)])
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    along = np.array([tip, 0]) - notch
    inside = ((tip - x) * notch[1] - y * along[0]) / np.hypot(*along)
    over(image, coverage(inside, size), colors[1])
    ring = tip + rng.uniform(0.02, 0.03)
    over(image, coverage(0.008 - np.abs(radius - ring), size), colors[2])


def _badge(rng, image, size, colors, v):
    radius = rng.uniform(0.15, 0.2)
    over(image, _disc(size, v, radius), colors[1])
    over(image, _disc(size, v, radius * 0.88), colors[0])
    over(image, _disc(size, v, radius * 0.82), colors[2])
    word = str(rng.choice(_WORDS))[:6]
    over(
        image,
        text_mask(word, cv2.FONT_HERSHEY_DUPLEX, radius * 1.25, size, v, 5),
        colors[0],
    )


def _hills(rng, image, size, colors, v):
    """A landscape in a rectangle."""
    u, w = coordinates(size)
    half_w, half_h = 0.2, rng.uniform(0.16, 0.22)
    inside = coverage(half_w - np.abs(u - 0.5), size) * coverage(
        half_h - np.abs(w - v), size
    )
    over(image, inside, colors[1])
    over(image, inside * _disc(size, v - 0.05, 0.05), colors[0])
    for level, color in ((0.02, colors[2]), (0.09, colors[3])):
        ridge = (
            v
            + level
            + 0.03 * np.sin(2 * np.pi * (u * rng.uniform(3, 6) + rng.random()))
        )
        over(image, inside * coverage(w - ridge, size), color)


def gradient(rng, size, colors):
    """Dip-dye: one colour running into another from top to bottom."""
    _, v = coordinates(size)
    middle, width = rng.uniform(0.4, 0.7), rng.uniform(0.2, 0.5)
    t = np.clip((v - middle) / width + 0.5, 0, 1)
    field = t * t * (3 - 2 * t) + 0.02 * noise(rng, size, 8, 2)
    return ramp(field, colors[:2])


def colour_block(rng, size, colors):
    """Two or three broad horizontal panels."""
    _, v = coordinates(size)
    image = canvas(size, colors[0])
    first = rng.uniform(0.3, 0.5)
    second = first + rng.uniform(0.14, 0.3)
    over(image, coverage(v - first, size), colors[1])
    if rng.random() < 0.6:
        over(image, coverage(v - second, size), colors[2])
    return image
