"""Whole methods: a folder each, and what they share."""

from .base import BaseTransferer
from .dipt import DIPT, DualPathGenerator, PixelWarping, SinglePathGenerator
from .gan import AdversarialTransferer

__all__ = [
    'DIPT',
    'AdversarialTransferer',
    'BaseTransferer',
    'DualPathGenerator',
    'PixelWarping',
    'SinglePathGenerator',
]
