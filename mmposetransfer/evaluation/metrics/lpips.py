"""LPIPS of generated images."""

from pathlib import Path

import torch
from torch import Tensor

from mmposetransfer.models.backbones import LPIPSNetwork
from mmposetransfer.registry import METRICS

from ..columns import Column
from ..protocols import Protocol
from .picture_metric import PictureMetric


@METRICS.register_module()
class LPIPS(PictureMetric):
    """LPIPS, version 0.1, between generated and true images.

    Images are compared as the protocol has it (8 bits, size, crop), at the
    size that they have then. The number is named by the trunk and the
    protocol: ``LPIPS_alex_gfla_256x176``, the mean over the samples.

    Args:
        weights (str | Path): Path or URL of torchvision's file of the trunk;
            the error says where it is to be had.
        trunk (str, optional): 'alex' (GFLA and its line), 'vgg' or 'squeeze'
            (Leffa). None takes the protocol's, or 'alex' where it names none.
        linear (str | Path, optional): Path or URL of the linear layers; None
            takes them from the installed package torchmetrics or lpips.
        protocol (str | Protocol): A name that `get_protocol` knows, or a
            protocol of your own.
        sha256 (str, optional): What the digest of ``weights`` begins with.
            None holds a file of the published name to the published digest.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    def __init__(
        self,
        weights: str | Path | None,
        trunk: str | None = None,
        linear: str | Path | None = None,
        protocol: str | Protocol = 'gfla_256x176',
        sha256: str | None = None,
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(protocol, prefix, collect_device, collect_dir)
        trunk = trunk or self.protocol.lpips_network or 'alex'
        self.network = LPIPSNetwork(trunk, weights, linear, sha256)
        self.name = f'LPIPS_{trunk}'
        heading = f'LPIPS by {trunk}'
        self.columns = {self.name: Column('images', heading, 4, 'lower')}

    @torch.no_grad()
    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """The distance of each image.

        Args:
            fields: ``pred_img`` and ``gt_img``, (N, 3, H, W), in [-1, 1].

        Returns:
            ``LPIPS_TRUNK``, (N,).
        """
        pred, target = self.prepared(fields)
        network = self.network.to(pred.device)
        return {self.name: network(pred * 2 - 1, target * 2 - 1)}
