"""Losses of the flow regressor."""

import torch
import torch.nn.functional as F
from torch import nn

from mmposetransfer.registry import MODELS
from mmposetransfer.structures.visibility import VISIBLE

__all__ = [
    'MultiScaleEPELoss',
    'SegmentationSensitiveFlowLoss',
    'VisibilityLoss',
    'lands_on_part',
    'multi_scale_epe',
    'segmentation_sensitive_flow_loss',
]


def multi_scale_epe(pyramid, flow, visibility, finest_weight=0.32):
    """End-point error of a flow pyramid on the pixels of the body.

    ``mean_n sum_s w_s * mean_body |pyramid_s - avg_pool(flow)|_2`` with
    ``w_s = finest_weight / 2^s``: a mean over each sample's body, then over
    the samples, so that a person far away counts as much as one close by. A
    coarse pixel belongs to the body when any pixel under it does. Both flows
    are in one unit, that of the full image, at every scale.

    Args:
        pyramid (list[Tensor]): Predictions, (N, 2, H / 2^(s+1),
            W / 2^(s+1)), finest first.
        flow (Tensor): Truth, (N, 2, H, W).
        visibility (Tensor): Classes 0, 1, 2, (N, 1, H, W).
        finest_weight (float): Weight of the finest scale.

    Returns:
        Tensor: A scalar; a sample without a body adds 0 to the mean.
    """
    body = (visibility < 2).to(flow)
    loss = flow.new_zeros(())
    for scale, prediction in enumerate(pyramid):
        size = 2 ** (scale + 1)
        mask = F.max_pool2d(body, size)
        error = prediction - F.avg_pool2d(flow, size)
        epe = torch.linalg.vector_norm(error, dim=1, keepdim=True)
        sums, counts = ((x.flatten(1).sum(1)) for x in (epe * mask, mask))
        mean = (sums / counts.clamp(min=1)).mean()
        loss = loss + finest_weight / 2**scale * mean
    return loss


def lands_on_part(ref_parts, parts, flow):
    """Where sampling the reference at a flow finds the body part wanted.

    Args:
        ref_parts (Tensor): Part classes of the reference, (N, 1, H, W).
        parts (Tensor): Part class wanted at each target pixel,
            (N, 1, H, W).
        flow (Tensor): In pixels, (N, 2, H, W).

    Returns:
        Tensor: bool (N, 1, H, W): whether any of the up to four pixels that
        bilinear sampling mixes is of that part. There is none outside of
        the image.
    """
    height, width = ref_parts.shape[-2:]
    x = flow[:, 0] + torch.arange(width, device=flow.device)
    y = flow[:, 1] + torch.arange(height, device=flow.device)[:, None]
    flat, wanted = ref_parts.flatten(1), parts[:, 0]
    found = torch.zeros_like(wanted, dtype=torch.bool)
    for row in (y.floor().long(), y.ceil().long()):
        for column in (x.floor().long(), x.ceil().long()):
            inside = (
                (column >= 0) & (column < width) & (row >= 0) & (row < height)
            )
            index = row.clamp(0, height - 1) * width + column.clamp(
                0, width - 1
            )
            there = flat.gather(1, index.flatten(1)).view_as(index)
            found |= inside & (there == wanted)
    return found[:, None]


def segmentation_sensitive_flow_loss(
    prediction, flow, visibility, ref_parts, gt_parts, flow_scale=0.05
):
    """L1 error where a visible pixel's flow lands on a wrong body part.

    Not in the paper; the implementation trains with it. A pixel is forgiven
    where sampling at its flow meets the right part at all (see
    :func:`lands_on_part`).

    Args:
        prediction (Tensor): ``flow_scale`` times flow, (N, 2, H, W).
        flow (Tensor): Truth in pixels, (N, 2, H, W).
        visibility (Tensor): Classes 0, 1, 2, (N, 1, H, W).
        ref_parts (Tensor): Part classes of the reference, (N, 1, H, W).
        gt_parts (Tensor): Part classes of the target, (N, 1, H, W); 0 is
            the background, where nothing is asked for.
        flow_scale (float): Unit of the prediction.

    Returns:
        Tensor: A scalar, the mean over all pixels.
    """
    right = lands_on_part(
        ref_parts, gt_parts, prediction.detach() / flow_scale
    )
    wrong = (visibility == VISIBLE) & (gt_parts > 0) & ~right
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
            pyramid, flow, visibility, self.finest_weight
        )


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
            logits, visibility[:, 0].long()
        )


@MODELS.register_module()
class SegmentationSensitiveFlowLoss(nn.Module):
    """:func:`segmentation_sensitive_flow_loss` with a weight.

    Args:
        loss_weight (float): Factor of the loss.
    """

    def __init__(self, loss_weight=5.0):
        super().__init__()
        self.loss_weight = loss_weight

    def forward(
        self, prediction, flow, visibility, ref_parts, gt_parts, flow_scale
    ):
        """See :func:`segmentation_sensitive_flow_loss`."""
        return self.loss_weight * segmentation_sensitive_flow_loss(
            prediction, flow, visibility, ref_parts, gt_parts, flow_scale
        )
