"""PG2's loss between images, which looks at the body more closely."""

from torch import Tensor, nn

from mmposetransfer.registry import MODELS

from ...precision import at_least_float32

__all__ = ['PoseMaskLoss']


@MODELS.register_module()
class PoseMaskLoss(nn.Module):
    """Mean of ``|pred - target| * (1 + mask)``: the body counts twice.

    The paper's pose mask loss (Sec. 3.1): the background of the target
    cannot be known from the reference, so that to err there weighs less.

    Args:
        loss_weight (float): Factor of the loss.
        mask_weight (float): Of the body, in addition to its 1; 0 is a plain
            L1 loss.
    """

    def __init__(
        self, loss_weight: float = 1.0, mask_weight: float = 1.0
    ) -> None:
        super().__init__()
        self.loss_weight, self.mask_weight = loss_weight, mask_weight

    def forward(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Compare images.

        Args:
            pred (Tensor): (N, 3, H, W).
            target (Tensor): (N, 3, H, W).
            mask (Tensor): 1 on the body, 0 elsewhere, (N, 1, H, W).

        Returns:
            Tensor: A scalar.
        """
        error = (at_least_float32(pred) - target).abs()
        weighed = error * (1 + self.mask_weight * mask)
        return self.loss_weight * weighed.mean()
