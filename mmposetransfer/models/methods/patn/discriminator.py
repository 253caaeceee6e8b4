"""PATN's discriminators: residual networks that judge features."""

from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ...backbones.residual_unet import check_divisible
from .layers import encoder, norm_layer, two_convs

__all__ = ['ResidualDiscriminator']


class _ResidualBlock(nn.Module):
    def __init__(self, channels, norm, dropout):
        super().__init__()
        self.convs = nn.Sequential(
            *two_convs(channels, channels, norm, dropout),
            norm_layer(norm, channels),
        )

    def forward(self, x):
        return x + self.convs(x)


@MODELS.register_module()
class ResidualDiscriminator(nn.Module):
    """An encoder and residual blocks, every output of which is a verdict.

    No layer sums the features up: each channel at each place, 256 channels at
    a quarter of the size, is a logit, as in the implementation of the paper.
    Its weights start as PyTorch has them, there too.

    Args:
        in_channels (int): Channels of the input: 6 for a pair of images
            (appearance), 21 for an image and a pose (shape).
        base_channels (int): Channels at full size; they double with every
            level.
        num_levels (int): How often the size is halved.
        num_blocks (int): Residual blocks.
        norm (str): ``instance``, as on DeepFashion, or ``batch``, as on
            Market-1501.
        dropout (float): In the blocks.
    """

    def __init__(
        self,
        in_channels: int = 6,
        base_channels: int = 64,
        num_levels: int = 2,
        num_blocks: int = 3,
        norm: str = 'instance',
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.num_levels = num_levels
        channels = base_channels * 2**num_levels
        self.model = nn.Sequential(
            *encoder(in_channels, base_channels, num_levels, norm),
            *(
                _ResidualBlock(channels, norm, dropout)
                for _ in range(num_blocks)
            ),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to logits.

        Returns:
            Tensor: (N, base_channels * s, H / s, W / s), s = 2^num_levels.

        Raises:
            ValueError: If height or width cannot be halved as often as the
                network has levels.
        """
        check_divisible(x, self.num_levels)
        return self.model(x)
