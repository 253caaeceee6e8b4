"""Whole methods: a folder each, and what they share."""

from .base import BaseTransferer
from .completion import CompletionDIPT, CompletionGenerator
from .dipt import DIPT, DualPathGenerator, PixelWarping, SinglePathGenerator
from .gan import AdversarialTransferer
from .gfla import GFLA
from .patn import PATN, PATNGenerator, ResidualDiscriminator
from .pg2 import PG2

__all__ = [
    'CompletionDIPT',
    'CompletionGenerator',
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
