"""Multi-scale structural similarity of generated images."""

from torch import Tensor

from mmposetransfer.registry import METRICS

from ..columns import Column
from ..functional import ms_ssim
from ..protocols import Protocol
from .base import PoseTransferMetric


@METRICS.register_module()
class MultiScaleSSIM(PoseTransferMetric):
    """MS-SSIM between generated and true images, as torchmetrics has it.

    Images are compared as the protocol has it (8 bits, size, crop), need at
    least 88 pixels on each side, and the number is named by it:
    ``MS_SSIM_dsc``, the mean over the samples. Windows and ranges of the
    protocol's own SSIM do not matter.

    Args:
        protocol (str | Protocol): A name that `get_protocol` knows, or a
            protocol of your own.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    predictions = ('pred_img',)
    truth = ('gt_img',)
    columns = {'MS_SSIM': Column('images', 'MS-SSIM', 4, 'higher')}

    protocol: Protocol

    def __init__(
        self,
        protocol: str | Protocol = 'dsc',
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(protocol, prefix, collect_device, collect_dir)

    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """MS-SSIM of each image.

        Args:
            fields: ``pred_img`` and ``gt_img``, (N, 3, H, W), in [-1, 1].

        Returns:
            ``MS_SSIM``, (N,).
        """
        pair = self.protocol.prepare(fields['pred_img'], fields['gt_img'])
        return dict(MS_SSIM=ms_ssim(*pair))
