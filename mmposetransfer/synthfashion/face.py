"""Faces: brows, lids, lips, colour of cheeks and beard, painted as decals.

Places are canonical metres from the middle between the eyes, x to the body's
left and y up; the head's shape gives nose, ears and chin.
"""

from functools import lru_cache

import cv2
import numpy as np

__all__ = ['eye_decal', 'face_decal']

SIZE = 128
EXTENT = 0.2  # metres
TOP = 0.085  # metres above the eyes
EYE_X = 0.029
_FINE = 4  # bits of cv2's subpixel places


def _pixels(points):
    """Places in metres as cv2's fixed-point pixels of the decal."""
    points = np.asarray(points, np.float64)
    pixels = (
        np.stack([points[..., 0] + EXTENT / 2, TOP - points[..., 1]], -1)
        * (SIZE / EXTENT)
        - 0.5
    )
    return np.round(pixels * 2**_FINE).astype(np.int32)


def _mask(draw, points, margin):
    """Draw into the part of the decal around some points.

    Returns:
        tuple: Opacity (h, w) float32 and the slices where it belongs.
    """
    pixels = _pixels(points)
    low = np.maximum((pixels.min(0) >> _FINE) - margin, 0)
    high = np.minimum((pixels.max(0) >> _FINE) + margin + 2, SIZE)
    mask = np.zeros(
        (max(high[1] - low[1], 1), max(high[0] - low[0], 1)), np.uint8
    )
    draw(mask, pixels - (low << _FINE))
    return mask, (
        slice(low[1], low[1] + mask.shape[0]),
        slice(low[0], low[0] + mask.shape[1]),
    )


def _polygon(points, blur=0):
    """Opacity of a polygon with a soft edge, and its place."""

    def draw(mask, pixels):
        cv2.fillPoly(mask, [pixels], 255, cv2.LINE_AA, _FINE)

    return _soft(*_mask(draw, points, 1 + blur), blur)


def _line(points, width, blur=0):
    """Opacity of a line of a width in metres, and its place."""
    thick = max(int(width * SIZE / EXTENT + 0.5), 1)

    def draw(mask, pixels):
        cv2.polylines(mask, [pixels], False, 255, thick, cv2.LINE_AA, _FINE)

    return _soft(*_mask(draw, points, 1 + blur + thick), blur)


# Most of a face lies at the same place in every face: its shapes are kept.
# Callers only read them.
@lru_cache(maxsize=32)
def _disc(centre, radii, blur=0):
    """Opacity of an ellipse, and its place."""
    t = np.linspace(0, 2 * np.pi, 40)
    centre = np.asarray(centre)
    return _polygon(
        centre + np.stack([radii[0] * np.cos(t), radii[1] * np.sin(t)], 1),
        blur,
    )


def _soft(mask, place, blur):
    if blur:
        mask = cv2.blur(cv2.blur(mask, (blur, blur)), (blur, blur))
    return mask.astype(np.float32) * np.float32(1 / 255), place


def _over(canvas, color, opacity, *shapes):
    """Paint a colour (sRGB in [0, 1]) over a premultiplied canvas."""
    paint = np.float32([*color, 1])
    for mask, place in shapes:
        share = (mask * np.float32(opacity))[..., None]
        canvas[place] += share * (paint - canvas[place])


