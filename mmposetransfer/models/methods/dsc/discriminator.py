"""DSC's discriminator: whether a pair of pictures and poses is real."""

from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ...initialization import init_xavier
from .layers import doubled_channels, down_block

__all__ = ['DSCDiscriminator']


@MODELS.register_module()
class DSCDiscriminator(nn.Module):
    """Score overlapping patches of both pictures and poses (Sec. 3.1).

    Args:
        in_channels (int): Of reference, its pose, picture and target pose:
            3 + 18 + 3 + 18.
        base_channels (int): Channels of the first convolution; they double
            with each of the others.
        max_channels (int): Upper bound of them.
        num_conv (int): Convolutions of stride 2 before the last one, which
            makes the scores and halves the size as well.
        norm (str): See :class:`DSCGenerator`; between the first and the last
            convolution.

    Examples:
        >>> DSCDiscriminator()(torch.zeros(1, 42, 256, 256)).shape
        torch.Size([1, 1, 7, 7])
    """

    def __init__(
        self,
        in_channels: int = 42,
        base_channels: int = 64,
        max_channels: int = 512,
        num_conv: int = 4,
        norm: str = 'picture',
    ) -> None:
        super().__init__()
        channels = doubled_channels(base_channels, max_channels, num_conv)
        # The first one without a border, as published.
        self.model = nn.Sequential(
            nn.Conv2d(in_channels, channels[0], 4, 2),
            *(
                down_block(c_in, c_out, norm)
                for c_in, c_out in zip(
                    channels[:-1], channels[1:], strict=True
                )
            ),
            down_block(channels[-1], 1, None),
        )
        init_xavier(self)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) to logits (N, 1, h, w)."""
        return self.model(x)
