"""Appearance flow with sharp borders: plug-ins of mmposetransfer.

Importing the package registers them, so a config lists it in its
``custom_imports``.
"""

from .flow_head import ConvexUpsamplingFlowHead
from .loss import CharbonnierFlowLoss
from .metric import FlowWithin
from .warping import TearAwareWarp

__all__ = [
    'CharbonnierFlowLoss',
    'ConvexUpsamplingFlowHead',
    'FlowWithin',
    'TearAwareWarp',
]
