"""Flow and visibility from two poses."""

from .fitted_flow import FittedFlow
from .flow_regressor import FlowPrediction, FlowRegressor
from .pyramid_flow_head import PyramidFlowHead

__all__ = [
    'FittedFlow',
    'FlowPrediction',
    'FlowRegressor',
    'PyramidFlowHead',
]
