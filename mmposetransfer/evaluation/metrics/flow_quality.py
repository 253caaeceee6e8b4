"""End-point error of flow and quality of visibility maps."""

import torch
from mmengine.evaluator import BaseMetric

from mmposetransfer.registry import METRICS

from ..functional import (
    confusion_matrix,
    end_point_error_sums,
    visibility_accuracy,
    visibility_miou,
)
from .sample_fields import same_size_groups, stacked


@METRICS.register_module()
class FlowQuality(BaseMetric):
    """Flow and visibility against the truth, beside the zero flow.

    ``EPE`` is the mean end-point error in pixels over all visible pixels of
    the test set (each pixel counts alike), ``zero_flow/EPE`` that of
    standing still, ``vis_accuracy`` the share of pixels whose class of
    visibility is right and ``vis_mIoU`` the mean over the three classes of
    intersection over union, from one confusion matrix of the test set.
    Sums and counts are kept for each sample: distributed testing gives the
    same numbers as one process.

    Args:
        prefix (str, optional): Put before the names of the metrics.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    default_prefix = ''

    def __init__(self, prefix=None, collect_device='gpu', collect_dir=None):
        super().__init__(collect_device, prefix, collect_dir)

    def process(self, data_batch, data_samples):
        """Score one batch.

        Args:
            data_batch (dict): Not used.
            data_samples (list[dict]): With ``pred_flow``,
                ``pred_visibility``, ``gt_flow`` and ``gt_visibility``.
        """
        for group in same_size_groups(data_samples, 'gt_flow'):
            self.results.extend(self._score_group(group))

    @staticmethod
    def _score_group(samples):
        truth = stacked(samples, 'gt_flow', 'FlowQuality')
        visible = stacked(samples, 'gt_visibility', 'FlowQuality')
        flow = stacked(samples, 'pred_flow', 'FlowQuality').to(truth.device)
        classes = stacked(samples, 'pred_visibility', 'FlowQuality')
        error, count = end_point_error_sums(flow, truth, visible)
        still, _ = end_point_error_sums(
            torch.zeros_like(truth), truth, visible
        )
        matrix = confusion_matrix(classes.to(visible.device), visible)
        return [
            dict(
                error=float(error[i]),
                still=float(still[i]),
                count=int(count[i]),
                matrix=matrix[i].cpu(),
            )
            for i in range(len(samples))
        ]

    def compute_metrics(self, results):
        """Means over all pixels that count.

        Args:
            results (list[dict]): Sums and counts of each sample.

        Returns:
            dict[str, float]: ``EPE``, ``vis_accuracy``, ``vis_mIoU`` and
            ``zero_flow/EPE``; EPE is nan where no pixel is visible.
        """
        count = sum(row['count'] for row in results) or float('nan')
        matrix = torch.stack([row['matrix'] for row in results]).sum(0)
        return {
            'EPE': sum(row['error'] for row in results) / count,
            'vis_accuracy': float(visibility_accuracy(matrix)),
            'vis_mIoU': float(visibility_miou(matrix)),
            'zero_flow/EPE': sum(row['still'] for row in results) / count,
        }
