"""DeepFashion's In-shop Clothes Retrieval benchmark, as the paper has it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset

from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.registry import DATASETS

from ..published_names import DEEPFASHION_CATEGORIES, parse_deepfashion_name
from .label_files import read_label_names, read_label_rows, read_labels

__all__ = ['InShopClothes', 'in_shop_attributes', 'in_shop_item']

_CATEGORIES = tuple(
    f'{gender}/{category}'
    for gender, categories in DEEPFASHION_CATEGORIES.items()
    for category in categories
)
# Splits of Eval/list_eval_partition.txt that are a split here.
_SPLITS = dict(train=('train',), test=('query', 'gallery'))


def in_shop_attributes(
    anno: str | Path,
) -> tuple[tuple[str, ...], dict[str, np.ndarray]]:
    """Attributes of In-shop's items, those alone that some item has.

    The paper's code learns these: 347 of the 463 that the files name.

    Args:
        anno: Folder of ``list_attr_cloth.txt`` and ``list_attr_items.txt``.

    Returns:
        Names of the attributes; and item, such as 'id_00000080', -> (A,)
        int8, 1 has it, 0 has it not, -1 unknown.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: If one is damaged.
    """
    path = os.path.join(anno, 'list_attr_cloth.txt')
    names = read_label_names(path, typed=False).names
    items = read_labels(os.path.join(anno, 'list_attr_items.txt'), len(names))
    there = (np.stack(list(items.values())) > 0).any(0)
    return (
        tuple(name for name, has in zip(names, there, strict=True) if has),
        {item: labels[there] for item, labels in items.items()},
    )


def in_shop_item(name: str) -> str:
    """The item that a picture of In-shop shows.

    Args:
        name: In either way of writing, see `parse_deepfashion_name`.

    Returns:
        str: Such as 'id_00000080'.

    Raises:
        KeyError: If it is no name of In-shop.

    Examples:
        >>> in_shop_item('fashionMENDenimid0000008001_1front.jpg')
        'id_00000080'
    """
    parsed = parse_deepfashion_name(name)
    if parsed is None:
        raise UserKeyError(f"'{name}' is no name of DeepFashion In-shop")
    return f'id_{parsed.clothes}'


@DATASETS.register_module()
class InShopClothes(BaseDataset):
    """Pictures of In-shop: those that pose transfer is measured on.

    What the paper's own code learnt from: 23 clothing types, which are the
    folders of men's and women's clothes, and the attributes of items that
    some item has. An item, before the pipeline, holds ``img_path``,
    ``name``, and ``category`` or ``attributes``, as
    :class:`DeepFashionClothes` has them.

    Args:
        data_root (str): Folder of Anno, Eval and Img.
        labels (str): 'category' or 'attributes'.
        split (str): 'train', or 'test' (query and gallery).
        anno (str): Folder of the files of attributes, below ``data_root``.
        partition_file (str): The split of each picture, below ``data_root``.
        img (str): Folder that the pictures' names begin in, below
            ``data_root``.
        pipeline (Sequence): Transforms; the first one is ``LoadClothes``.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: If a file is damaged, or there is no such split.
        KeyError: If an item has no attributes.
    """

    METAINFO = dict(dataset_type='clothing')

    def __init__(
        self,
        data_root: str,
        labels: str,
        split: str = 'train',
        anno: str = 'Anno/attributes',
        partition_file: str = 'Eval/list_eval_partition.txt',
        img: str = 'Img',
        pipeline: Sequence[Any] = (),
    ) -> None:
        for what, value, known in (
            ('labels', labels, ('category', 'attributes')),
            ('split', split, tuple(_SPLITS)),
        ):
            if value not in known:
                raise UserValueError(
                    f'expected {what} to be one of {known}, got {value!r}'
                )
        self.labels, self.split = labels, split
        self.partition_file = os.path.join(data_root, partition_file)
        self.img = os.path.join(data_root, img)
        self._items: dict[str, np.ndarray] = {}
        if labels == 'category':
            meta = dict(categories=_CATEGORIES)
        else:
            folder = os.path.join(data_root, anno)
            names, self._items = in_shop_attributes(folder)
            meta = dict(attributes=names)
        super().__init__(metainfo=meta, pipeline=list(pipeline))

    def load_data_list(self) -> list[dict]:
        """Read which pictures there are."""
        rows = read_label_rows(self.partition_file, 2)
        return [
            dict(
                name=name,
                img_path=os.path.join(self.img, name),
                **{self.labels: self._label(name, item)},
            )
            for name, (item, split) in rows.items()
            if split in _SPLITS[self.split]
        ]

    def _label(self, name: str, item: str) -> Any:
        if self.labels == 'attributes':
            if item not in self._items:
                raise UserKeyError(f"the item '{item}' has no attributes")
            return self._items[item]
        parsed = parse_deepfashion_name(name)
        known = parsed and f'{parsed.gender}/{parsed.category}'
        if known not in _CATEGORIES:
            raise UserValueError(
                f"'{self.partition_file}': '{name}' is in no folder of "
                f'In-shop, such as {_CATEGORIES[0]}'
            )
        return _CATEGORIES.index(known)
