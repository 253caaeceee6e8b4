"""Flow at every level and visibility at the finest one."""

from torch import nn

from mmposetransfer.registry import MODELS

__all__ = ['PyramidFlowHead']

NUM_CLASSES = 3  # visible, invisible, background


@MODELS.register_module()
class PyramidFlowHead(nn.Module):
    """Predict flow from each level's features, visibility from the finest.

    Args:
        in_channels (Sequence[int]): Channels of the features, finest first:
            the backbone's ``out_channels``.
        negative_slope (float): Slope of the LeakyReLU before each
            convolution; 0 is a ReLU.
    """

    def __init__(self, in_channels, negative_slope=0.1):
        super().__init__()

        def predictor(channels, outputs):
            return nn.Sequential(
                nn.LeakyReLU(negative_slope),
                nn.Conv2d(channels, outputs, 3, padding=1),
            )

        self.flows = nn.ModuleList(predictor(c, 2) for c in in_channels)
        self.visibility = predictor(in_channels[0], NUM_CLASSES)

    def forward(self, features):
        """Predict from features, finest first.

        Args:
            features (list[Tensor]): (N, C_l, H / 2^(l+1), W / 2^(l+1)).

        Returns:
            tuple: The flow of each level, list of
            (N, 2, H / 2^(l+1), W / 2^(l+1)), in the network's own unit, and
            visibility logits (N, 3, H / 2, W / 2).
        """
        flows = [
            predict(x) for predict, x in zip(self.flows, features, strict=True)
        ]
        return flows, self.visibility(features[0])
