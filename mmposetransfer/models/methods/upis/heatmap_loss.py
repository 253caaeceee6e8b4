"""How far detected joints are from those of a pose."""

from torch import Tensor, nn

from mmposetransfer.registry import MODELS
from mmposetransfer.utils.dist import reduce_mean

from ...precision import at_least_float32

__all__ = ['HeatmapLoss']


@MODELS.register_module()
class HeatmapLoss(nn.Module):
    """Squared error of pose maps, as a share of the squares that are wanted.

    So it is 1 for a detector that finds nothing, whatever the size of the
    pictures and of the joints in them. A joint that is missing has an empty
    map, and none should be found.

    Args:
        loss_weight (float): Factor of the loss.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, found: Tensor, wanted: Tensor) -> Tensor:
        """Compare maps.

        Args:
            found (Tensor): Of a detector, (N, 18, H, W).
            wanted (Tensor): Drawn of the joints, (N, 18, H, W).

        Returns:
            Tensor: A scalar.
        """
        error = (at_least_float32(found) - wanted).square().sum()
        # The same number for all processes; of poses without joints, 1.
        there = reduce_mean(wanted.square().sum()).clamp(min=1)
        return self.loss_weight * error / there
