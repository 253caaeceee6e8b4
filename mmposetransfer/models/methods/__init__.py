"""Whole methods: a folder each, and what they share."""

from .base import BaseTransferer
from .dipt import DIPT, DualPathGenerator, PixelWarping, SinglePathGenerator
from .gan import AdversarialTransferer
from .gfla import GFLA
from .patn import PATN, PATNGenerator, ResidualDiscriminator
from .pg2 import PG2

__all__ = [
    'DIPT',
    'GFLA',
    'PATN',
    'PG2',
    'AdversarialTransferer',
    'BaseTransferer',
    'DualPathGenerator',
    'PATNGenerator',
    'PixelWarping',
    'ResidualDiscriminator',
    'SinglePathGenerator',
]
