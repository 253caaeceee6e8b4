"""Whether the generated person fills the pixels of the true one."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmposetransfer.errors import UserValueError
from mmposetransfer.pose_estimators import PoseEstimator
from mmposetransfer.registry import METRICS

from ..columns import Column
from ..functional import mask_iou, to_bgr_arrays, to_unit_range
from .base import PoseTransferMetric
from .pose_accuracy import seeing_estimator


@METRICS.register_module()
class PersonMaskIoU(PoseTransferMetric):
    """mask-IoU: intersection over union of generated and true person.

    The generated person is what the method predicts as ``pred_person``, or
    what an estimator sees in its picture: of several people all together. A
    pixel is the person's if at least half of it is. Two empty masks have an
    IoU of 1, one of them 0. ``mask_IoU`` is the mean over the samples.

    Args:
        estimator (str | dict | PoseEstimator, optional): One that finds
            masks, such as 'mediapipe'; None takes ``pred_person``.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    truth = ('gt_person',)
    columns = {'mask_IoU': Column('images', 'mask-IoU', 4, 'higher')}

    def __init__(
        self,
        estimator: str | dict[str, Any] | PoseEstimator | None = None,
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(None, prefix, collect_device, collect_dir)
        self.estimator = None
        self.predictions = ('pred_person',)
        if estimator is not None:
            self.estimator = seeing_estimator(estimator, 'PersonMaskIoU')
            self.predictions = ('pred_img',)

    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """IoU of each picture.

        Args:
            fields: ``gt_person``, and ``pred_person``, (N, 1, H, W) in
                [0, 1], or ``pred_img``, (N, 3, H, W) in [-1, 1].

        Returns:
            ``mask_IoU``, (N,).
        """
        target = fields['gt_person']
        if self.estimator is None:
            return dict(mask_IoU=mask_iou(fields['pred_person'], target))
        seen = self._seen(fields['pred_img']).to(target.device)
        return dict(mask_IoU=mask_iou(seen, target))

    def _seen(self, images: Tensor) -> Tensor:
        """Masks of the people that the estimator sees, (N, 1, H, W)."""
        pictures = to_bgr_arrays(to_unit_range(images))
        masks = []
        for found in self.estimator.find(pictures):
            if found.masks is None:
                raise UserValueError(
                    f'{type(self.estimator).__name__} finds no masks, which '
                    "PersonMaskIoU needs: take 'mediapipe'"
                )
            nobody = np.zeros((1, *images.shape[-2:]), np.float32)
            masks.append(np.concatenate([nobody, found.masks]).max(0))
        return torch.from_numpy(np.stack(masks))[:, None]
