"""How well a classifier of clothes knows them, and how sure it is."""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from mmposetransfer.errors import UserValueError
from mmposetransfer.registry import METRICS

from ..columns import Column
from ..functional.attributes import average_precisions, top_k_recall
from ..functional.calibration import calibration_bins, calibration_error
from .base import PoseTransferMetric


@METRICS.register_module()
class CategoryAccuracy(PoseTransferMetric):
    """Accuracy and calibration of a classifier of clothing types.

    ``accuracy_K``: the share of pictures whose type is among the K likeliest.
    ``ECE``: expected calibration error of the likeliest, in 15 bins. ``NLL``:
    mean cross entropy.

    Args:
        k (Sequence[int]): How many types are looked at.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    predictions = ('logits',)
    truth = ('labels',)

    def __init__(
        self,
        k: Sequence[int] = (1, 3),
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(None, prefix, collect_device, collect_dir)
        self.k = tuple(k)
        self.columns = {
            f'accuracy_{count}': Column(
                'clothing type', f'top-{count} accuracy', 4, 'higher'
            )
            for count in self.k
        } | {
            'ECE': Column('clothing type', 'ECE', 4, 'lower'),
            'NLL': Column('clothing type', 'NLL', 4, 'lower'),
        }

    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """What is right of each picture.

        Args:
            fields: ``logits``, (N, C), and ``labels``, (N,) from 0.

        Returns:
            ``accuracy_K`` and ``NLL``, (N,), and ``bins``, (N, 3, 15).
        """
        logits, labels = fields['logits'].double(), fields['labels'].long()
        if max(self.k) > logits.shape[1]:
            raise UserValueError(
                f'CategoryAccuracy: k={max(self.k)} of a classifier of '
                f'{logits.shape[1]} types'
            )
        order = logits.argsort(dim=1, descending=True, stable=True)
        right = order == labels[:, None]  # N, C
        confidence = logits.softmax(1).max(1, keepdim=True).values
        return {
            f'accuracy_{k}': right[:, :k].any(1).long() for k in self.k
        } | dict(
            NLL=F.cross_entropy(logits, labels, reduction='none'),
            bins=calibration_bins(confidence, right[:, :1].long()),
        )

    def summarize(self, scores: dict[str, Tensor]) -> dict[str, float]:
        """Means, and the calibration error.

        Args:
            scores: Of all samples.
        """
        bins = scores.pop('bins')
        return super().summarize(scores) | dict(
            ECE=calibration_error(bins.sum(0))
        )


@METRICS.register_module()
class AttributeAccuracy(PoseTransferMetric):
    """Recall and calibration of a classifier of attributes.

    ``recall_K``: as AttrRec-k has it, the mean over pictures of the share of
    a picture's attributes that are among its K surest. ``TYPE_recall_K``:
    of all labels of a type, such as texture, the share that is among their
    picture's K surest of all types. ``ECE``: expected calibration error of
    all probabilities that are known to be right or wrong, in 15 bins;
    ``mAP``: mean average precision. The types are those of the dataset
    (``attribute_groups``); without them there is none.

    Args:
        k (Sequence[int]): How many attributes are looked at.
        with_map (bool): Whether there is a mAP, which keeps all logits: some
            64 bytes an attribute of a picture.
        prefix (str, optional): Put before the names of the numbers.
        collect_device (str): How several processes bring their scores
            together: 'gpu' by messages (on a CPU, too), 'cpu' by files.
        collect_dir (str, optional): Folder for 'cpu' that all machines
            share; see `mmengine.evaluator.BaseMetric`.
    """

    predictions = ('logits',)
    truth = ('labels',)

    def __init__(
        self,
        k: Sequence[int] = (3, 5, 10, 20),
        with_map: bool = True,
        prefix: str | None = None,
        collect_device: str = 'gpu',
        collect_dir: str | None = None,
    ) -> None:
        super().__init__(None, prefix, collect_device, collect_dir)
        self.k, self.with_map = tuple(k), with_map

    @property
    def groups(self) -> tuple[str, ...]:
        """The type of each attribute; empty where there are none."""
        return tuple((self.dataset_meta or {}).get('attribute_groups', ()))

    @property
    def columns(self) -> Mapping[str, Column]:
        """Those of all attributes, then of each type."""
        table = 'attributes'
        found = {
            f'recall_{k}': Column(table, f'top-{k} recall', 4, 'higher')
            for k in self.k
        }
        found['mAP'] = Column(table, 'mAP', 4, 'higher')
        found['ECE'] = Column(table, 'ECE', 4, 'lower')
        for group in dict.fromkeys(self.groups):
            for k in self.k:
                found[f'{group}_recall_{k}'] = Column(
                    'attributes by type', f'{group}-{k}', 4, 'higher'
                )
        return found

    def score(self, fields: dict[str, Tensor]) -> dict[str, Tensor]:
        """What is found in each picture.

        Args:
            fields: ``logits``, (N, A), and ``labels``, (N, A): 1 has it, 0
                has it not, below 0 unknown.

        Returns:
            ``recall_K``, (N,); found and all of each type, (N, 2);
            ``bins``, (N, 3, 15).
        """
        logits, labels = fields['logits'].double(), fields['labels'].long()
        scores = {
            f'recall_{k}': top_k_recall(logits, labels, k) for k in self.k
        }
        scores['bins'] = calibration_bins(logits.sigmoid(), labels)
        order = logits.argsort(dim=1, descending=True, stable=True)
        for k in self.k:
            among = torch.zeros_like(labels).scatter_(1, order[:, :k], 1)
            for group in dict.fromkeys(self.groups):
                mine = torch.tensor([g == group for g in self.groups])
                has = (labels > 0) & mine.to(labels.device)
                counts = torch.stack([(has & (among > 0)).sum(1), has.sum(1)])
                scores[f'{group}_recall_{k}'] = counts.T
        if self.with_map:
            scores |= dict(logits=logits, labels=labels)
        return scores

    def summarize(self, scores: dict[str, Tensor]) -> dict[str, float]:
        """Means, recalls of types, calibration error and mAP.

        Args:
            scores: Of all samples.
        """
        numbers = dict(ECE=calibration_error(scores.pop('bins').sum(0)))
        if self.with_map:
            precisions = average_precisions(
                scores.pop('logits'), scores.pop('labels')
            )
            if len(precisions):
                numbers['mAP'] = float(precisions.mean())
        for name, values in scores.items():
            if values.ndim == 1:
                numbers[name] = float(values.double().mean())
            elif int(values[:, 1].sum()):  # some picture has the type
                found, total = values.double().sum(0)
                numbers[name] = float(found / total)
        return numbers
