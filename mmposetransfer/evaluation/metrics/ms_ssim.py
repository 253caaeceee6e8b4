"""Multi-scale structural similarity of generated images."""

from torch import Tensor

from mmposetransfer.registry import METRICS

from ..columns import Column
from ..functional import ms_ssim
from .picture_metric import PictureMetric


@METRICS.register_module()
class MultiScaleSSIM(PictureMetric):
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

    columns = {'MS_SSIM': Column('images', 'MS-SSIM', 4, 'higher')}

    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """MS-SSIM of each image.

        Args:
            fields: ``pred_img`` and ``gt_img``, (N, 3, H, W), in [-1, 1].

        Returns:
            ``MS_SSIM``, (N,).
        """
        return dict(MS_SSIM=ms_ssim(*self.prepared(fields)))
