"""DSC's loss between pictures: a detail may be a few pixels off."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import MODELS

from ...losses import VGG19Features
from ...precision import at_least_float32

__all__ = ['NearestNeighbourLoss', 'nearest_neighbour_distance']


def nearest_neighbour_distance(
    features: Tensor, wanted: Tensor, window: int
) -> Tensor:
    """How far features are from the nearest wanted ones around their place.

    The nearest one is looked for in a square around each place, within the
    picture; distances are sums of absolute differences over the channels.
    The gradient is that of the distance to what was found, as it is of a
    minimum.

    Args:
        features (Tensor): (N, C, H, W).
        wanted (Tensor): (N, C, H, W), without gradient.
        window (int): Side of the square, an odd number of pixels.

    Returns:
        Tensor: (N, H, W), at least float32.
    """
    features, wanted = at_least_float32(features), at_least_float32(wanted)
    nearest = _nearest(features.detach(), wanted, window)
    chosen = wanted.flatten(2).gather(
        2, nearest.flatten(1)[:, None].expand(-1, wanted.shape[1], -1)
    )
    return (features - chosen.view_as(features)).abs().sum(1)


@torch.no_grad()
def _nearest(features: Tensor, wanted: Tensor, window: int) -> Tensor:
    """Index into the places of the nearest one, (N, H, W)."""
    height, width = features.shape[-2:]
    border = window // 2
    # What is infinite far beyond the border is never the nearest.
    padded = F.pad(wanted, [border] * 4, value=torch.inf)
    rows = torch.arange(height, device=wanted.device)[:, None]
    columns = torch.arange(width, device=wanted.device)
    least = torch.full_like(features[:, 0], torch.inf)
    nearest = torch.zeros_like(least, dtype=torch.long)
    for top in range(window):
        for left in range(window):
            there = padded[..., top : top + height, left : left + width]
            distance = (features - there).abs().sum(1)
            place = (rows + top - border) * width + columns + left - border
            closer = distance < least
            least = torch.where(closer, distance, least)
            nearest = torch.where(closer, place, nearest)
    return nearest


@MODELS.register_module()
class NearestNeighbourLoss(nn.Module):
    """Distance of features of VGG19 to the nearest of the target (Sec. 3.3).

    In place of L1, which blurs whatever is not exactly where the target has
    it. Summed over channels, averaged over places and pictures.

    Args:
        layer (str): Of the features, such as ``relu1_2``.
        window (int): Side of the square in which the nearest features are
            looked for, an odd number of pixels: 5, Market-1501 3.
        pretrained (str, optional): See :class:`VGG19Features`.
        loss_weight (float): Factor of the loss.

    Raises:
        ValueError: If the side of the window is even or less than 1.
    """

    def __init__(
        self,
        layer: str = 'relu1_2',
        window: int = 5,
        pretrained: str | None = None,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        if window < 1 or window % 2 == 0:
            raise UserValueError(
                f'window must be an odd number of pixels, got {window}'
            )
        self.layer, self.window = layer, window
        self.loss_weight = loss_weight
        self.vgg = VGG19Features((layer,), pretrained)

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        """Compare RGB images in [-1, 1], (N, 3, H, W); returns a scalar."""
        with torch.no_grad():
            wanted = self.vgg(target)[self.layer]
        features = self.vgg(pred)[self.layer]
        distance = nearest_neighbour_distance(features, wanted, self.window)
        return self.loss_weight * distance.mean()
