"""What surfaces look like: a table of materials, textures and decals.

A texture repeats over cloth by its chart coordinates; a decal is a picture
with opacity laid once over the front or the back, by the canonical place.
Both are kept as pyramids of halved pictures, from which a renderer takes the
level that fits its pixels.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np

__all__ = [
    'CLOTH',
    'EYE',
    'HAIR',
    'LEATHER',
    'NO_SIDE',
    'BACK',
    'FRONT',
    'SKIN',
    'Material',
    'MaterialTable',
    'fold_map',
    'srgb_to_linear',
]

CLOTH, SKIN, HAIR, EYE, LEATHER = range(5)
NO_SIDE, FRONT, BACK = range(3)

# Columns of MaterialTable.rows, as the shader reads them.
(
    KIND,
    RED,
    GREEN,
    BLUE,
    TEXTURE,
    PERIOD,
    DECAL_FRONT,
    DECAL_BACK,
    FOLD,
    SPECULAR,
    GLOSS,
    SEAM,
    SEAM_DARK,
    COLUMNS,
) = range(14)


def srgb_to_linear(values):
    """Linear light of sRGB values in [0, 1]."""
    values = np.asarray(values, np.float32)
    return np.where(
        values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4
    ).astype(np.float32)


@dataclass(frozen=True)
class Material:
    """Look of one surface.

    Attributes:
        kind (int): ``CLOTH``, ``SKIN``, ``HAIR``, ``EYE`` or ``LEATHER``.
        color (tuple): sRGB in [0, 1], multiplied with the texture.
        texture (np.ndarray): (S, S, 3) uint8 RGB that repeats, or None.
        period (float): Metres that the texture covers.
        front (tuple): Decal of the front: (S, S, 4) uint8 RGBA with colours
            multiplied by opacity, and its canonical rectangle (left, top,
            width, height) in metres. None for none.
        back (tuple): Decal of the back.
        fold (float): Depth of wrinkles, about the tangent of their slope.
        specular (float): Strength of the highlight.
        gloss (float): Exponent of the highlight.
        seam (float): Metres between the edge of cloth and its seam; 0: none.
        seam_dark (float): How much darker the seam is, in [0, 1].
    """

    kind: int = CLOTH
    color: tuple = (1.0, 1.0, 1.0)
    texture: object = field(default=None, repr=False)
    period: float = 0.3
    front: tuple | None = field(default=None, repr=False)
    back: tuple | None = field(default=None, repr=False)
    fold: float = 0.0
    specular: float = 0.0
    gloss: float = 10.0
    seam: float = 0.0
    seam_dark: float = 0.0


def _pyramid(picture):
    levels = [picture]
    while levels[-1].shape[0] > 8:
        size = levels[-1].shape[0] // 2
        levels.append(
            cv2.resize(levels[-1], (size, size), interpolation=cv2.INTER_AREA)
        )
    return levels


class MaterialTable:
    """Materials packed for the shader.

    Args:
        materials (Sequence[Material]): In the order of the faces' indices.
        finest (float): Metres in the smallest sample that will be asked for;
            levels finer than it needs are dropped.

    Attributes:
        rows (np.ndarray): (M, COLUMNS) float32.
        texels (np.ndarray): (N,) uint8, all levels of all pictures.
        rects (np.ndarray): (T, 4) float32 rectangles of the decals.
    """

    def __init__(self, materials, finest=0.0):
        self._finest = finest
        self._rects = []
        self._levels = []
        rows = [self._row(material) for material in materials]
        self.rows = np.array(rows, np.float32)
        flat = [level.ravel() for levels in self._levels for level in levels]
        self.texels = np.concatenate(flat) if flat else np.zeros(1, np.uint8)
        self.rects = np.array(self._rects or [(0, 0, 1, 1)], np.float32)
        self._table = self._offsets()

    def _add(self, picture, rect):
        if picture is None:
            return -1
        levels = _pyramid(picture)
        texel = max(rect[2:]) / len(picture)
        while len(levels) > 1 and 2.5 * texel < self._finest:
            levels.pop(0)
            texel *= 2
        self._levels.append(levels)
        self._rects.append(rect)
        return len(self._rects) - 1

    def _row(self, material):
        texture = self._add(
            material.texture, (0, 0, material.period, material.period)
        )
        front, back = (
            self._add(*decal) if decal else -1
            for decal in (material.front, material.back)
        )
        return (
            material.kind,
            *srgb_to_linear(material.color),
            texture,
            material.period,
            front,
            back,
            material.fold,
            material.specular,
            material.gloss,
            material.seam,
            material.seam_dark,
        )

    def _offsets(self):
        table, offset = [], 0
        for levels in self._levels:
            entry = []
            for level in levels:
                entry.append((offset, level.shape[0], level.shape[2]))
                offset += level.size
            table.append(entry)
        return table

    def levels(self, footprint):
        """The levels of all pictures for pixels of a size.

        Args:
            footprint (float): Metres of cloth in a sample.

        Returns:
            np.ndarray: (T, 3) int32: offset in ``texels``, size, channels.
        """
        chosen = []
        for rect, entry in zip(self._rects, self._table, strict=True):
            texel = max(rect[2:]) / entry[0][1]
            level = np.log2(footprint / texel) + 0.4
            chosen.append(entry[int(min(max(level, 0), len(entry) - 1))])
        return np.array(chosen or [(0, 1, 1)], np.int32)


FOLD_SIZE, FOLD_PERIOD = 256, 0.7


def fold_map(seed=5):
    """Slopes of wrinkled cloth, tileable.

    Noise between 4 and 16 waves a tile, drawn out along the cloth and
    sharpened to creases, as slopes of unit mean square.

    Returns:
        np.ndarray: (256, 256, 2) float32.
    """
    rng = np.random.default_rng(seed)
    size = FOLD_SIZE
    fy = np.fft.fftfreq(size)[:, None] * size
    fx = np.fft.fftfreq(size)[None] * size
    height = 0
    for stretch, angle in ((2.2, 0.5), (2.2, -0.6), (1.6, 0.0)):
        u = fx * np.cos(angle) + fy * np.sin(angle)
        v = -fx * np.sin(angle) + fy * np.cos(angle)
        radius = np.hypot(u, v * stretch)
        band = np.exp(-((np.log(np.maximum(radius, 0.1) / 6)) ** 2) / 0.35)
        noise = np.fft.fft2(rng.standard_normal((size, size)))
        layer = np.fft.ifft2(noise * band).real
        height = height + np.tanh(1.2 * layer / layer.std())
    slope = np.stack(
        [
            np.roll(height, -1, 1) - np.roll(height, 1, 1),
            np.roll(height, -1, 0) - np.roll(height, 1, 0),
        ],
        -1,
    )
    return (slope / slope.std()).astype(np.float32)
