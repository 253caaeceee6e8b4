"""SynthFashion's people as pictures of clothes with labels."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset

from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.registry import DATASETS
from mmposetransfer.synthfashion import ATTRIBUTES, SynthFashionWorld

from ..published_names import parse_deepfashion_name

__all__ = [
    'CLOTHING_TYPES',
    'SynthFashionClothes',
    'attribute_groups',
    'clothing_type',
    'is_synthfashion_name',
    'synthfashion_attributes',
]

#: What hangs from the shoulders, from what is worn over others inwards. The
#: first of them that somebody wears is the clothing type.
CLOTHING_TYPES = (
    'coat',
    'jacket',
    'cardigan',
    'vest',
    'dress',
    'jumpsuit',
    't_shirt',
    'long_sleeve',
    'sweater',
    'hoodie',
    'shirt',
    'blouse',
    'tank_top',
    'crop_top',
)
_PLACES = [ATTRIBUTES.index(name) for name in CLOTHING_TYPES]

# Endings and names of attributes -> what they are about.
_ENDINGS = dict(
    _neck='shape',
    _hem='shape',
    _fit='shape',
    _sleeve='shape',
    _pattern='texture',
    _top='colour',
    _bottom='colour',
    _hair='look',
)
_NAMES = dict.fromkeys(('woman', 'beard', 'lipstick'), 'look')
_NAMES |= dict.fromkeys(('sleeveless', 'flared', 'pleated'), 'shape')
_NAMES |= dict.fromkeys(
    ('buttoned', 'zipped', 'worn_open', 'tucked_in', 'layered'), 'style'
)
# Kinds of garments whose names end as colours do.
_KINDS = ('tank_top', 'crop_top')


def clothing_type(attributes: np.ndarray) -> int:
    """The type of the outermost garment of the upper body.

    Args:
        attributes: (A,) 0 and 1, as SynthFashion has them.

    Returns:
        int: Its place in :data:`CLOTHING_TYPES`.
    """
    return int(np.argmax(np.asarray(attributes)[_PLACES] > 0))


def attribute_groups() -> tuple[str, ...]:
    """What each attribute of SynthFashion is about.

    Returns:
        tuple[str, ...]: 'kind' (of garment), 'shape', 'texture' (pattern),
        'style', 'colour' or 'look' (hair and face), in the order of
        ``ATTRIBUTES``.
    """
    return tuple(map(_group, ATTRIBUTES))


def _group(name: str) -> str:
    if name in _NAMES:
        return _NAMES[name]
    if name not in _KINDS:
        for ending, group in _ENDINGS.items():
            if name.endswith(ending):
                return group
    return 'kind'


# How SynthFashion calls a picture: split, seed, person, pair, ...
_NAME = re.compile(r'(train|test)_(\d+)_(\d{5,})_\d{6,}_(?:ref|tgt)_.*')


def is_synthfashion_name(name: str) -> bool:
    """Whether :class:`SynthFashionDataset` calls a picture so."""
    return _NAME.fullmatch(name) is not None


def synthfashion_attributes(
    name: str, seed: int = 0, train_people: int = 250
) -> np.ndarray:
    """The attributes of the person that a picture of SynthFashion shows.

    Args:
        name: As :class:`SynthFashionDataset` calls the picture, or as in a
            set that ``mmposetransfer export-synthfashion`` wrote in
            DeepFashion's layout.
        seed: Of an exported set.
        train_people: Of an exported set: people of the test come after them.

    Returns:
        np.ndarray: (A,) uint8, see ``ATTRIBUTES``.

    Raises:
        KeyError: If the name tells no person.
    """
    match = _NAME.fullmatch(name)
    if match:
        return _person_attributes(match[1], int(match[2]), int(match[3]))
    parsed = parse_deepfashion_name(name)
    if parsed is None:
        raise UserKeyError(f"'{name}' tells no person of SynthFashion")
    number = int(parsed.clothes)
    if number < train_people:
        return _person_attributes('train', seed, number)
    return _person_attributes('test', seed, number - train_people)


@lru_cache(4096)
def _person_attributes(split: str, seed: int, number: int) -> np.ndarray:
    """Of a person, who is the same at any size and among any number."""
    world = SynthFashionWorld(
        size=(64, 64), seed=seed, split=split, num_people=number + 1
    )
    return world.person(number).attributes


@DATASETS.register_module()
class SynthFashionClothes(BaseDataset):
    """Both pictures of pairs of SynthFashion, each a sample with labels.

    An item, before the pipeline, holds ``img`` (H, W, 3) uint8 BGR,
    ``attributes`` (A,) uint8, ``category`` int, the place of its type in
    ``CLOTHING_TYPES``, and ``name``.

    Args:
        size (Sequence[int]): (height, width), 64 to 512 each.
        split (str): 'train' or 'test', whose people are disjoint.
        num_people (int): People of the split.
        num_pairs (int): Pairs of the world; there are twice as many samples.
        seed (int): Of the world; other seeds are other people.
        same_studio (float): As of ``SynthFashionWorld``.
        pairs (tuple[int, int], optional): Only these, from the first up to
            the second. Pair i shows person i modulo ``num_people``.
        pipeline (Sequence): Transforms.

    Raises:
        ValueError: On an argument out of range.
    """

    METAINFO = dict(
        dataset_type='clothing',
        categories=CLOTHING_TYPES,
        attributes=ATTRIBUTES,
        attribute_groups=attribute_groups(),
    )

    def __init__(
        self,
        size: Sequence[int] = (256, 176),
        split: str = 'train',
        num_people: int = 1000,
        num_pairs: int = 1000,
        seed: int = 0,
        same_studio: float = 0.8,
        pairs: tuple[int, int] | None = None,
        pipeline: Sequence[Any] = (),
    ) -> None:
        self.world = SynthFashionWorld(
            size=tuple(size),
            split=split,
            num_people=num_people,
            num_pairs=num_pairs,
            seed=seed,
            same_studio=same_studio,
        )
        self.start, self.stop = pairs or (0, num_pairs)
        if not 0 <= self.start < self.stop <= num_pairs:
            raise UserValueError(
                f'pairs: expected a range within 0 to {num_pairs}, got {pairs}'
            )
        self._last: tuple[int, dict] | None = None
        super().__init__(pipeline=list(pipeline), serialize_data=False)

    def load_data_list(self) -> list[dict]:
        """Nothing to read: an index says it all."""
        return [
            dict(index=index) for index in range(2 * self.start, 2 * self.stop)
        ]

    def get_data_info(self, idx: int) -> dict:
        """The picture of an index: first and second of each pair in turn."""
        info = super().get_data_info(idx)
        pair = self._pair(info['index'] // 2)
        side = ('ref', 'tgt')[info['index'] % 2]
        return dict(
            info,
            img=pair[f'{side}_img'],
            attributes=pair['attributes'],
            category=clothing_type(pair['attributes']),
            name=pair[f'{side}_id'],
        )

    def _pair(self, index: int) -> dict:
        """The pair, kept for its other picture."""
        if self._last is None or self._last[0] != index:
            self._last = index, self.world.pair(index)
        return self._last[1]
