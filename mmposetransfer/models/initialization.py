"""How weights start."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

__all__ = ['init_weights', 'init_xavier']

NORM_STD = 0.02


def init_weights(module: nn.Module) -> None:
    """Start a network as the paper's implementation does.

    Convolutions are drawn from Kaiming's normal distribution by their inputs
    (gain of a ReLU), the weights of BatchNorm from N(1, 0.02); biases are 0.
    PyTorch's own choice for convolutions has 0.41 of that deviation.

    Args:
        module (nn.Module): All layers in it are changed in place.
    """
    for layer in module.modules():
        if isinstance(layer, _ConvNd):
            nn.init.kaiming_normal_(layer.weight)
        elif isinstance(layer, _BatchNorm) and layer.affine:
            nn.init.normal_(layer.weight, 1, NORM_STD)
        else:
            continue
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


def init_xavier(module: nn.Module) -> None:
    """Draw weights from Xavier's uniform distribution; biases are 0.

    What Keras and TensorFlow do where nothing is said.

    Args:
        module (nn.Module): All convolutions and linear layers in it are
            changed in place.
    """
    for layer in module.modules():
        if isinstance(layer, (_ConvNd, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
