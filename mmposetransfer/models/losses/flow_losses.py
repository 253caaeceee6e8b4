"""Losses of the flow regressor."""

import torch
import torch.nn.functional as F
from torch import nn

from mmposetransfer.registry import MODELS
from mmposetransfer.utils.dist import reduce_mean

__all__ = [
    'MultiScaleEPELoss', 'SegmentationSensitiveFlowLoss', 'VisibilityLoss',
    'multi_scale_epe', 'parts_at_flow', 'segmentation_sensitive_flow_loss'
]


def multi_scale_epe(pyramid, flow, visibility, finest_weight=0.32):
    """End-point error of a flow pyramid on the pixels of the body.

    ``sum_s w_s * mean_body |pyramid_s - avg_pool(flow)|_2`` with
    ``w_s = finest_weight / 2^s``. A coarse pixel belongs to the body when
    any pixel under it does. Both flows are in one unit, that of the full
    image, at every scale.

    Args:
        pyramid (list[Tensor]): Predictions, (N, 2, H / 2^(s+1),
            W / 2^(s+1)), finest first.
        flow (Tensor): Truth, (N, 2, H, W).
        visibility (Tensor): Classes 0, 1, 2, (N, 1, H, W).
        finest_weight (float): Weight of the finest scale.

    Returns:
        Tensor: A scalar; 0 when no pixel belongs to the body. Of several
        processes each divides by the mean count of body pixels of all, so
        that their mean is the loss of the whole batch.
    """
    body = (visibility < 2).to(flow)
    sizes = [2**(scale + 1) for scale in range(len(pyramid))]
    masks = [F.max_pool2d(body, size) for size in sizes]
    counts = reduce_mean(torch.stack([mask.sum() for mask in masks]))
    loss = flow.new_zeros(())
    for scale, (prediction, size, mask, count) in enumerate(
            zip(pyramid, sizes, masks, counts, strict=True)):
        error = prediction - F.avg_pool2d(flow, size)
        epe = torch.linalg.vector_norm(error, dim=1, keepdim=True)
        # Without a body the sum is 0, too; a mean count may be below 1.
        mean = (epe * mask).sum() / count.clamp(min=1e-6)
        loss = loss + finest_weight / 2**scale * mean
    return loss


def parts_at_flow(ref_parts, flow):
    """Body part of the reference that each target pixel's flow lands on.

    Args:
        ref_parts (Tensor): Part classes, (N, 1, H, W).
        flow (Tensor): In pixels, (N, 2, H, W).

    Returns:
        Tensor: Part classes, int64 (N, 1, H, W); nearest pixel, 0
        (background) outside of the image.
    """
    height, width = ref_parts.shape[-2:]
    xs = torch.arange(width, device=flow.device)
    ys = torch.arange(height, device=flow.device)[:, None]
    x = (xs + flow[:, 0]).round().long()
    y = (ys + flow[:, 1]).round().long()
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    index = y.clamp(0, height - 1) * width + x.clamp(0, width - 1)
    parts = ref_parts.long().flatten(1).gather(1, index.flatten(1))
    return (parts.view_as(index) * inside)[:, None]


def segmentation_sensitive_flow_loss(prediction, flow, visibility, ref_parts,
                                     gt_parts, flow_scale=0.05):
    """L1 error where a visible pixel's flow lands on a wrong body part.

    Not in the paper; the implementation trains with it.

    Args:
        prediction (Tensor): ``flow_scale`` times flow, (N, 2, H, W).
        flow (Tensor): Truth in pixels, (N, 2, H, W).
        visibility (Tensor): Classes 0, 1, 2, (N, 1, H, W).
        ref_parts (Tensor): Part classes of the reference, (N, 1, H, W).
        gt_parts (Tensor): Part classes of the target, (N, 1, H, W).
        flow_scale (float): Unit of the prediction.

    Returns:
        Tensor: A scalar, the mean over all pixels.
    """
    landed = parts_at_flow(ref_parts, prediction.detach() / flow_scale)
    wrong = (visibility == 0) & (landed != gt_parts.long())
    return ((prediction - flow_scale * flow).abs() * wrong).mean()


@MODELS.register_module()
class MultiScaleEPELoss(nn.Module):
    """:func:`multi_scale_epe` with a weight.

    Args:
        loss_weight (float): Factor of the loss.
        finest_weight (float): Weight of the finest scale.
    """

    def __init__(self, loss_weight=1.0, finest_weight=0.32):
        super().__init__()
        self.loss_weight = loss_weight
        self.finest_weight = finest_weight

    def forward(self, pyramid, flow, visibility):
        """See :func:`multi_scale_epe`."""
        return self.loss_weight * multi_scale_epe(
            pyramid, flow, visibility, self.finest_weight)


@MODELS.register_module()
class VisibilityLoss(nn.Module):
    """Cross entropy of visibility logits.

    Args:
        loss_weight (float): Factor of the loss.
    """

    def __init__(self, loss_weight=1.0):
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, logits, visibility):
        """Args: logits (N, 3, H, W), visibility classes (N, 1, H, W)."""
        return self.loss_weight * F.cross_entropy(
            logits, visibility[:, 0].long())


@MODELS.register_module()
class SegmentationSensitiveFlowLoss(nn.Module):
    """:func:`segmentation_sensitive_flow_loss` with a weight.

    Args:
        loss_weight (float): Factor of the loss.
    """

    def __init__(self, loss_weight=5.0):
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, prediction, flow, visibility, ref_parts, gt_parts,
                flow_scale):
        """See :func:`segmentation_sensitive_flow_loss`."""
        return self.loss_weight * segmentation_sensitive_flow_loss(
            prediction, flow, visibility, ref_parts, gt_parts, flow_scale)
