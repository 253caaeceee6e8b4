"""Sewn and printed details of clothes, painted as decals of front and back.

Decals lie flat on the canonical T-pose: x to the body's left and y up, in
metres. Each detail is drawn in a darker or lighter shade of the cloth.
"""

import cv2
import numpy as np

__all__ = ['DETAIL_EXTENT', 'garment_decals', 'print_decal']

SIZE = 256
DETAIL_EXTENT = 0.62  # metres of a decal's side
_FINE = 4


class _Sheet:
    """A decal in the making, over a rectangle of the canonical plane."""

    def __init__(self, top, tone):
        self.canvas = np.zeros((SIZE, SIZE, 4), np.float32)
        self.top, self.tone = top, np.float32(tone)

    def _pixels(self, points):
        points = np.asarray(points, np.float64)
        pixels = np.stack(
            [points[..., 0] + DETAIL_EXTENT / 2, self.top - points[..., 1]], -1
        )
        pixels = pixels * (SIZE / DETAIL_EXTENT) - 0.5
        return np.round(pixels * 2**_FINE).astype(np.int32)

    def _paint(self, draw, points, margin, opacity, tone):
        """Draw a mask around points and blend a tone in by it."""
        pixels = self._pixels(points)
        low = np.clip((pixels.min(0) >> _FINE) - margin, 0, SIZE - 1)
        high = np.clip((pixels.max(0) >> _FINE) + margin + 2, low + 1, SIZE)
        mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
        draw(mask, pixels - (low << _FINE))
        share = mask.astype(np.float32)[..., None] * np.float32(opacity / 255)
        place = (slice(low[1], high[1]), slice(low[0], high[0]))
        paint = np.float32([*(self.tone if tone is None else tone), 1])
        self.canvas[place] += share * (paint - self.canvas[place])

    def line(self, points, width, opacity=0.6, tone=None):
        """A line of a width in metres."""
        thick = max(int(round(width * SIZE / DETAIL_EXTENT)), 1)

        def draw(mask, pixels):
            cv2.polylines(
                mask, [pixels], False, 255, thick, cv2.LINE_AA, _FINE
            )

        self._paint(draw, points, thick + 1, opacity, tone)

    def fill(self, points, opacity=0.6, tone=None):
        """A polygon."""

        def draw(mask, pixels):
            cv2.fillPoly(mask, [pixels], 255, cv2.LINE_AA, _FINE)

        self._paint(draw, points, 1, opacity, tone)

    def dots(self, points, radius, tone):
        """Buttons."""
        size = int(radius * SIZE / DETAIL_EXTENT * 2**_FINE)

        def draw(mask, pixels):
            for x, y in pixels:
                cv2.circle(
                    mask, (int(x), int(y)), size, 255, -1, cv2.LINE_AA, _FINE
                )

        self._paint(draw, points, 4, 1.0, tone)

    def finish(self):
        """The decal and its rectangle."""
        picture = cv2.convertScaleAbs(self.canvas, alpha=255)
        return picture, (
            -DETAIL_EXTENT / 2,
            self.top,
            DETAIL_EXTENT,
            DETAIL_EXTENT,
        )


def _box(x, y, width, height):
    return [
        (x, y),
        (x + width, y),
        (x + width, y - height),
        (x, y - height),
        (x, y),
    ]


def _placket(sheet, low, high, tone):
    """Button placket down the middle, with buttons."""
    for x in (-0.014, 0.014):
        sheet.line([(x, high), (x, low)], 0.003, 0.45)
    places = np.arange(high - 0.03, low, -0.075)
    sheet.dots([(0, y) for y in places], 0.006, tone)


def _collar(sheet, y):
    """The two leaves of a shirt's collar."""
    for side in (-1, 1):
        leaf = [
            (0, y - 0.012),
            (side * 0.055, y + 0.045),
            (side * 0.082, y + 0.01),
            (side * 0.055, y - 0.055),
        ]
        sheet.fill(leaf, 0.16)
        sheet.line([leaf[0], leaf[3], leaf[2]], 0.0035, 0.6)


