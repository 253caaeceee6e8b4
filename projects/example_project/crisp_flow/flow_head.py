"""A flow head whose upsampling is learnt."""

import torch.nn.functional as F
from torch import nn

from mmposetransfer.registry import MODELS

NUM_CLASSES = 3  # visible, invisible, background


def convex_upsample(flow, logits):
    """Twice the size, each pixel a convex mix of 3x3 coarse neighbours.

    The upsampling of RAFT (ECCV 2020): unlike a bilinear one it can keep to
    one side of a border. Values stay in the unit of the input.

    Args:
        flow (Tensor): (N, 2, H, W).
        logits (Tensor): Of the nine weights of each pixel, (N, 9, 2H, 2W).

    Returns:
        Tensor: (N, 2, 2H, 2W).
    """
    n, _, height, width = flow.shape
    padded = F.pad(flow, (1, 1, 1, 1), mode='replicate')
    neighbours = F.unfold(padded, 3).view(n, 2 * 9, height, width)
    neighbours = F.interpolate(neighbours, scale_factor=2, mode='nearest')
    neighbours = neighbours.view(n, 2, 9, 2 * height, 2 * width)
    return (neighbours * logits.softmax(1)[:, None]).sum(2)


@MODELS.register_module()
class ConvexUpsamplingFlowHead(nn.Module):
    """Flow from coarse to fine: upsampled by :func:`convex_upsample`, then
    corrected at each level; visibility from the finest features.

    Args:
        in_channels (Sequence[int]): Channels of the features, finest first:
            the backbone's ``out_channels``.
    """

    def __init__(self, in_channels):
        super().__init__()

        def predictor(channels, outputs):
            return nn.Sequential(
                nn.LeakyReLU(0.1), nn.Conv2d(channels, outputs, 3, padding=1)
            )

        self.corrections = nn.ModuleList(predictor(c, 2) for c in in_channels)
        self.weights = nn.ModuleList(predictor(c, 9) for c in in_channels[:-1])
        self.visibility = predictor(in_channels[0], NUM_CLASSES)

    def forward(self, features):
        """Predict from features, finest first.

        Args:
            features (list[Tensor]): (N, C_l, H / 2^(l+1), W / 2^(l+1)).

        Returns:
            tuple: The flow of each level, finest first, list of
            (N, 2, H / 2^(l+1), W / 2^(l+1)), and visibility logits
            (N, 3, H / 2, W / 2).
        """
        pyramid = [self.corrections[-1](features[-1])]
        for level in reversed(range(len(features) - 1)):
            x = features[level]
            coarse = convex_upsample(pyramid[0], self.weights[level](x))
            pyramid.insert(0, coarse + self.corrections[level](x))
        return pyramid, self.visibility(features[0])
