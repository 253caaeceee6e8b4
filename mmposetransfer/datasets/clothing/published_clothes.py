"""DeepFashion's Category and Attribute Prediction benchmark."""

import os
from collections.abc import Sequence
from typing import Any

from mmengine.dataset import BaseDataset

from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.registry import DATASETS

from .label_files import read_label_names, read_label_rows, read_labels

__all__ = ['DeepFashionClothes']

#: Types of attributes, from 1 on.
ATTRIBUTE_TYPES = ('texture', 'fabric', 'shape', 'part', 'style')
_LABELS = ('category', 'attributes')


@DATASETS.register_module()
class DeepFashionClothes(BaseDataset):
    """Pictures of the Category and Attribute Prediction benchmark.

    Liu et al., "DeepFashion: Powering Robust Clothes Recognition and
    Retrieval with Rich Annotations", CVPR 2016. The archive's folders are
    taken as they are: ``Anno/list_category_cloth.txt``,
    ``list_category_img.txt``, ``list_attr_cloth.txt``, ``list_attr_img.txt``
    and ``list_bbox.txt``, ``Eval/list_eval_partition.txt``, ``Img/img``.

    An item, before the pipeline, holds ``img_path``, ``name``, ``box``
    (x1, y1, x2, y2) in pixels, and ``category`` int from 0, or ``attributes``
    (A,) int8: 1 has it, 0 has it not, -1 unknown.

    Args:
        data_root (str): Folder of Anno, Eval and Img.
        labels (str): 'category' or 'attributes': which files are read.
        split (str): 'train', 'val' or 'test'.
        anno (str): Folder of the labels, below ``data_root``.
        partition_file (str): The split of each picture, below ``data_root``.
        img (str): Folder that the pictures' names begin in, below
            ``data_root``.
        with_boxes (bool): Whether to read the boxes.
        pipeline (Sequence): Transforms; the first one is ``LoadClothes``.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: If a file is damaged, or there is no such split.
        KeyError: If a picture of the split has no labels.
    """

    METAINFO = dict(dataset_type='clothing')

    def __init__(
        self,
        data_root: str,
        labels: str,
        split: str = 'train',
        anno: str = 'Anno',
        partition_file: str = 'Eval/list_eval_partition.txt',
        img: str = 'Img',
        with_boxes: bool = True,
        pipeline: Sequence[Any] = (),
    ) -> None:
        if labels not in _LABELS:
            raise UserValueError(
                f'expected labels to be one of {_LABELS}, got {labels!r}'
            )
        self.labels, self.split = labels, split
        self.anno = os.path.join(data_root, anno)
        self.partition_file = os.path.join(data_root, partition_file)
        self.img, self.with_boxes = os.path.join(data_root, img), with_boxes
        super().__init__(
            metainfo=self._meta(), pipeline=list(pipeline), serialize_data=True
        )

    def _file(self, name: str) -> str:
        return os.path.join(self.anno, name)

    def _meta(self) -> dict[str, Any]:
        if self.labels == 'category':
            known = read_label_names(self._file('list_category_cloth.txt'))
            return dict(categories=known.names)
        path = self._file('list_attr_cloth.txt')
        known = read_label_names(path)
        beyond = sorted({*known.types} - {*range(1, len(ATTRIBUTE_TYPES) + 1)})
        if beyond:
            raise UserValueError(
                f"'{path}': expected types of attributes from 1 to "
                f'{len(ATTRIBUTE_TYPES)}, got {beyond}'
            )
        groups = tuple(ATTRIBUTE_TYPES[number - 1] for number in known.types)
        return dict(attributes=known.names, attribute_groups=groups)

    def load_data_list(self) -> list[dict]:
        """Read the files of labels."""
        splits = read_label_rows(self.partition_file, 1)
        names = [n for n, (split,) in splits.items() if split == self.split]
        if not names:
            known = sorted({split for (split,) in splits.values()})
            raise UserValueError(
                f"'{self.partition_file}' has no pictures of the split "
                f"'{self.split}', only of {known}"
            )
        labels = self._read_labels({*names})
        boxes = None
        if self.with_boxes:
            boxes = read_label_rows(self._file('list_bbox.txt'), 4)
        return [self._item(name, labels, boxes) for name in names]

    def _read_labels(self, wanted: set[str]) -> dict[str, Any]:
        if self.labels == 'attributes':
            count = len(self.metainfo['attributes'])
            path = self._file('list_attr_img.txt')
            return read_labels(path, count, wanted)
        count = len(self.metainfo['categories'])
        path = self._file('list_category_img.txt')
        found = {}
        for name, (number,) in read_label_rows(path, 1).items():
            if not number.isdecimal() or not 1 <= int(number) <= count:
                raise UserValueError(
                    f"'{path}': expected the category of '{name}' from 1 to "
                    f'{count}, got {number!r}'
                )
            found[name] = int(number) - 1
        return found

    def _item(
        self,
        name: str,
        labels: dict[str, Any],
        boxes: dict[str, tuple[str, ...]] | None,
    ) -> dict[str, Any]:
        item: dict[str, Any] = dict(
            name=name, img_path=os.path.join(self.img, name)
        )
        if name not in labels or (boxes is not None and name not in boxes):
            what = 'labels' if name not in labels else 'box'
            raise UserKeyError(
                f"'{name}' is of the split '{self.split}', and has no {what} "
                f"in '{self.anno}'"
            )
        item[self.labels] = labels[name]
        if boxes is not None:
            item['box'] = tuple(map(int, boxes[name]))
        return item
