"""What PATN's generator and discriminators are made of."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from mmposetransfer.errors import UserValueError

__all__ = ['conv_norm', 'encoder', 'init_normal', 'norm_layer', 'two_convs']

NORMS = dict(instance=nn.InstanceNorm2d, batch=nn.BatchNorm2d)
INIT_STD = 0.02


def norm_layer(norm: str, channels: int) -> nn.Module:
    """A normalisation by its name.

    Args:
        norm (str): ``instance``, without weights of its own (DeepFashion), or
            ``batch`` (Market-1501).
        channels (int): Of the features.

    Raises:
        ValueError: For another name.
    """
    if norm not in NORMS:
        raise UserValueError(
            f'norm must be one of {list(NORMS)}, got {norm!r}.'
        )
    return NORMS[norm](channels)


def _conv(in_channels, out_channels, kernel_size, norm):
    """Reflection padding and a convolution of the same size.

    Beside instance normalisation it has a bias, which the normalisation takes
    away again: as published, so that the parameters are as many.
    """
    return nn.Conv2d(
        in_channels,
        out_channels,
        kernel_size,
        padding=kernel_size // 2,
        padding_mode='reflect',
        bias=norm == 'instance',
    )


def conv_norm(
    in_channels: int, out_channels: int, kernel_size: int, norm: str
) -> list[nn.Module]:
    """Convolution of the same size, normalisation and ReLU."""
    return [
        _conv(in_channels, out_channels, kernel_size, norm),
        norm_layer(norm, out_channels),
        nn.ReLU(),
    ]


def encoder(
    in_channels: int, base_channels: int, num_levels: int, norm: str
) -> list[nn.Module]:
    """A 7x7 convolution, then ``num_levels`` times half the size.

    Each halving, a 3x3 convolution of stride 2, doubles the channels, from
    ``base_channels`` on.
    """
    layers = conv_norm(in_channels, base_channels, 7, norm)
    for level in range(num_levels):
        channels = base_channels * 2**level
        layers += [
            nn.Conv2d(
                channels, 2 * channels, 3, 2, 1, bias=norm == 'instance'
            ),
            norm_layer(norm, 2 * channels),
            nn.ReLU(),
        ]
    return layers


def two_convs(
    in_channels: int, out_channels: int, norm: str, dropout: float
) -> list[nn.Module]:
    """Two 3x3 convolutions, the first one normalised, dropout between them."""
    return [
        *conv_norm(in_channels, in_channels, 3, norm),
        nn.Dropout(dropout),
        _conv(in_channels, out_channels, 3, norm),
    ]


def init_normal(module: nn.Module) -> None:
    """Start convolutions from N(0, 0.02), BatchNorm from N(1, 0.02).

    Biases of convolutions start as PyTorch has them.
    """
    for layer in module.modules():
        if isinstance(layer, _ConvNd):
            nn.init.normal_(layer.weight, 0, INIT_STD)
        elif isinstance(layer, _BatchNorm):
            nn.init.normal_(layer.weight, 1, INIT_STD)
            nn.init.zeros_(layer.bias)
