"""The flow regression module (paper, Sec. 3.3)."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from mmposetransfer.registry import MODELS
from mmposetransfer.structures.visibility import BACKGROUND

from ..initialization import init_weights
from ..precision import at_least_float32, without_autocast

__all__ = ['FlowPrediction', 'FlowRegressor']


class FlowPrediction(NamedTuple):
    """What a flow regressor predicts for a batch of pose pairs.

    The last six are those of regressors that know a body; None of others.

    Attributes:
        flow (Tensor): In pixels, (N, 2, H, W), 0 on the background; beside
            a fitted body it may go on.
        visibility (Tensor): uint8 classes, (N, 1, H, W).
        logits (Tensor): Visibility logits, (N, 3, H, W).
        pyramid (list[Tensor]): Flow at 1/2, 1/4, ... of the size in the
            network's unit (``flow_scale`` times pixels of the full image),
            finest first: what the multi-scale loss compares.
        full (Tensor): Flow at full size in that unit, (N, 2, H, W).
        twin_flow (Tensor): Flow to the mirror twin of the body's point, in
            pixels, (N, 2, H, W).
        twin_visibility (Tensor): Whether the reference shows that twin,
            uint8 classes, (N, 1, H, W).
        near_flow (Tensor): Flow to the nearest point of the body that the
            reference shows, in pixels, (N, 2, H, W).
        near_trust (Tensor): How near that is, (N, 1, H, W) in [0, 1]: 1 for
            the very point, 0 off the body.
        surface (Tensor): Where on the body's texture the target's pixels
            lie, (N, 2, H, W) uint8; 0 and 0 off the body.
        trusted (Tensor): Whether the pair's bodies are to be trusted, (N,)
            bool.
    """

    flow: torch.Tensor
    visibility: torch.Tensor
    logits: torch.Tensor
    pyramid: list
    full: torch.Tensor
    twin_flow: torch.Tensor | None = None
    twin_visibility: torch.Tensor | None = None
    near_flow: torch.Tensor | None = None
    near_trust: torch.Tensor | None = None
    surface: torch.Tensor | None = None
    trusted: torch.Tensor | None = None


@MODELS.register_module()
class FlowRegressor(nn.Module):
    """Backbone and flow head: from two poses to flow and visibility.

    Args:
        backbone (dict): Config of a module that maps (N, 36, H, W) to
            features at 1/2, 1/4, ... of the size, finest first, and has
            ``out_channels``.
        head (dict): Config of a module that maps those to flows and logits;
            built with ``in_channels``.
        flow_scale (float): The network predicts ``flow_scale`` times the
            flow in pixels. Defaults to 0.05.
    """

    #: What it asks the method for, in the order of its arguments.
    inputs = ('ref_pose', 'tgt_pose')

    def __init__(
        self,
        backbone=dict(type='FlowUNet'),  # noqa: B006
        head=dict(type='PyramidFlowHead'),  # noqa: B006
        flow_scale=0.05,
    ):
        super().__init__()
        self.backbone = MODELS.build(backbone)
        self.head = MODELS.build(
            dict(head, in_channels=self.backbone.out_channels)
        )
        self.flow_scale = flow_scale
        init_weights(self)

    def forward(self, ref_pose, tgt_pose):
        """Predict flow and visibility.

        Args:
            ref_pose (Tensor): Pose map of the reference, (N, 18, H, W).
            tgt_pose (Tensor): Pose map of the target, (N, 18, H, W).

        Returns:
            FlowPrediction: See there.
        """
        features = self.backbone(torch.cat([ref_pose, tgt_pose], 1))
        # Autocast ends here, before the head: a flow of a hundred pixels
        # has no sub-pixel part in half precision.
        with without_autocast(features[0]):
            pyramid, logits = self.head(list(map(at_least_float32, features)))
        full, logits = (
            F.interpolate(
                y, scale_factor=2, mode='bilinear', align_corners=False
            )
            for y in (pyramid[0], logits)
        )
        visibility = logits.argmax(1, keepdim=True)
        flow = (full / self.flow_scale).masked_fill(
            visibility == BACKGROUND, 0
        )
        return FlowPrediction(
            flow, visibility.to(torch.uint8), logits, pyramid, full
        )
