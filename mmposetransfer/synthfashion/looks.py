"""From identities and garments to materials."""

import numpy as np

from .materials import CLOTH, EYE, HAIR, LEATHER, SKIN, Material
from .wardrobe import SHOES

__all__ = ['garment_materials', 'person_materials']


def _strand_texture(seed=3, size=128):
    """Brightness of strands, drawn out along v, (S, S, 3) uint8."""
    rng = np.random.default_rng(seed)
    u = np.fft.fftfreq(size)[None] * size
    v = np.fft.fftfreq(size)[:, None] * size
    band = np.exp(-(np.abs(u) / 30)**2 - (np.abs(v) / 1.6)**2)
    noise = np.fft.ifft2(np.fft.fft2(rng.standard_normal((size, size))) *
                         band).real
    grey = np.clip(205 + 34 * noise / noise.std(), 90, 255)
    return np.repeat(grey[..., None], 3, 2).astype(np.uint8)


STRANDS = _strand_texture()


def person_materials(identity, surface):
    """Materials of skin, head, eyes and hair, in this order."""
    skin, hair = tuple(identity.skin), tuple(identity.hair)
    return [
        Material(SKIN, skin, specular=0.04, gloss=12),
        Material(SKIN, skin, specular=0.05, gloss=14),
        Material(EYE, (0.9, 0.9, 0.9), specular=0.3, gloss=60),
        Material(HAIR, hair, texture=STRANDS, period=0.12, fold=0.25,
                 specular=0.10, gloss=16)]


def garment_materials(garment, surface, rng):
    """Materials of a garment: one, or upper and sole of shoes."""
    if garment.category in SHOES:
        sole = rng.choice([0.95, 0.9, 0.12, 0.10], p=(
            (0.6, 0.2, 0.2, 0) if garment.category == 'sneakers' else
            (0, 0.1, 0.6, 0.3)))
        return [Material(LEATHER, texture=garment.texture, specular=0.12,
                         gloss=25, seam=0.012, seam_dark=0.3),
                Material(LEATHER, (sole, sole, sole * 0.97), specular=0.03)]
    return [Material(CLOTH, texture=garment.texture, period=garment.period,
                     fold=0.25, specular=0.01, gloss=6, seam=0.018,
                     seam_dark=0.35)]
