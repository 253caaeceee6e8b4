"""Perceptual loss on VGG19 features."""

import logging

import torch
import torch.nn.functional as F
from mmengine.dist import is_main_process
from mmengine.logging import print_log
from torch import nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.checkpoint import read_state_dict
from mmposetransfer.registry import MODELS

from ..frozen import freeze
from ..precision import at_least_float32

__all__ = ['PerceptualLoss', 'VGG19Features']

# Convolutions of VGG19 a block; the numbering of torchvision's `features`.
_BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)
_FALLBACK_SEED = 19
#: Torchvision's VGG19, trained on ImageNet; 548 MB.
VGG19_URL = 'https://download.pytorch.org/models/vgg19-dcbb9e9d.pth'
#: In place of a path, says that random features are meant.
RANDOM = 'random'


def _vgg19_layers():
    """Layers and their names, such as ``relu3_1``, in torchvision's order."""
    layers, names, channels = [], [], 3
    for block, (width, depth) in enumerate(_BLOCKS, 1):
        for conv in range(1, depth + 1):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            names += [f'conv{block}_{conv}', f'relu{block}_{conv}']
            channels = width
        layers.append(nn.MaxPool2d(2))
        names.append(f'pool{block}')
    return layers, names


def _tell_of_random_features(nobody_asked):
    """Once a run: what is lost where nobody asked for random features."""
    if not is_main_process():
        return
    if not nobody_asked:
        print_log(
            'The perceptual loss compares random features, as the '
            f"config's pretrained='{RANDOM}' says.",
            logger='current',
        )
        return
    print_log(
        'The perceptual loss has no ImageNet weights of VGG19 and compares '
        'random features, which see edges and colours, but neither textures '
        'nor what is shown: pictures are held to the truth less well, and '
        "numbers are not those of the paper's loss. Download the weights "
        '(548 MB, once) by --cfg-options '
        f'model.loss_perceptual.pretrained={VGG19_URL} or name a file of '
        f"them there; pretrained='{RANDOM}' says that this is meant.",
        logger='current',
        level=logging.WARNING,
    )


class VGG19Features(nn.Module):
    """Activations of named VGG19 layers, frozen.

    The weights are buffers that are no part of the state: a checkpoint of the
    model neither holds them nor replaces those that the config names.

    Args:
        layers (Sequence[str]): Names such as ``relu1_1``.
        pretrained (str, optional): Path or URL of torchvision's VGG19
            checkpoint (keys ``features.N.weight``). A URL is downloaded
            because you named it; nothing is without. ``'random'`` draws the
            weights from a fixed seed: random features still compare local
            structure, though worse than ImageNet's. None does so as well,
            and warns of it.
    """

    def __init__(self, layers, pretrained=None):
        super().__init__()
        modules, names = _vgg19_layers()
        unknown = sorted(set(layers) - set(names))
        if unknown:
            raise UserValueError(
                f'VGG19 has no layer {unknown}; layers are {", ".join(names)}.'
            )
        last = max(names.index(layer) for layer in layers)
        self.features = nn.Sequential(*modules[: last + 1])
        self.taps = {names.index(layer): layer for layer in layers}
        if pretrained in (None, RANDOM):
            _tell_of_random_features(pretrained is None)
            self._init_random()
        else:
            self._load(pretrained)
        for module in self.features:
            freeze(module)
        self.register_buffer(
            'mean', torch.tensor(_MEAN).view(3, 1, 1), persistent=False
        )
        self.register_buffer(
            'std', torch.tensor(_STD).view(3, 1, 1), persistent=False
        )

    def _init_random(self):
        generator = torch.Generator().manual_seed(_FALLBACK_SEED)
        for module in self.features:
            if isinstance(module, nn.Conv2d):
                # Kaiming's; torch 2.1 has no initializer with a generator.
                std = (2 / module.weight[0].numel()) ** 0.5
                module.weight.data.normal_(0, std, generator=generator)
                nn.init.zeros_(module.bias)

    def _load(self, pretrained):
        state = read_state_dict(pretrained)
        wanted = self.state_dict()
        missing = sorted(set(wanted) - set(state))
        if missing:
            raise UserValueError(
                f"'{pretrained}' is not a VGG19 checkpoint of "
                f'torchvision: it lacks {missing[:4]}.'
            )
        self.load_state_dict({key: state[key] for key in wanted})

    def forward(self, img):
        """Activations by layer name, for RGB in [-1, 1], (N, 3, H, W)."""
        x = ((img + 1) / 2 - self.mean) / self.std
        activations = {}
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in self.taps:
                activations[self.taps[index]] = x
        return activations

    def train(self, mode=True):
        """Stay in eval mode: the features are never trained."""
        return super().train(False)


@MODELS.register_module()
class PerceptualLoss(nn.Module):
    """Distance of VGG19 features (eq. 6).

    Args:
        layer_weights (dict[str, float]): Weight of each layer. The default
            is that of the paper's implementation.
        pretrained (str, optional): See :class:`VGG19Features`.
        criterion (str): ``l1`` (the implementation) or ``l2``, squared (the
            paper).
        loss_weight (float): Factor of the loss.
    """

    CRITERIA = dict(l1=F.l1_loss, l2=F.mse_loss)

    def __init__(
        self,
        layer_weights=dict(  # noqa: B006
            relu1_1=0.125,
            relu2_1=0.125,
            relu3_1=0.125,
            relu4_1=0.125,
            relu5_1=0.125,
        ),
        pretrained=None,
        criterion='l1',
        loss_weight=1.0,
    ):
        super().__init__()
        if criterion not in self.CRITERIA:
            raise UserValueError(
                f'criterion must be one of '
                f'{sorted(self.CRITERIA)}, got {criterion!r}.'
            )
        self.layer_weights = dict(layer_weights)
        self.criterion = criterion
        self.loss_weight = loss_weight
        self.vgg = VGG19Features(tuple(layer_weights), pretrained)

    def forward(self, pred, target):
        """Compare RGB images in [-1, 1], (N, 3, H, W); returns a scalar."""
        with torch.no_grad():
            wanted = self.vgg(target)
        got = self.vgg(pred)
        compare = self.CRITERIA[self.criterion]
        return self.loss_weight * sum(
            weight
            * compare(
                at_least_float32(got[layer]), at_least_float32(wanted[layer])
            )
            for layer, weight in self.layer_weights.items()
        )
