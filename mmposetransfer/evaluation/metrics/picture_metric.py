"""What metrics of generated pictures beside true ones share."""

from torch import Tensor

from ..functional.masks import framed_masks, limb_masks
from ..protocols import Protocol
from .base import PoseTransferMetric

__all__ = ['PictureMetric', 'target_masks']


class PictureMetric(PoseTransferMetric):
    """A metric that compares pictures as its protocol has them.

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

    protocol: Protocol

    def __init__(
        self,
        protocol: str | Protocol = 'dsc',
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(protocol, prefix, collect_device, collect_dir)

    def prepared(self, fields: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """The pictures of a batch as they are compared.

        Args:
            fields: ``pred_img`` and ``gt_img``, (N, 3, H, W), in [-1, 1].

        Returns:
            tuple[Tensor, Tensor]: Generated and true ones, in [0, 1]; see
            `Protocol.prepare`.
        """
        return self.protocol.prepare(fields['pred_img'], fields['gt_img'])


def target_masks(fields: dict[str, Tensor], protocol: Protocol) -> Tensor:
    """Limb masks of the target poses, framed as a protocol has the pictures.

    Args:
        fields: ``gt_img``, (N, 3, H, W), and ``tgt_keypoints``, (N, 18, 3),
            in its pixels.
        protocol: The protocol.

    Returns:
        Tensor: Of 0 and 1, (N, 1, H', W').
    """
    masks = limb_masks(fields['tgt_keypoints'], fields['gt_img'].shape[-2:])
    return framed_masks(masks, protocol.size, protocol.crop)
