"""PatchGAN discriminator."""

from torch import nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ..initialization import init_weights

__all__ = ['PatchDiscriminator']


@MODELS.register_module()
class PatchDiscriminator(nn.Module):
    """Score overlapping patches of an image (70x70 with three stages).

    Args:
        in_channels (int): Channels of the input. The paper conditions on
            reference image and target pose: 3 + 3 + 18 = 24.
        base_channels (int): Channels of the first stage.
        num_conv (int): Strided stages.
        activation (str, optional): ``sigmoid`` gives probabilities, as the
            paper's own network does; None gives logits, which the losses
            want.

    Raises:
        ValueError: For another activation.

    Examples:
        >>> PatchDiscriminator(24)(torch.zeros(1, 24, 256, 256)).shape
        torch.Size([1, 1, 30, 30])
    """

    def __init__(
        self, in_channels=24, base_channels=64, num_conv=3, activation=None
    ):
        super().__init__()
        if activation not in (None, 'sigmoid'):
            raise UserValueError(
                f"activation must be None or 'sigmoid', got {activation!r}."
            )
        self.activation = activation
        layers = [
            nn.Conv2d(in_channels, base_channels, 4, 2, 1),
            nn.LeakyReLU(0.2),
        ]
        channels = base_channels
        for stage in range(1, num_conv + 1):
            out_channels = base_channels * min(2**stage, 8)
            stride = 1 if stage == num_conv else 2
            layers += [
                nn.Conv2d(channels, out_channels, 4, stride, 1, bias=False),
                nn.BatchNorm2d(out_channels),
                nn.LeakyReLU(0.2),
            ]
            channels = out_channels
        layers.append(nn.Conv2d(channels, 1, 4, 1, 1))
        self.model = nn.Sequential(*layers)
        init_weights(self)

    def forward(self, x):
        """Map (N, in_channels, H, W) to a score a patch, (N, 1, h, w)."""
        scores = self.model(x)
        return scores.sigmoid() if self.activation else scores
