"""Methods that need no training, to be scored beside a model."""

from .base import Baseline
from .flow_warps import FittedFlowWarp, PredictedFlowWarp
from .free import CopyReference, TrueFlowWarp, TruePicture, ZeroFlow

__all__ = [
    'Baseline',
    'CopyReference',
    'FittedFlowWarp',
    'PredictedFlowWarp',
    'TrueFlowWarp',
    'TruePicture',
    'ZeroFlow',
]
