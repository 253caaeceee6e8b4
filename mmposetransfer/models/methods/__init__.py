"""Whole methods: a folder each, and what they share."""

from .base import BaseTransferer
from .dipt import DIPT, DualPathGenerator, PixelWarping, SinglePathGenerator
from .gan import AdversarialTransferer
from .patn import PATN, PATNGenerator, ResidualDiscriminator

__all__ = [
    'DIPT',
    'PATN',
    'AdversarialTransferer',
    'BaseTransferer',
    'DualPathGenerator',
    'PATNGenerator',
    'PixelWarping',
    'ResidualDiscriminator',
    'SinglePathGenerator',
]
