"""Layers of the VUnet: weight normalisation in place of BatchNorm."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.utils.dist import reduce_mean

from ...precision import at_least_float32, without_autocast

__all__ = [
    'Downsample',
    'ResidualBlock',
    'Upsample',
    'WeightNormConv2d',
    'sampled',
]

# Of the normal distribution that directions are drawn from.
INIT_STD = 0.05
# A channel that hardly varies in the first batch is not blown up to unit
# variance: what is noise there would drown the rest later.
MIN_VARIANCE = 1e-2


class WeightNormConv2d(nn.Module):
    """Convolution whose weights are a direction and a length per channel.

    Salimans and Kingma (NIPS 2016): ``w = g v / |v|`` (eq. 2). The first
    batch that the layer is trained on chooses ``g`` and the bias such that
    its output has mean 0 and variance 1 in every channel (eq. 5); under
    distributed training the first batch is that of all processes.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output.
        kernel_size (int): Odd; borders are padded with zeros.
        stride (int): Step.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
    ) -> None:
        super().__init__()
        side = kernel_size
        self.direction = nn.Parameter(
            torch.empty(out_channels, in_channels, side, side)
        )
        self.gain = nn.Parameter(torch.ones(out_channels))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        nn.init.normal_(self.direction, 0, INIT_STD)
        self.stride, self.padding = stride, side // 2
        # In the state: a resumed run does not choose again.
        self.register_buffer('initialized', torch.tensor(False))
        self._is_known_to_be = False  # spares a GPU's queue the question

    def forward(self, x: Tensor) -> Tensor:
        """Args: (N, in_channels, H, W). Returns (N, out_channels, h, w)."""
        if self.training and not self._is_initialized():
            self._initialize(x)
        return self._convolve(x)

    def _convolve(self, x: Tensor) -> Tensor:
        direction = F.normalize(self.direction, dim=(1, 2, 3))
        weight = self.gain[:, None, None, None] * direction
        return F.conv2d(x, weight, self.bias, self.stride, self.padding)

    def _is_initialized(self) -> bool:
        self._is_known_to_be = self._is_known_to_be or bool(self.initialized)
        return self._is_known_to_be

    @torch.no_grad()
    def _initialize(self, x: Tensor) -> None:
        with without_autocast(x):
            out = self._convolve(x.to(self.gain.dtype))
        moments = [out.mean((0, 2, 3)), out.square().mean((0, 2, 3))]
        mean, square = reduce_mean(torch.stack(moments))  # (out_channels,)
        variance = square - mean**2
        scale = variance.clamp(min=MIN_VARIANCE).rsqrt()
        self.gain.mul_(scale)
        self.bias.sub_(mean).mul_(scale)
        self.initialized.fill_(True)

    def _load_from_state_dict(self, *args) -> None:
        super()._load_from_state_dict(*args)
        self._is_known_to_be = False


class ResidualBlock(nn.Module):
    """Pre-activated convolution, added to its input; maybe a second input.

    ``x + conv(dropout(ELU(x)))``, or with a second input ``a``
    ``x + conv(dropout(ELU(cat[x, conv1x1(ELU(a))])))``.

    Args:
        channels (int): Of ``x`` and of the output.
        extra_channels (int): Of ``a``; 0 for none.
        dropout (float): Share of activations that training drops.
    """

    def __init__(
        self, channels: int, extra_channels: int = 0, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.extra = (
            WeightNormConv2d(extra_channels, channels, 1)
            if extra_channels
            else None
        )
        width = 2 * channels if extra_channels else channels
        self.conv = WeightNormConv2d(width, channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, a: Tensor | None = None) -> Tensor:
        """Args: x (N, C, H, W), a (N, A, H, W) or None. Returns like x."""
        h = x
        if self.extra is not None:
            h = torch.cat([x, self.extra(F.elu(a))], 1)
        return x + self.conv(self.dropout(F.elu(h)))


class Downsample(WeightNormConv2d):
    """3x3 convolution of stride 2.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, 3, stride=2)


class Upsample(WeightNormConv2d):
    """3x3 convolution to four times the channels, which become pixels.

    Args:
        in_channels (int): Channels of the input.
        out_channels (int): Channels of the output, which is twice as large.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, 4 * out_channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Args: (N, in_channels, H, W). Returns (N, out_channels, 2H, 2W)."""
        return F.pixel_shuffle(super().forward(x), 2)


def sampled(mean: Tensor) -> Tensor:
    """A draw from the Gaussian of unit variance around a mean."""
    mean = at_least_float32(mean)
    return mean + torch.randn_like(mean)
