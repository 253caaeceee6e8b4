"""Baselines that move pixels of the reference by flow that is not the true."""

from typing import Any

import torch
from torch import Tensor, nn

from mmposetransfer.registry import MODELS, TASK_UTILS

from ..functional import warp_visible
from .base import Baseline


@TASK_UTILS.register_module()
class FittedFlowWarp(Baseline):
    """Fetch pixels by the flow of bodies that are fitted to the two poses.

    What geometry alone can do, of nothing but poses. Pixels that the fits
    call invisible or background are those of the reference. A pair whose fits
    are not trusted is the reference, copied. About 0.1 s a pair.
    """

    name = 'fitted_flow_warp'
    title = 'warp with the fitted flow'
    needs = ('ref_img', 'ref_keypoints', 'tgt_keypoints')

    def __init__(self) -> None:
        # Flow ends at the outline: beyond it the reference is copied.
        config = dict(type='FittedFlow', margin=0, median=5)
        self.fit: nn.Module = MODELS.build(config)

    def predict(self, sample: dict[str, Any]) -> dict[str, Tensor]:
        """The warped reference, and the flow and visibility of the fits."""
        reference = sample['ref_img']
        fitted = self.fit(
            sample['ref_keypoints'][None],
            sample['tgt_keypoints'][None],
            tuple(reference.shape[-2:]),
        )
        warped = warp_visible(reference[None], fitted.flow, fitted.visibility)
        return dict(
            pred_img=warped[0],
            pred_flow=fitted.flow[0],
            pred_visibility=fitted.visibility[0],
        )


@TASK_UTILS.register_module()
class PredictedFlowWarp(Baseline):
    """Fetch pixels by the flow that the model predicts, without a generator.

    Beside models that predict flow. Where the model predicts visibility, too,
    what it calls invisible or background is copied from the reference; else
    all pixels are fetched.
    """

    name = 'predicted_flow_warp'
    title = 'warp with the predicted flow'
    needs = ('ref_img', 'pred_flow')

    def predict(self, sample: dict[str, Any]) -> dict[str, Tensor]:
        """The warped reference as ``pred_img``."""
        visibility = sample.get('pred_visibility')
        if visibility is None:
            visibility = torch.zeros_like(sample['pred_flow'][:1])
        fields = sample['ref_img'], sample['pred_flow'], visibility
        warped = warp_visible(*(field[None] for field in fields))
        return dict(pred_img=warped[0])
