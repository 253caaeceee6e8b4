"""Copy by fitted bodies, complete the rest: what a CPU can train and run."""

from .generator import CompletedPicture, CompletionGenerator
from .texture_prior import TexturePrior
from .transferer import CompletionDIPT

__all__ = [
    'CompletedPicture',
    'CompletionDIPT',
    'CompletionGenerator',
    'TexturePrior',
]
