"""A metric that does not care how far off an outlier is."""

import torch

from mmposetransfer.evaluation import Column, PoseTransferMetric
from mmposetransfer.registry import METRICS


@METRICS.register_module()
class FlowWithin(PoseTransferMetric):
    """Percentage of visible pixels whose flow is right to some pixels.

    ``within_3px`` and, of standing still, ``zero_flow/within_3px``. Counts
    are kept for each sample: any number of processes gives the same.

    Args:
        threshold (float): In pixels.
        prefix, collect_device: See `PoseTransferMetric`.
    """

    predictions = ('pred_flow',)
    truth = ('gt_flow', 'gt_visibility')

    def __init__(self, threshold=3.0, prefix=None, collect_device='gpu'):
        super().__init__(prefix=prefix, collect_device=collect_device)
        self.threshold = threshold
        self.name = f'within_{threshold:g}px'
        heading = f'within {threshold:g} px'
        self.columns = {self.name: Column('flow', heading, 1, 'higher', '%')}

    def score(self, fields):
        """Count the pixels of each sample.

        Args:
            fields (dict[str, Tensor]): ``pred_flow`` and ``gt_flow``
                (N, 2, H, W), ``gt_visibility`` (N, 1, H, W).

        Returns:
            dict[str, Tensor]: ``right`` of ``visible`` pixels, each (N,).
        """
        error = fields['pred_flow'] - fields['gt_flow']
        distance = torch.linalg.vector_norm(error, dim=1)
        visible = fields['gt_visibility'][:, 0] == 0
        right = (distance <= self.threshold) & visible
        return dict(right=right.sum((1, 2)), visible=visible.sum((1, 2)))

    def summarize(self, scores):
        """The percentage over all visible pixels of the test set.

        Args:
            scores (dict[str, Tensor]): Counts of each sample.

        Returns:
            dict[str, float]: nan where no pixel is visible.
        """
        right, visible = scores['right'].sum(), scores['visible'].sum()
        return {self.name: float(100 * right / visible)}
