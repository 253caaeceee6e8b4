"""SynthFashion: a world of dressed people that knows the truth."""

from .attributes import ATTRIBUTES
from .world import SPLITS, SynthFashionWorld

__all__ = ['ATTRIBUTES', 'SPLITS', 'SynthFashionWorld']
