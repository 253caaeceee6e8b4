"""Generated against true images where the limbs of the target pose are."""

from pathlib import Path

import torch
from torch import Tensor

from mmposetransfer.models.backbones import LPIPSNetwork
from mmposetransfer.registry import METRICS

from ..columns import Column
from ..protocols import Protocol
from .picture_metric import PictureMetric, target_masks


@METRICS.register_module()
class MaskedQuality(PictureMetric):
    """mask-SSIM and mask-LPIPS: both images times the target pose's limbs.

    Of Market-1501, whose backgrounds nobody could predict (Ma et al., 2017).
    Images are prepared as the protocol has it, then multiplied with the limb
    mask of the target pose (`limb_masks`), so that all else is black in both;
    then compared by the protocol's SSIM, and by LPIPS where ``weights`` are
    named. A pair whose target pose has no joint in the picture does not
    count, and a warning says how many there are. Without any other pair
    there is no number. mask-IS: `InceptionDistance` with ``masked=True``.

    The numbers are means over the samples: ``mask_SSIM_dsc``,
    ``mask_LPIPS_alex_dsc``.

    Args:
        protocol (str | Protocol): A name that `get_protocol` knows, or a
            protocol of your own.
        weights (str | Path, optional): Path or URL of torchvision's file of
            the trunk of LPIPS; None leaves LPIPS out.
        trunk (str): 'alex', 'vgg' or 'squeeze'.
        linear (str | Path, optional): Path or URL of the linear layers; None
            takes them from the installed package torchmetrics or lpips.
        sha256 (str, optional): What the digest of ``weights`` begins with.
            None holds a file of the published name to the published digest.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    truth = ('gt_img', 'tgt_keypoints')

    def __init__(
        self,
        protocol: str | Protocol = 'dsc',
        weights: str | Path | None = None,
        trunk: str = 'alex',
        linear: str | Path | None = None,
        sha256: str | None = None,
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(protocol, prefix, collect_device, collect_dir)
        columns = {'mask_SSIM': Column('images', 'mask-SSIM', 4, 'higher')}
        self.network = None
        if weights is not None:
            self.network = LPIPSNetwork(trunk, weights, linear, sha256)
            self.lpips_name = f'mask_LPIPS_{trunk}'
            columns[self.lpips_name] = Column(
                'images', f'mask-LPIPS by {trunk}', 4, 'lower'
            )
        self.columns = columns

    @torch.no_grad()
    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """Scores of each image.

        Args:
            fields: ``pred_img`` and ``gt_img``, (N, 3, H, W), in [-1, 1];
                ``tgt_keypoints``, (N, 18, 3), in pixels of ``gt_img``.

        Returns:
            By name of the number, and ``counted``, whether there is a mask,
            each (N,).
        """
        pred, target = self.prepared(fields)
        masks = target_masks(fields, self.protocol)
        pred, target = pred * masks, target * masks
        scores = dict(
            mask_SSIM=self.protocol.ssim(pred, target),
            counted=masks.flatten(1).amax(1).long(),
        )
        if self.network is not None:
            network = self.network.to(pred.device)
            scores[self.lpips_name] = network(pred * 2 - 1, target * 2 - 1)
        return scores

    def summarize(self, scores: dict[str, Tensor]) -> dict[str, float]:
        """Means over the pairs that have a mask.

        Args:
            scores: Of all samples.

        Returns:
            Numbers by name; none without any mask.
        """
        return self.means_of_counted(
            scores, 'have no joint of the target pose in the picture'
        )
