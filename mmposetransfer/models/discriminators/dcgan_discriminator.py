"""The discriminator of DCGAN, on whole images, as PG2 and DPIG have it."""

import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.registry import MODELS

__all__ = ['DCGANDiscriminator']

# Of the normal distribution that DCGAN draws its weights from.
INIT_STD = 0.02


@MODELS.register_module()
class DCGANDiscriminator(nn.Module):
    """One logit for a whole image (Radford et al., ICLR 2016).

    5x5 convolutions of stride 2 with BatchNorm, but for the first, and a
    leaky ReLU; then a fully connected layer.

    Args:
        final_size (tuple[int, int]): Height and width of the last features
            at the size of picture that the network is for. Those of other
            pictures are averaged to that size, or repeated.
        in_channels (int): Channels of the image.
        base_channels (int): Channels of the first convolution; they double
            up to eight times as many.
        num_conv (int): Convolutions: 5 at 256, 4 at 128.
    """

    def __init__(
        self,
        final_size: tuple[int, int] = (8, 8),
        in_channels: int = 3,
        base_channels: int = 64,
        num_conv: int = 5,
    ) -> None:
        super().__init__()
        layers = []
        for stage in range(num_conv):
            channels = base_channels * min(2**stage, 8)
            layers.append(
                nn.Conv2d(in_channels, channels, 5, 2, 2, bias=not stage)
            )
            if stage:
                layers.append(nn.BatchNorm2d(channels))
            layers.append(nn.LeakyReLU(0.2))
            in_channels = channels
        self.features = nn.Sequential(*layers)
        height, width = self.final_size = tuple(final_size)
        self.head = nn.Linear(in_channels * height * width, 1)
        self._init_weights()

    def _init_weights(self) -> None:
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.normal_(layer.weight, 0, INIT_STD)
            elif isinstance(layer, nn.BatchNorm2d):
                nn.init.normal_(layer.weight, 1, INIT_STD)
            else:
                continue
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def forward(self, img: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to logits (N, 1)."""
        features = F.adaptive_avg_pool2d(self.features(img), self.final_size)
        return self.head(features.flatten(1))
