"""Copy by fitted bodies, complete the rest: what a CPU can train and run."""

from .generator import CompletionGenerator
from .transferer import CompletionDIPT

__all__ = ['CompletionDIPT', 'CompletionGenerator']
