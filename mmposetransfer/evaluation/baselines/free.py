"""Baselines out of the data alone."""

from typing import Any

import torch
from torch import Tensor

from mmposetransfer.registry import TASK_UTILS

from ..functional import warp_visible
from .base import Baseline


@TASK_UTILS.register_module()
class CopyReference(Baseline):
    """Hand back the reference image, whatever the target pose."""

    name = 'copy_reference'
    title = 'copy the reference'
    needs = ('ref_img',)

    def predict(self, sample: dict[str, Any]) -> dict[str, Tensor]:
        """The reference image as ``pred_img``."""
        return dict(pred_img=sample['ref_img'])


@TASK_UTILS.register_module()
class TrueFlowWarp(Baseline):
    """Fetch visible pixels by the true flow, and copy the reference elsewhere.

    The best that moving pixels of the reference alone can do; only where the
    data know the true flow.
    """

    name = 'true_flow_warp'
    title = 'warp with the true flow'
    needs = ('ref_img', 'gt_flow', 'gt_visibility')

    def predict(self, sample: dict[str, Any]) -> dict[str, Tensor]:
        """The warped reference as ``pred_img``."""
        fields = (sample[field][None] for field in self.needs)
        return dict(pred_img=warp_visible(*fields)[0])


@TASK_UTILS.register_module()
class ZeroFlow(Baseline):
    """Stand still: each pixel is where it is in the reference."""

    name = 'zero_flow'
    title = 'zero flow'
    needs = ('gt_flow',)

    def predict(self, sample: dict[str, Any]) -> dict[str, Tensor]:
        """Zeros of the true flow's size as ``pred_flow``."""
        return dict(pred_flow=torch.zeros_like(sample['gt_flow']))


@TASK_UTILS.register_module()
class TruePicture(Baseline):
    """The true picture: what a perfect method would score.

    Of use where that is not known beforehand, as with joints that a pose
    estimator looks for.
    """

    name = 'true_picture'
    title = 'the true picture'
    needs = ('gt_img',)

    def predict(self, sample: dict[str, Any]) -> dict[str, Tensor]:
        """The true picture as ``pred_img``."""
        return dict(pred_img=sample['gt_img'])
