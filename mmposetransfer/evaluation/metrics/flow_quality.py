"""End-point error of flow and quality of visibility maps."""

from torch import Tensor

from mmposetransfer.registry import METRICS

from ..columns import Column
from ..functional import (
    confusion_matrix,
    end_point_error_sums,
    visibility_accuracy,
    visibility_miou,
)
from .base import PoseTransferMetric


@METRICS.register_module()
class FlowQuality(PoseTransferMetric):
    """Flow and, where it is predicted, visibility against the truth.

    ``EPE`` is the mean end-point error in pixels over all visible pixels of
    the test set (each pixel counts alike), ``vis_accuracy`` the share of
    pixels whose class of visibility is right and ``vis_mIoU`` the mean over
    the three classes of intersection over union, from one confusion matrix of
    the test set. Of a method that predicts flow alone there is only ``EPE``.
    Sums and counts are kept for each sample: distributed testing gives the
    same numbers as one process.

    Args:
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    predictions = ('pred_flow',)
    optional_predictions = ('pred_visibility',)
    truth = ('gt_flow', 'gt_visibility')
    columns = {
        'EPE': Column('flow', 'EPE', 3, 'lower', 'px'),
        'vis_accuracy': Column('flow', 'visibility accuracy', 4, 'higher'),
        'vis_mIoU': Column('flow', 'visibility mIoU', 4, 'higher'),
    }

    def __init__(
        self,
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(None, prefix, collect_device, collect_dir)

    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """Sums and counts of each sample.

        Args:
            fields: ``pred_flow`` and ``gt_flow``, (N, 2, H, W), in pixels;
                ``gt_visibility`` and, where there is one,
                ``pred_visibility``, (N, 1, H, W), classes.

        Returns:
            ``error``, the sum of end-point errors over ``count`` pixels, each
            (N,); with visibility the confusion ``matrix``, (N, 3, 3).
        """
        visible = fields['gt_visibility']
        error, count = end_point_error_sums(
            fields['pred_flow'], fields['gt_flow'], visible
        )
        scores = dict(error=error, count=count)
        if 'pred_visibility' in fields:
            scores['matrix'] = confusion_matrix(
                fields['pred_visibility'], visible
            )
        return scores

    def summarize(self, scores: dict[str, Tensor]) -> dict[str, float]:
        """Means over all pixels that count.

        Args:
            scores: Sums and counts of all samples.

        Returns:
            ``EPE``, nan where no pixel is visible; ``vis_accuracy`` and
            ``vis_mIoU`` where visibility is predicted for all samples.
        """
        numbers = {'EPE': float(scores['error'].sum() / scores['count'].sum())}
        if 'matrix' in scores:
            matrix = scores['matrix'].sum(0)
            numbers['vis_accuracy'] = float(visibility_accuracy(matrix))
            numbers['vis_mIoU'] = float(visibility_miou(matrix))
        return numbers
