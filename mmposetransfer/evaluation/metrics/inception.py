"""FID, KID and inception score."""

from collections.abc import Sequence
from pathlib import Path

from mmposetransfer.models.backbones import InceptionFeatures
from mmposetransfer.registry import METRICS

from ..columns import Column
from ..protocols import Protocol, get_protocol
from ..set_measures import (
    FrechetMeasure,
    InceptionScoreMeasure,
    KernelMeasure,
    SetMeasure,
)
from .set_metric import SetMetric, check_measures

_MEASURES = ('FID', 'KID', 'IS')


@METRICS.register_module()
class InceptionDistance(SetMetric):
    """FID, KID and inception score, from one pass of Inception-v3.

    The numbers are named by the way in which Inception looks at pictures and
    by the protocol: ``FID_torchvision_gfla_256x176``. Masked, there is
    ``mask_`` in front. FID keeps sums (67 MB for each method and the truth,
    however many pairs there are), KID 8 KB a picture, the inception score
    80 KB for each method.

    Args:
        weights (str | Path): Path or URL of the published file of weights;
            the error says where it is to be had.
        variant (str, optional): 'torchvision' (GFLA and its line),
            'pytorch_fid', 'clean_fid' or 'tensorflow' (the inception score of
            2016); see `mmposetransfer.models.backbones.InceptionFeatures`.
            None takes the protocol's, or 'torchvision' where it names none.
        measures (Sequence[str]): Which of 'FID', 'KID' and 'IS'.
        protocol (str | Protocol): A name that `get_protocol` knows, or a
            protocol of your own.
        real_statistics (str | Path, optional): A file of
            ``mmposetransfer set-statistics``, for protocols that compare
            with a training set. Else the true pictures of the pairs are the
            real set.
        masked (bool): Look at pictures times the limb mask of the target
            pose: mask-IS.
        splits (int): Parts of the inception score.
        min_pictures (int, optional): How many pictures FID needs; None: more
            than its 2048 features. Of fewer it is left out with a warning.
        sha256 (str, optional): What the digest of ``weights`` begins with.
            None holds a file of the published name to the published digest.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their sums
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    def __init__(
        self,
        weights: str | Path | None,
        variant: str | None = None,
        measures: Sequence[str] = ('FID', 'KID'),
        protocol: str | Protocol = 'gfla_256x176',
        real_statistics: str | Path | None = None,
        masked: bool = False,
        splits: int = 10,
        min_pictures: int | None = None,
        sha256: str | None = None,
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        check_measures(measures, _MEASURES)
        if isinstance(protocol, str):
            protocol = get_protocol(protocol)
        variant = variant or protocol.fid_network or 'torchvision'
        network = InceptionFeatures(variant, weights, sha256)
        made = {
            name: self._measure(name, network, masked, splits, min_pictures)
            for name in measures
        }
        super().__init__(
            network,
            list(made.values()),
            protocol,
            real_statistics,
            masked,
            prefix,
            collect_device,
            collect_dir,
        )

    @staticmethod
    def _measure(
        kind: str,
        network: InceptionFeatures,
        masked: bool,
        splits: int,
        min_pictures: int | None,
    ) -> SetMeasure:
        """A number with its name and column."""
        name = f'{"mask_" if masked else ""}{kind}_{network.variant}'
        heading = f'{"mask-" if masked else ""}{kind} by {network.variant}'
        if kind == 'FID':
            column = Column('images', heading, 2, 'lower')
            return FrechetMeasure(
                name, column, network.pooled_features, min_pictures
            )
        if kind == 'KID':
            return KernelMeasure(name, Column('images', heading, 5, 'lower'))
        classes = network.network.fc.out_features
        column = Column('images', heading, 3, 'higher')
        return InceptionScoreMeasure(name, column, classes, splits)
