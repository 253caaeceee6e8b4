"""A robust flow loss."""

import torch.nn.functional as F
from torch import nn

from mmposetransfer.registry import MODELS
from mmposetransfer.utils.dist import reduce_mean


@MODELS.register_module()
class CharbonnierFlowLoss(nn.Module):
    """Generalised Charbonnier penalty on the pixels of the body.

    ``sum_s 2^-s mean_body (|error_s|^2 + eps^2)^alpha``: with alpha below
    1/2 large errors pull less than in the end-point error, so that one limb
    in the wrong place does not blur all others.

    Args:
        alpha (float): 0.5 is a smooth end-point error.
        eps (float): In the network's unit, ``flow_scale`` times pixels.
        loss_weight (float): Factor of the loss.
    """

    def __init__(self, alpha=0.45, eps=0.01, loss_weight=1.0):
        super().__init__()
        self.alpha = alpha
        self.eps = eps
        self.loss_weight = loss_weight

    def forward(self, pyramid, flow, visibility):
        """Compare a pyramid with the truth.

        Args:
            pyramid (list[Tensor]): (N, 2, H / 2^(s+1), W / 2^(s+1)).
            flow (Tensor): In the unit of the pyramid, (N, 2, H, W).
            visibility (Tensor): Classes 0, 1, 2, (N, 1, H, W).

        Returns:
            Tensor: A scalar.
        """
        body = (visibility < 2).to(flow)
        loss = flow.new_zeros(())
        for scale, prediction in enumerate(pyramid):
            size = 2 ** (scale + 1)
            mask = F.max_pool2d(body, size)
            error = prediction - F.avg_pool2d(flow, size)
            squared = error.square().sum(1, keepdim=True) + self.eps**2
            # The count of all processes: they may see bodies of other sizes.
            count = reduce_mean(mask.sum()).clamp(min=1e-6)
            loss = loss + (squared**self.alpha * mask).sum() / count / 2**scale
        return self.loss_weight * loss
