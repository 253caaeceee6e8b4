"""SSIM, PSNR and L1 of generated images."""

from torch import Tensor

from mmposetransfer.registry import METRICS

from ..columns import Column
from ..functional import l1, psnr
from .picture_metric import PictureMetric

# The mean of PSNR must survive a pair of identical images (the copied
# reference may be one): no 8-bit image with an error reaches this.
MAX_PSNR = 120.0


@METRICS.register_module()
class ImageQuality(PictureMetric):
    """SSIM, PSNR and L1 between generated and true images.

    Images are compared as the protocol has it: as 8-bit pictures, rounded or
    truncated, resized and cropped where it says so. PSNR is in dB (identical
    images count as 120), L1 in units of the full range. All are means over
    the samples, exact under distributed testing. As the numbers say nothing
    without their protocol, they are named by it: ``SSIM_dsc``, ``PSNR_dsc``,
    ``L1_dsc``. Protocols that have a second SSIM yield ``SSIM_256`` as well.

    Args:
        protocol (str | Protocol): A name that `get_protocol` knows, such as
            'dsc', 'patn', 'official', 'gfla' or 'torchmetrics', or a protocol
            of your own.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    columns = {
        'SSIM': Column('images', 'SSIM', 4, 'higher'),
        'SSIM_256': Column('images', 'SSIM-256', 4, 'higher'),
        'PSNR': Column('images', 'PSNR', 2, 'higher', 'dB'),
        'L1': Column('images', 'L1', 4, 'lower'),
    }

    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """SSIM, PSNR and L1 of each image.

        Args:
            fields: ``pred_img`` and ``gt_img``, (N, 3, H, W), in [-1, 1].

        Returns:
            Each (N,); ``SSIM_256`` where the protocol has one.
        """
        pred, target = self.prepared(fields)
        scores = dict(
            SSIM=self.protocol.ssim(pred, target),
            PSNR=psnr(pred, target).clamp(max=MAX_PSNR),
            L1=l1(pred, target),
        )
        if self.protocol.ssim_256 is not None:
            scores['SSIM_256'] = self.protocol.ssim_256(pred, target)
        return scores
