"""A metric that does not care how far off an outlier is."""

import torch
from mmengine.evaluator import BaseMetric

from mmposetransfer.evaluation import add_table_column
from mmposetransfer.registry import METRICS


@METRICS.register_module()
class FlowWithin(BaseMetric):
    """Percentage of visible pixels whose flow is right to some pixels.

    ``within_3px`` and, of standing still, ``zero_flow/within_3px``. Counts
    are kept for each sample: any number of processes gives the same.

    Args:
        threshold (float): In pixels.
        prefix, collect_device: See `mmengine.evaluator.BaseMetric`.
    """

    default_prefix = ''

    def __init__(self, threshold=3.0, prefix=None, collect_device='cpu'):
        super().__init__(collect_device, prefix)
        self.threshold = threshold
        self.name = f'within_{threshold:g}px'
        add_table_column(
            'flow', self.name, f'within {threshold:g} px (%) ↑', digits=1
        )

    def process(self, data_batch, data_samples):
        """Count the pixels of a batch.

        Args:
            data_batch (dict): Not used.
            data_samples (list[dict]): With ``pred_flow``, ``gt_flow`` and
                ``gt_visibility``.
        """
        for sample in data_samples:
            truth = sample['gt_flow']
            visible = sample['gt_visibility'][0] == 0
            self.results.append(
                dict(
                    model=self._right(sample['pred_flow'] - truth, visible),
                    still=self._right(-truth, visible),
                    visible=int(visible.sum()),
                )
            )

    def _right(self, error, visible):
        distance = torch.linalg.vector_norm(error, dim=0)
        return int(((distance <= self.threshold) & visible).sum())

    def compute_metrics(self, results):
        """Percentages over all visible pixels of the test set.

        Args:
            results (list[dict]): Counts of each sample, of all processes.

        Returns:
            dict[str, float]: nan where no pixel is visible.
        """
        total = sum(row['visible'] for row in results) or float('nan')
        return {
            name: 100 * sum(row[key] for row in results) / total
            for name, key in (
                (self.name, 'model'),
                (f'zero_flow/{self.name}', 'still'),
            )
        }
