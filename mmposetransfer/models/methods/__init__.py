"""Transferers: whole methods, one file each."""

from .base import BaseTransferer
from .dipt import DIPT

__all__ = ['DIPT', 'BaseTransferer']
