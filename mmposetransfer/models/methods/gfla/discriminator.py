"""GFLA's discriminator: residual blocks with spectral normalisation."""

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from mmposetransfer.registry import MODELS

from ...backbones import doubled_channels
from ...initialization import init_weights
from .blocks import SLOPE

__all__ = ['GFLADiscriminator']


class _DownBlock(nn.Module):
    """Residual block whose both ways end in half of the size."""

    def __init__(self, in_channels, out_channels, first):
        super().__init__()
        self.convs = nn.Sequential(
            # A picture is not cut at zero before it was looked at.
            nn.Identity() if first else nn.LeakyReLU(SLOPE),
            nn.Conv2d(in_channels, out_channels, 3, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(out_channels, out_channels, 3, padding=1),
            nn.AvgPool2d(2),
        )
        self.bypass = nn.Sequential(
            nn.AvgPool2d(2), nn.Conv2d(in_channels, out_channels, 1)
        )

    def forward(self, x):
        return self.convs(x) + self.bypass(x)


@MODELS.register_module()
class GFLADiscriminator(nn.Module):
    """Score patches of a picture, every convolution spectrally normalised.

    Args:
        in_channels (int): 3: the picture alone.
        base_channels (int): Channels at half of the size, doubled a level.
        max_channels (int): Upper bound of them.
        num_levels (int): Times that the size is halved.
    """

    def __init__(
        self,
        in_channels: int = 3,
        base_channels: int = 32,
        max_channels: int = 128,
        num_levels: int = 4,
    ) -> None:
        super().__init__()
        channels = doubled_channels(base_channels, max_channels, num_levels)
        inputs = [in_channels, *channels[:-1]]
        self.model = nn.Sequential(
            *(
                _DownBlock(a, b, first=level == 0)
                for level, (a, b) in enumerate(
                    zip(inputs, channels, strict=True)
                )
            ),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(channels[-1], 1, 1),
        )
        init_weights(self)
        for layer in list(self.modules()):
            if isinstance(layer, nn.Conv2d):
                spectral_norm(layer)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of patches.

        Args:
            x (Tensor): (N, in_channels, H, W).

        Returns:
            Tensor: (N, 1, H / 2^num_levels, W / 2^num_levels).
        """
        return self.model(x)
