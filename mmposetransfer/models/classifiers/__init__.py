"""Classifiers of clothes, which metrics look at pictures with."""

from .clothing_classifier import ClothingClassifier
from .preprocessor import ClothingPreprocessor
from .trunks import InceptionTrunk, LiteTrunk, ResNetTrunk, fit_pictures

__all__ = [
    'ClothingClassifier',
    'ClothingPreprocessor',
    'InceptionTrunk',
    'LiteTrunk',
    'ResNetTrunk',
    'fit_pictures',
]
