"""Whether clothes keep their attributes: AttrRec-k and mAP."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import METRICS, MODELS

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
        classifier (dict | nn.Module): Its config, a type in ``MODELS``, or
            itself: RGB (N, 3, H, W) in [-1, 1] to logits (N, A).
        k (Sequence[int]): How many attributes are looked at; the DIPT paper
            has 5 and 20.
        labels (str): Field of the data with 0 and 1 of each attribute, (A,).
        protocol (str | Protocol): A name that `get_protocol` knows, or a
            protocol of your own.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.

    Raises:
        ValueError: With the first batch, if the classifier has another
            number of attributes than the labels, or fewer than k.
    """

    predictions = ('pred_img',)

    protocol: Protocol

    def __init__(
        self,
        classifier: dict[str, Any] | nn.Module,
        k: Sequence[int] = (5, 20),
        labels: str = 'attributes',
        protocol: str | Protocol = 'dsc',
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(protocol, prefix, collect_device, collect_dir)
        if isinstance(classifier, dict):
            classifier = MODELS.build(classifier)
        self.classifier = classifier.eval()
        self.k, self.labels = tuple(k), labels
        self.truth = (labels,)
        self.columns = {
            f'AttrRec_{count}': Column(
                'images', f'AttrRec-{count}', 4, 'higher'
            )
            for count in self.k
        } | {'attr_mAP': Column('images', 'attribute mAP', 4, 'higher')}

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
            f'AttrRec_{k}': top_k_recall(logits, labels, k) for k in self.k
        }
        return scores | dict(logits=logits, labels=labels.long())

    def summarize(self, scores: dict[str, Tensor]) -> dict[str, float]:
        """Mean recalls, and mean average precision.

        Args:
            scores: Of all samples.

        Returns:
            Numbers by name.
        """
        numbers = {
            f'AttrRec_{k}': float(scores[f'AttrRec_{k}'].mean())
            for k in self.k
        }
        precisions = average_precisions(scores['logits'], scores['labels'])
        if len(precisions):
            numbers['attr_mAP'] = float(precisions.mean())
        return numbers
