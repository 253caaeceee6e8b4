"""Datasets of (reference, target) pairs and their transforms."""

from .synthfashion_dataset import SynthFashionDataset

__all__ = ['SynthFashionDataset']
