"""SSIM, PSNR and L1 of generated images, beside two free baselines."""

import logging

from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import METRICS

from ..functional import (
    SSIM_PROTOCOLS,
    l1,
    psnr,
    ssim_by_protocol,
    to_unit_range,
    warp_with_true_flow,
)
from .sample_fields import has_fields, same_size_groups, stacked

# The mean of PSNR must survive a pair of identical images (the copied
# reference may be one): no 8-bit image with an error reaches this.
MAX_PSNR = 120.0


@METRICS.register_module()
class ImageQuality(BaseMetric):
    """SSIM, PSNR and L1 between generated and true images.

    The same is computed for two methods that need no training, so that no
    number stands alone: ``copy_reference/...`` hands back the reference, and
    ``true_flow_warp/...`` fetches visible pixels with the true flow and
    copies the reference elsewhere (only where the data know the true flow).

    Images are compared as 8-bit pictures in [0, 1], rounded or, where the
    protocol has it so, truncated; PSNR is in dB (identical
    images count as 120), L1 in units of the full range. All are means over
    the samples, exact under distributed testing. As an SSIM says nothing
    without its protocol, the metrics hold that too: ``SSIM_protocol``.

    Args:
        protocol (str): How SSIM is computed, a key of
            `mmposetransfer.evaluation.functional.SSIM_PROTOCOLS`: 'dsc',
            'official', 'gfla' or 'torchmetrics'.
        baselines (bool): Whether to compute the two baselines.
        prefix (str, optional): Put before the names of the metrics.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    default_prefix = ''

    def __init__(
        self,
        protocol='dsc',
        baselines=True,
        prefix=None,
        collect_device='gpu',
        collect_dir=None,
    ):
        if protocol not in SSIM_PROTOCOLS:
            raise UserValueError(
                f"unknown SSIM protocol '{protocol}'; known "
                f'are {sorted(SSIM_PROTOCOLS)}'
            )
        super().__init__(collect_device, prefix, collect_dir)
        self.protocol = protocol
        self.baselines = baselines

    def process(self, data_batch, data_samples):
        """Score one batch.

        Args:
            data_batch (dict): Not used.
            data_samples (list[dict]): With ``pred_img``, ``gt_img`` and, for
                the baselines, ``ref_img``, ``gt_flow``, ``gt_visibility``.
        """
        for group in same_size_groups(data_samples, 'gt_img'):
            self.results.extend(self._score_group(group))

    def _score_group(self, samples):
        target = self._as_saved(stacked(samples, 'gt_img', 'ImageQuality'))
        images = {'': stacked(samples, 'pred_img', 'ImageQuality')}
        if self.baselines:
            reference = stacked(samples, 'ref_img', 'ImageQuality')
            images['copy_reference/'] = reference
            if has_fields(samples, 'gt_flow', 'gt_visibility'):
                images['true_flow_warp/'] = warp_with_true_flow(
                    reference,
                    stacked(samples, 'gt_flow', 'ImageQuality'),
                    stacked(samples, 'gt_visibility', 'ImageQuality'),
                )
        scores = {}
        for method, image in images.items():
            for name, values in self._score(image, target).items():
                scores[method + name] = values.tolist()
        return [
            {name: values[i] for name, values in scores.items()}
            for i in range(len(samples))
        ]

    def _as_saved(self, image):
        truncate = SSIM_PROTOCOLS[self.protocol].truncate
        return to_unit_range(image, truncate)

    def _score(self, image, target):
        image = self._as_saved(image.to(target.device))
        return dict(
            SSIM=ssim_by_protocol(image, target, self.protocol),
            PSNR=psnr(image, target).clamp(max=MAX_PSNR),
            L1=l1(image, target),
        )

    def compute_metrics(self, results):
        """Means over all samples.

        Args:
            results (list[dict]): The scores of each sample.

        Returns:
            dict[str, float | str]: ``SSIM``, ``PSNR``, ``L1`` and the same
            of the baselines; ``SSIM_protocol``, a name.
        """
        names = dict.fromkeys(name for row in results for name in row)
        means = {}
        for name in names:
            values = [row[name] for row in results if name in row]
            if len(values) == len(results):
                means[name] = sum(values) / len(values)
            else:  # a mean over other samples could not be compared
                print_log(
                    f'{name} is left out: only {len(values)} of '
                    f'{len(results)} samples know their true flow.',
                    logger='current',
                    level=logging.WARNING,
                )
        if means:
            means['SSIM_protocol'] = self.protocol
        return means
