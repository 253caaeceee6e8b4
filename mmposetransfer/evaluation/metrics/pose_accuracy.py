"""Whether a generated person stands in the target pose."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmposetransfer.errors import UserValueError
from mmposetransfer.pose_estimators import (
    PoseEstimator,
    build_pose_estimator,
    choose_person,
)
from mmposetransfer.registry import METRICS

from ..columns import Column
from ..functional import pckh_counts, to_bgr_arrays, to_unit_range
from .base import PoseTransferMetric

__all__ = ['PCKh', 'seeing_estimator']


def seeing_estimator(
    estimator: str | dict[str, Any] | PoseEstimator, metric: str
) -> PoseEstimator:
    """An estimator that can look at generated pictures.

    Args:
        estimator: As `build_pose_estimator` takes it.
        metric: Whose it is, for messages.

    Raises:
        ValueError: If it goes by the names of files.
    """
    made = build_pose_estimator(estimator)
    if not made.looks:
        raise UserValueError(
            f'{metric} needs a pose estimator that looks at pictures, such as '
            f"'mediapipe'; {type(made).__name__} goes by their names"
        )
    return made


@METRICS.register_module()
class PCKh(PoseTransferMetric):
    """PCKh: share of the target pose's joints that the picture shows.

    A pose estimator looks for the person in the generated picture, rounded to
    8 bits and in its own size; of several the largest counts. A joint is
    right if it is less than ``threshold`` head sizes off in x and in y, as
    PATN counts (see `pckh_counts`). ``PCKh`` is over all joints of all target
    poses that have a head; without any there is no number, and a warning.
    The estimator is part of what the number means: name it beside it.

    Args:
        estimator (str | dict | PoseEstimator): 'auto' (MediaPipe), 'rtmlib',
            'mmpose' or a config; see `build_pose_estimator`.
        threshold (float): In sizes of the head.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    predictions = ('pred_img',)
    truth = ('tgt_keypoints',)
    columns = {'PCKh': Column('images', 'PCKh', 4, 'higher')}

    def __init__(
        self,
        estimator: str | dict[str, Any] | PoseEstimator = 'auto',
        threshold: float = 0.5,
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(None, prefix, collect_device, collect_dir)
        self.estimator = seeing_estimator(estimator, 'PCKh')
        self.threshold = threshold

    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """Right and counted joints of each picture.

        Args:
            fields: ``pred_img``, (N, 3, H, W), in [-1, 1];
                ``tgt_keypoints``, (N, 18, 3), in its pixels.

        Returns:
            ``right`` and ``joints``, each (N,).
        """
        pictures = to_bgr_arrays(to_unit_range(fields['pred_img']))
        found = [choose_person(people) for people in self.estimator(pictures)]
        nobody = np.zeros((18, 3), np.float32)
        pred = np.stack([nobody if one is None else one for one in found])
        right, joints = pckh_counts(
            torch.from_numpy(pred),
            fields['tgt_keypoints'].cpu(),
            self.threshold,
        )
        return dict(right=right, joints=joints)

    def summarize(self, scores: dict[str, Tensor]) -> dict[str, float]:
        """Over all joints that count.

        Args:
            scores: Of all samples.

        Returns:
            ``PCKh``, in [0, 1].
        """
        joints = scores['joints']
        shares = scores['right'] / joints.clamp(min=1)
        # For the warning about poses without a head.
        if not self.means_of_counted(
            dict(share=shares, counted=joints),
            'have a target pose without a head',
        ):
            return {}
        return dict(PCKh=float(scores['right'].sum() / joints.sum()))
