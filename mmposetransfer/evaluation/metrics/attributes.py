"""Whether clothes keep their attributes: AttrRec-k and mAP."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mmposetransfer.datasets.clothing import (
    in_shop_attributes,
    in_shop_item,
    synthfashion_attributes,
)
from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.registry import METRICS

from ..classifiers import load_classifier, shipped_classifier
from ..columns import Column
from ..functional import average_precisions, top_k_recall
from ..protocols import Protocol
from .base import PoseTransferMetric


@METRICS.register_module()
class AttributeRecall(PoseTransferMetric):
    """AttrRec-k and mAP: what a classifier of attributes sees in a picture.

    The classifier looks at generated pictures, prepared as the protocol has
    it; its k surest attributes are held to the labels of the data.
    ``AttrRec_5_dsc`` is the mean over the samples, ``attr_mAP_dsc`` the mean
    over the attributes that some sample has; without any there is none. All
    scores of the classifier are kept: 8 bytes and a little for each attribute
    of a picture. The classifier is part of what the numbers mean.

    Args:
        classifier (str | dict | nn.Module): Path or name of its config, such
            as 'classifiers/attributes_resnet50_deepfashion_in_shop'; its
            model's config, a type in ``MODELS``; or itself: RGB (N, 3, H, W)
            in [-1, 1] to logits (N, A).
        weights (str | Path, optional): Path or URL of its checkpoint; only a
            module of your own may do without.
        sha256 (str, optional): What the checkpoint's digest begins with.
        k (Sequence[int]): How many attributes are looked at; the DIPT paper
            has 5 and 20.
        labels (str): Field of the data with 0 and 1 of each attribute, (A,).
        label_files (str | Path, optional): Folder of In-shop's
            ``list_attr_cloth.txt`` and ``list_attr_items.txt``: labels of
            the target picture's item, where the data have none.
        protocol (str | Protocol): A name that `get_protocol` knows, or a
            protocol of your own.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.

    Raises:
        KeyError: If neither the data nor the files have labels of a picture.
        ValueError: With the first batch, if the classifier has another
            number of attributes than the labels, or fewer than k.
    """

    predictions = ('pred_img',)

    protocol: Protocol

    number = '{}'
    heading = '{}'

    def __init__(
        self,
        classifier: str | Path | dict[str, Any] | nn.Module,
        weights: str | Path | None = None,
        sha256: str | None = None,
        k: Sequence[int] = (5, 20),
        labels: str = 'attributes',
        label_files: str | Path | None = None,
        protocol: str | Protocol = 'dsc',
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(protocol, prefix, collect_device, collect_dir)
        self.classifier = load_classifier(classifier, weights, sha256)
        self.k, self.labels = tuple(k), labels
        self.truth = (labels,)
        self.columns = {
            self.number.format(name): Column(
                'images', self.heading.format(title), 4, 'higher'
            )
            for name, title in (
                *((f'AttrRec_{k}', f'AttrRec-{k}') for k in self.k),
                ('attr_mAP', 'attribute mAP'),
            )
        }
        # A picture's name -> its labels.
        self.labels_of: Callable[[str], np.ndarray] | None = None
        if label_files is not None:
            items = in_shop_attributes(label_files)[1]
            self.labels_of = lambda name: items[in_shop_item(name)]

    def _fields(
        self,
        sample: dict[str, Any],
        predicted: dict[str, Any] | None,
        method: str,
    ) -> dict[str, Tensor] | None:
        """With labels by the target's name, where the data have none."""
        if self.labels_of is not None and sample.get(self.labels) is None:
            try:
                labels = self.labels_of(str(sample['tgt_id']))
            except KeyError as error:
                raise UserKeyError(
                    f'{type(self).__name__}: there are no labels of the '
                    f"picture '{sample.get('tgt_id')}' ({error})"
                ) from error
            sample = {**sample, self.labels: torch.from_numpy(labels.copy())}
        return super()._fields(sample, predicted, method)

    @torch.no_grad()
    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """Recalls of each picture, and what mAP needs of it.

        Args:
            fields: ``pred_img``, (N, 3, H, W), in [-1, 1], and the labels,
                (N, A).

        Returns:
            ``AttrRec_K``, each (N,); ``logits`` and ``labels``, (N, A).
        """
        images, labels = fields['pred_img'], fields[self.labels]
        images, _ = self.protocol.prepare(images, images)
        logits = self.classifier.to(images.device)(images * 2 - 1)
        if logits.shape != labels.shape:
            raise UserValueError(
                f'the classifier {type(self.classifier).__name__} gives '
                f'logits of the shape {tuple(logits.shape)} for labels '
                f"'{self.labels}' of the shape {tuple(labels.shape)}"
            )
        labels = labels.to(logits.device)
        scores = {
            self.number.format(f'AttrRec_{k}'): top_k_recall(logits, labels, k)
            for k in self.k
        }
        return scores | dict(logits=logits, labels=labels.long())

    def summarize(self, scores: dict[str, Tensor]) -> dict[str, float]:
        """Mean recalls, and mean average precision.

        Args:
            scores: Of all samples.

        Returns:
            Numbers by name.
        """
        names = [self.number.format(f'AttrRec_{k}') for k in self.k]
        numbers = {name: float(scores[name].mean()) for name in names}
        precisions = average_precisions(scores['logits'], scores['labels'])
        if len(precisions):
            numbers[self.number.format('attr_mAP')] = float(precisions.mean())
        return numbers


@METRICS.register_module()
class SynthAttributeRecall(AttributeRecall):
    """synthfashion-AttrRec-k: by a classifier that comes along.

    It knows SynthFashion's attributes, from features of EfficientNet-Lite0,
    and has seen SynthFashion alone: numbers for pictures of SynthFashion's
    people, not to be compared with an AttrRec-k. Where the data have no
    labels, as a folder of pictures, the target's name tells the person:
    SynthFashion's own (``test_0_00003_...``), or that of a set that
    ``mmposetransfer export-synthfashion`` wrote in DeepFashion's layout.

    Args:
        k (Sequence[int]): How many attributes are looked at.
        seed (int): Of an exported set.
        train_people (int): Of an exported set, whose people of the test come
            after them.
        protocol (str | Protocol): A name that `get_protocol` knows, or a
            protocol of your own.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.

    Raises:
        KeyError: If neither the data nor the name tell the labels.
    """

    number = 'synthfashion_{}'
    heading = 'synthfashion-{}'
    columns = {
        f'synthfashion_{name}': Column(
            'images', f'synthfashion-{title}', 4, 'higher'
        )
        for name, title in (
            ('AttrRec_5', 'AttrRec-5'),
            ('AttrRec_20', 'AttrRec-20'),
            ('attr_mAP', 'attribute mAP'),
        )
    }

    def __init__(
        self,
        k: Sequence[int] = (5, 20),
        seed: int = 0,
        train_people: int = 250,
        protocol: str | Protocol = 'dsc',
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(
            shipped_classifier('attributes_lite0_synthfashion'),
            k=k,
            protocol=protocol,
            prefix=prefix,
            collect_device=collect_device,
            collect_dir=collect_dir,
        )
        self.labels_of = lambda name: synthfashion_attributes(
            name, seed, train_people
        )
