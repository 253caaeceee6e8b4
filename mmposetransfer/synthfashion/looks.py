"""From identities and garments to materials."""

from .materials import CLOTH, EYE, HAIR, LEATHER, SKIN, Material

__all__ = ['garment_material', 'person_materials']


def person_materials(identity, surface):
    """Materials of skin, head, eyes and hair, in this order."""
    skin = tuple(identity.skin)
    return [
        Material(SKIN, skin, specular=0.04, gloss=12),
        Material(SKIN, skin, specular=0.05, gloss=14),
        Material(EYE, (0.9, 0.9, 0.9), specular=0.3, gloss=60),
        Material(HAIR, tuple(identity.hair), fold=0.3, specular=0.08,
                 gloss=18)]


def garment_material(garment, surface, rng):
    """Material of a garment."""
    if garment.category in ('shoes', 'sneakers', 'boots'):
        return Material(LEATHER, texture=garment.texture, specular=0.12,
                        gloss=25)
    return Material(CLOTH, texture=garment.texture, period=garment.period,
                    fold=0.25, specular=0.01, gloss=6, seam=0.018,
                    seam_dark=0.35)
