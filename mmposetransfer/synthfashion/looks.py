"""From identities and garments to materials."""

import numpy as np

from .details import garment_decals, print_decal
from .face import eye_decal, face_decal
from .materials import CLOTH, EYE, HAIR, LEATHER, SKIN, Material
from .wardrobe import SHOES

__all__ = ['garment_materials', 'person_materials']


def _strand_texture(seed=3, size=128):
    """Brightness of strands, drawn out along v, (S, S, 3) uint8."""
    rng = np.random.default_rng(seed)
    u = np.fft.fftfreq(size)[None] * size
    v = np.fft.fftfreq(size)[:, None] * size
    band = np.exp(-((np.abs(u) / 30) ** 2) - (np.abs(v) / 1.6) ** 2)
    noise = np.fft.ifft2(
        np.fft.fft2(rng.standard_normal((size, size))) * band
    ).real
    grey = np.clip(205 + 34 * noise / noise.std(), 90, 255)
    return np.repeat(grey[..., None], 3, 2).astype(np.uint8)


#: Depth of wrinkles where it is not 0.25.
FOLDS = {
    'leggings': 0.10,
    'jeans': 0.30,
    'sweater': 0.20,
    'coat': 0.18,
    'trousers': 0.22,
    'blouse': 0.32,
    'shirt': 0.30,
    'tank_top': 0.18,
    'crop_top': 0.15,
    'socks': 0.1,
}
STRANDS = _strand_texture()


def person_materials(identity, surface, rng):
    """Materials of skin, head, eyes and hair, in this order."""
    skin, hair = tuple(identity.skin), tuple(identity.hair)
    return [
        Material(SKIN, skin, specular=0.04, gloss=12),
        Material(
            SKIN,
            skin,
            specular=0.05,
            gloss=14,
            front=face_decal(identity, surface, rng),
        ),
        Material(
            EYE,
            (0.86, 0.85, 0.84),
            specular=0.15,
            gloss=60,
            front=eye_decal(identity, surface),
        ),
        Material(
            HAIR,
            hair,
            texture=STRANDS,
            period=0.12,
            fold=0.25,
            specular=0.10,
            gloss=16,
        ),
    ]


def garment_materials(garment, surface, rng):
    """Materials of a garment: one, or upper and sole of shoes."""
    if garment.category in SHOES:
        sole = rng.choice(
            [0.95, 0.9, 0.12, 0.10],
            p=(
                (0.6, 0.2, 0.2, 0)
                if garment.category == 'sneakers'
                else (0, 0.1, 0.6, 0.3)
            ),
        )
        return [
            Material(
                LEATHER,
                texture=garment.texture,
                specular=0.12,
                gloss=25,
                seam=0.012,
                seam_dark=0.3,
            ),
            Material(LEATHER, (sole, sole, sole * 0.97), specular=0.03),
        ]
    front, back = garment_decals(garment, surface, rng)
    look = dict(
        kind=CLOTH,
        fold=FOLDS.get(garment.category, 0.25),
        seam=0.018,
        seam_dark=0.35,
    )
    if garment.pattern in ('lettering', 'graphic'):
        decal, ground = print_decal(garment, surface)
        return [Material(color=tuple(ground), front=decal, **look)]
    return [
        Material(
            texture=garment.texture,
            period=garment.period,
            front=front,
            back=back,
            **look,
        )
    ]
