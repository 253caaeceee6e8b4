"""Discriminators."""

from .dcgan_discriminator import DCGANDiscriminator
from .feature_discriminator import FeatureDiscriminator
from .patch_discriminator import PatchDiscriminator

__all__ = [
    'DCGANDiscriminator',
    'FeatureDiscriminator',
    'PatchDiscriminator',
]
