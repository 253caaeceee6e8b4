"""FashionIS: the inception score by a classifier of clothes."""

from pathlib import Path
from typing import Any

from torch import nn

from mmposetransfer.registry import METRICS

from ..classifiers import (
    ClassifierLogits,
    load_classifier,
    shipped_classifier,
)
from ..columns import Column
from ..protocols import Protocol
from ..set_measures import InceptionScoreMeasure
from .set_metric import SetMetric


class ClassifierScore(SetMetric):
    """The inception score of a classifier, under a name.

    Args:
        classifier (nn.Module): RGB (N, 3, H, W) in [-1, 1] to logits; has
            ``num_labels``.
        splits (int): Parts of the score.
        protocol (str | Protocol): How pictures are prepared.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): See `SetMetric`.
        collect_dir (str, optional): See `SetMetric`.

    Attributes:
        name: Of the number.
        heading: Of its column.
    """

    name = ''
    heading = ''

    def __init__(
        self,
        classifier: nn.Module,
        splits: int,
        protocol: str | Protocol,
        prefix: str | None,
        collect_device: str,
        collect_dir: str | None,
    ) -> None:
        network = ClassifierLogits(classifier)
        column = Column('images', self.heading, 3, 'higher')
        measure = InceptionScoreMeasure(
            self.name, column, network.num_labels, splits
        )
        super().__init__(
            network,
            [measure],
            protocol,
            prefix=prefix,
            collect_device=collect_device,
            collect_dir=collect_dir,
        )


@METRICS.register_module()
class FashionIS(ClassifierScore):
    """FashionIS of the DIPT paper, by your training on DeepFashion.

    Section 4.2: the inception score with an Inception-v3 that was fine-tuned
    on types of clothes. The paper's network is not published, so numbers of
    yours are not those of its Table 1: say beside them what was trained.
    There is no other network that is taken in its place.

    Args:
        classifier (str | dict | nn.Module): Path or name of its config, such
            as 'classifiers/type_inception_deepfashion_in_shop'; its model's
            config; or itself: RGB (N, 3, H, W) in [-1, 1] to logits, with
            ``num_labels``.
        weights (str | Path, optional): Path or URL of its checkpoint; only a
            module of your own may do without.
        sha256 (str, optional): What the checkpoint's digest begins with.
        splits (int): Parts of the score.
        protocol (str | Protocol): A name that `get_protocol` knows, or a
            protocol of your own.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their sums
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    name = 'FashionIS'
    heading = 'FashionIS'
    columns = {'FashionIS': Column('images', heading, 3, 'higher')}

    def __init__(
        self,
        classifier: str | Path | dict[str, Any] | nn.Module,
        weights: str | Path | None = None,
        sha256: str | None = None,
        splits: int = 10,
        protocol: str | Protocol = 'dsc',
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(
            load_classifier(classifier, weights, sha256),
            splits,
            protocol,
            prefix,
            collect_device,
            collect_dir,
        )


@METRICS.register_module()
class SynthFashionIS(ClassifierScore):
    """synthfashion-FashionIS: the same by a classifier that comes along.

    It knows the 14 types of SynthFashion's clothes, from features of
    EfficientNet-Lite0, and has seen SynthFashion alone: a number for
    pictures of SynthFashion's people, between 1 and 14, and not to be
    compared with a FashionIS.

    Args:
        splits (int): Parts of the score.
        protocol (str | Protocol): A name that `get_protocol` knows, or a
            protocol of your own.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their sums
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    name = 'synthfashion_FashionIS'
    heading = 'synthfashion-FashionIS'
    columns = {name: Column('images', heading, 3, 'higher')}

    def __init__(
        self,
        splits: int = 10,
        protocol: str | Protocol = 'dsc',
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(
            shipped_classifier('type_lite0_synthfashion'),
            splits,
            protocol,
            prefix,
            collect_device,
            collect_dir,
        )