def _upper_front(sheet, garment, surface, rng):
    low = surface.height(garment.hem)
    neck = surface.joints[12, 1] - 0.055
    light = float(sheet.tone.mean() > 0.5)
    if 'placket' in garment.details:
        _placket(sheet, low, neck + 0.02, np.full(3, 0.9 - 0.75 * light))
    if 'collar' in garment.details:
        _collar(sheet, neck)
    if 'breast_pocket' in garment.details:
        x, y = 0.045, surface.height(2.68)
        sheet.line(_box(x, y, 0.085, 0.10), 0.003, 0.5)
        sheet.line([(x, y - 0.018), (x + 0.085, y - 0.018)], 0.003, 0.4)
    if 'pocket' in garment.details:  # a hoodie's
        y = surface.height(2.3)
        sheet.line(
            [
                (-0.07, y),
                (-0.12, y - 0.10),
                (-0.12, y - 0.15),
                (0.12, y - 0.15),
                (0.12, y - 0.10),
                (0.07, y),
                (-0.07, y),
            ],
            0.0045,
            0.55,
        )
    if 'drawstring' in garment.details:
        for side in (-1, 1):
            sheet.line(
                [(side * 0.03, neck), (side * 0.036, neck - 0.15)],
                0.006,
                0.9,
                np.float32([0.93, 0.93, 0.9]),
            )
    if 'pockets' in garment.details:
        for side in (-1, 1):
            y = surface.height(2.22)
            x = side * 0.12
            sheet.line(_box(x - 0.05, y, 0.10, 0.035), 0.0035, 0.55)
    if 'zip' in garment.details:
        sheet.line(
            [(0, neck + 0.06), (0, low)],
            0.007,
            0.8,
            np.float32([0.72, 0.72, 0.74]),
        )
        sheet.line([(0, neck + 0.06), (0, low)], 0.0025, 0.8)


def _lower_front(sheet, garment, surface):
    top, crotch = surface.height(garment.top), surface.height(1.82)
    sheet.line([(-0.3, top - 0.038), (0.3, top - 0.038)], 0.003, 0.5)
    if 'fly' in garment.details:
        sheet.line([(0, top), (0, crotch)], 0.003, 0.5)
        sheet.line(
            [
                (0.032, top - 0.035),
                (0.03, crotch + 0.06),
                (0.004, crotch + 0.03),
            ],
            0.003,
            0.4,
        )
        sheet.dots([(0, top - 0.019)], 0.008, np.float32([0.75, 0.66, 0.45]))
    if 'pockets' in garment.details:
        for side in (-1, 1):
            t = np.linspace(0, np.pi / 2, 8)
            sheet.line(
                np.stack(
                    [
                        side * (0.16 - 0.085 * np.cos(t)),
                        top - 0.038 - 0.075 * np.sin(t),
                    ],
                    1,
                ),
                0.0035,
                0.6,
            )


def _lower_back(sheet, garment, surface):
    top = surface.height(garment.top)
    sheet.line([(-0.3, top - 0.038), (0.3, top - 0.038)], 0.003, 0.5)
    sheet.line(
        [(-0.3, top - 0.09), (0, top - 0.11), (0.3, top - 0.09)], 0.003, 0.4
    )
    for side in (-1, 1):
        x, y = side * 0.085, top - 0.125
        sheet.line(
            [
                (x - 0.055, y),
                (x + 0.055, y),
                (x + 0.05, y - 0.11),
                (x, y - 0.135),
                (x - 0.05, y - 0.11),
                (x - 0.055, y),
            ],
            0.004,
            0.6,
        )


def garment_decals(garment, surface, rng):
    """Details of a garment.

    Args:
        garment (Garment): With its texture.
        surface (BodySurface): The body.
        rng (np.random.Generator): For what is left open.

    Returns:
        tuple: Decals of front and back as ``Material`` takes them, None
        where there is nothing to paint.
    """
    if not garment.details:
        return None, None
    mean = garment.texture[::8, ::8].mean((0, 1)) / 255
    tone = mean * 0.35 if mean.mean() > 0.22 else mean * 0.5 + 0.22
    if garment.is_upper:
        front = _Sheet(surface.height(3.05), tone)
        _upper_front(front, garment, surface, rng)
        return front.finish(), None
    sheets = [
        _Sheet(surface.height(garment.top) + 0.02, tone) for _ in range(2)
    ]
    _lower_front(sheets[0], garment, surface)
    if 'back_pockets' in garment.details:
        _lower_back(sheets[1], garment, surface)
    return sheets[0].finish(), sheets[1].finish()


def print_decal(garment, surface):
    """A placed pattern as a decal of the chest.

    Args:
        garment (Garment): With a print as its texture.
        surface (BodySurface): The body.

    Returns:
        tuple: The print without its ground and its rectangle; the colour of
        the ground, (3,) sRGB in [0, 1].
    """
    print_ = garment.texture.astype(np.float32) / 255
    border = np.concatenate(
        [print_[0], print_[-1], print_[:, 0], print_[:, -1]]
    )
    ground = np.median(border, axis=0)
    apart = np.abs(print_ - ground).sum(2)
    opacity = np.clip((apart - 0.02) / 0.10, 0, 1)[..., None]
    picture = np.concatenate([print_ * opacity, opacity], 2)
    low = max(surface.height(garment.hem), surface.height(1.95))
    top = surface.joints[12, 1] - 0.06
    side = top - low
    return (
        (picture * 255 + 0.5).astype(np.uint8),
        (-side / 2, top, side, side),
    ), ground
