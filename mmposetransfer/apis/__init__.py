"""What people call: models by name, inference on photographs."""

from .inferencer import PoseTransferInferencer
from .model import init_model
from .model_zoo import find_config, list_models
from .shipped_weights import list_shipped

__all__ = [
    'PoseTransferInferencer',
    'find_config',
    'init_model',
    'list_models',
    'list_shipped',
]
