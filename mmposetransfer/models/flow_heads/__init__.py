"""Flow and visibility from two poses."""

from .flow_regressor import FlowPrediction, FlowRegressor
from .pyramid_flow_head import PyramidFlowHead

__all__ = ['FlowPrediction', 'FlowRegressor', 'PyramidFlowHead']
