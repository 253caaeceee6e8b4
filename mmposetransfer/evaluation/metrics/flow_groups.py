"""End-point errors by visibility, body part and size of the motion."""

from collections.abc import Sequence

from torch import Tensor

from mmposetransfer.registry import METRICS

from ..columns import Column
from ..functional import BODY_PARTS, flow_groups, group_error_sums
from .base import PoseTransferMetric

_TITLES = dict(all='body', visible='visible', invisible='invisible')


@METRICS.register_module()
class FlowErrors(PoseTransferMetric):
    """Where flow is wrong: end-point errors of groups of pixels.

    ``EPE_all`` is over the pixels of the body, ``EPE_visible`` and
    ``EPE_invisible`` over those that the reference shows or hides. Of visible
    pixels there are ``EPE_head``, ``EPE_torso``, ``EPE_arms`` and
    ``EPE_legs`` where the data know body parts (``gt_parts``), and
    ``EPE_motion_0_4`` to ``EPE_motion_64_up`` by the length of the true flow.
    All in pixels, each pixel of the test set counts alike. A group without
    pixels has no number.

    Args:
        motions (Sequence[float]): Lengths in pixels, growing, that divide
            the motions.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.

    Raises:
        ValueError: With the first batch, if ``motions`` do not grow from
            above 0.
    """

    predictions = ('pred_flow',)
    truth = ('gt_flow', 'gt_visibility')
    optional_truth = ('gt_parts',)

    def __init__(
        self,
        motions: Sequence[float] = (4, 16, 64),
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(None, prefix, collect_device, collect_dir)
        self.motions = tuple(motions)
        bounds = [*(f'{motion:g}' for motion in (0, *motions)), 'up']
        titles = {**_TITLES, **{part: part for part in BODY_PARTS}}
        for low, high in zip(bounds, bounds[1:], strict=False):
            said = f'over {low} px' if high == 'up' else f'{low} to {high} px'
            titles[f'motion_{low}_{high}'] = f'moved {said}'
        self.columns = {
            f'EPE_{name}': Column('flow', f'EPE {title}', 3, 'lower', 'px')
            for name, title in titles.items()
        }

    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """Sums and counts of each sample.

        Args:
            fields: ``pred_flow`` and ``gt_flow``, (N, 2, H, W), in pixels;
                ``gt_visibility`` and perhaps ``gt_parts``, (N, 1, H, W).

        Returns:
            dict[str, Tensor]: By group (N, 2): sum of errors, and number of
            pixels.
        """
        groups = flow_groups(
            fields['gt_flow'],
            fields['gt_visibility'],
            fields.get('gt_parts'),
            self.motions,
        )
        return group_error_sums(fields['pred_flow'], fields['gt_flow'], groups)

    def summarize(self, scores: dict[str, Tensor]) -> dict[str, float]:
        """Means over all pixels of each group that has some.

        Args:
            scores: Sums and counts of all samples.

        Returns:
            ``EPE_GROUP`` of each.
        """
        totals = {name: pair.sum(0) for name, pair in scores.items()}
        return {
            f'EPE_{name}': float(error / count)
            for name, (error, count) in totals.items()
            if count > 0
        }
