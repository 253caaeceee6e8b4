"""A distance of pictures by features of a small network."""

import torch
from torch import Tensor

from mmposetransfer.models.backbones.lite_features import LiteFeatures
from mmposetransfer.models.losses.lite_features_loss import (
    lite_feature_distance,
)

__all__ = ['lite0_distance']


@torch.no_grad()
def lite0_distance(
    pred: Tensor, target: Tensor, features: LiteFeatures
) -> Tensor:
    """The lite0-distance of each image of a batch.

    Features at the ends of the seven stages of EfficientNet-Lite0 are
    brought to length 1 over the channels of each pixel; squared differences
    are summed over channels, averaged over pixels and summed over stages, so
    that a distance lies between 0 and 28. Nothing of it is fitted to what
    people see, as LPIPS is, and the two are not to be compared. It depends
    on the size of the pictures.

    Args:
        pred: Generated images, (N, 3, H, W), RGB in [0, 1].
        target: True images, same shape and range.
        features: Of all seven stages, on the device of the images.

    Returns:
        Tensor: (N,) double.
    """
    pairs = zip(
        features(pred.float() * 2 - 1),
        features(target.float() * 2 - 1),
        strict=True,
    )
    return torch.stack(
        [lite_feature_distance(*pair).double() for pair in pairs]
    ).sum(0)