def _finish(canvas, surface):
    # Painted on the body's left; the right side is its mirror image.
    canvas[:, : SIZE // 2] = canvas[:, : SIZE // 2 - 1 : -1]
    picture = cv2.convertScaleAbs(canvas, alpha=255)
    return picture, (-EXTENT / 2, surface.eye_height + TOP, EXTENT, EXTENT)


@lru_cache(maxsize=4)
def _lid(height, width):
    """Opacity of the line along a lid, and its place.

    Args:
        height (float): Of the lid's middle, as a share of the upper lid's.
        width (float): Of the line, metres.
    """
    t = np.linspace(0, np.pi, 12)
    upper = np.stack(
        [EYE_X + 0.0150 * np.cos(t), 0.0005 + 0.0058 * np.sin(t)], 1
    )
    return _line(upper * [1, height], width)


def _paint_eyes(canvas, skin, feminine, makeup):
    """Sockets, lids and lashes around the openings."""
    shade = skin * [0.62, 0.52, 0.5]
    _over(
        canvas, shade, 0.45, _disc((EYE_X - 0.004, 0.006), (0.019, 0.010), 5)
    )
    dark = 0.35 * skin * [0.5, 0.42, 0.42]
    _over(
        canvas,
        dark,
        0.95 if feminine else 0.75,
        _lid(1.0, 0.0030 if makeup else 0.0022),
    )
    _over(canvas, dark, 0.4, _lid(-0.8, 0.0014))


def _paint_brows(canvas, hair, feminine, rng):
    high = rng.uniform(0.016, 0.020)
    arch = rng.uniform(0.001, 0.005)
    thick = 0.0042 if feminine else 0.0062
    inner, outer = 0.013, 0.046
    t = np.linspace(0, 1, 10)
    x = inner + (outer - inner) * t
    middle = high + arch * np.sin(np.pi * t**0.8) - 0.004 * t**3
    half = (
        thick
        * (0.5 + 0.35 * np.sin(np.pi * (0.2 + 0.6 * t)))
        * (1 - 0.75 * t**3)
    )
    outline = np.concatenate(
        [
            np.stack([x, middle + half], 1),
            np.stack([x, middle - half], 1)[::-1],
        ]
    )
    _over(canvas, hair * 0.55, 0.85, _polygon(outline))


def _paint_lips(canvas, skin, makeup, rng):
    y, corner = -0.071, 0.0225
    t = np.linspace(-1, 1, 17)
    bow = 0.0085 * (1 - t**2) ** 0.8 - 0.0022 * np.exp(-((t / 0.22) ** 2))
    full = rng.uniform(0.85, 1.15)
    line = y + 0.0012 * np.cos(2 * np.pi * t)
    upper = np.stack([corner * t, y + full * bow], 1)
    lower = np.stack([corner * t, y - full * 0.0115 * (1 - t**2) ** 0.8], 1)
    natural = skin * [0.86, 0.60, 0.60] + [0.04, 0, 0.01]
    stick = np.float32(
        ((0.72, 0.10, 0.16), (0.55, 0.07, 0.15), (0.80, 0.32, 0.36))[
            int(rng.integers(3))
        ]
    )
    color = natural * (1 - 0.8 * makeup) + stick * 0.8 * makeup
    _over(canvas, color, 0.85, _polygon(np.concatenate([upper, lower[::-1]])))
    _over(
        canvas,
        color * 0.35,
        0.75,
        _line(np.stack([corner * t, line], 1), 0.0018),
    )


@lru_cache(maxsize=1)
def _beard():
    """Opacity of a full beard, and its place."""
    t = np.linspace(-1, 1, 21)
    jaw = np.stack([0.066 * t, -0.140 + 0.105 * np.abs(t) ** 2.5], 1)
    cheek = np.stack(
        [
            0.064 * t[::-1],
            -0.054
            - 0.018 * np.sin(np.pi * np.abs(t[::-1])) ** 2
            + 0.022 * t[::-1] ** 4,
        ],
        1,
    )
    return _polygon(np.concatenate([jaw, cheek]), 9)


def _paint_beard(canvas, identity):
    dark = identity.hair * 0.4 + identity.skin * 0.25
    _over(canvas, dark, identity.beard, _beard())


def face_decal(identity, surface, rng):
    """Paint a face.

    Args:
        identity (Identity): Who.
        surface (BodySurface): The body.
        rng (np.random.Generator): For brows and lips.

    Returns:
        tuple: (128, 128, 4) uint8 RGBA, colours multiplied by opacity, and
        its canonical rectangle (left, top, width, height) in metres.
    """
    canvas = np.zeros((SIZE, SIZE, 4), np.float32)
    skin = identity.skin
    rosy = np.clip(skin * [1.02, 0.74, 0.72], 0, 1)
    _over(canvas, rosy, 0.28, _disc((0.042, -0.035), (0.020, 0.017), 11))
    _over(canvas, skin * 0.55, 0.5, _disc((0.0085, -0.0475), (0.0042, 0.0022)))
    if identity.beard > 0:
        _paint_beard(canvas, identity)
    _paint_eyes(canvas, skin, identity.feminine, identity.makeup)
    _paint_brows(canvas, identity.hair, identity.feminine, rng)
    _paint_lips(canvas, skin, identity.makeup, rng)
    return _finish(canvas, surface)


def eye_decal(identity, surface):
    """Paint the irises onto the eyeballs.

    Args:
        identity (Identity): Who.
        surface (BodySurface): The body.

    Returns:
        tuple: As of :func:`face_decal`.
    """
    canvas = np.zeros((SIZE, SIZE, 4), np.float32)
    eye = (EYE_X, 0.0)
    _over(
        canvas, (0.25, 0.2, 0.2), 0.5, _disc((EYE_X, 0.0065), (0.018, 0.0040))
    )
    _over(canvas, identity.eyes * 0.45, 1, _disc(eye, (0.0066, 0.0066)))
    _over(canvas, identity.eyes, 1, _disc(eye, (0.0050, 0.0050)))
    _over(canvas, (0.02, 0.02, 0.02), 1, _disc(eye, (0.0026, 0.0026)))
    _over(
        canvas, (1, 1, 1), 1, _disc((EYE_X + 0.001, 0.0022), (0.0013, 0.0013))
    )
    return _finish(canvas, surface)
