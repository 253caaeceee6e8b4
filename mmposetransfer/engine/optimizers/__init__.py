"""Optimizers of models with several components."""

from .bfloat16_optim_wrapper import BFloat16OptimWrapper
from .multi_optim_wrapper_constructor import MultiOptimWrapperConstructor

__all__ = ['BFloat16OptimWrapper', 'MultiOptimWrapperConstructor']
