"""Pictures of clothes with their labels, which classifiers learn from."""

from .in_shop_clothes import (
    InShopClothes,
    in_shop_attributes,
    in_shop_item,
)
from .label_files import (
    LabelNames,
    read_label_names,
    read_label_rows,
    read_labels,
)
from .published_clothes import DeepFashionClothes
from .synthfashion_clothes import (
    CLOTHING_TYPES,
    SynthFashionClothes,
    attribute_groups,
    clothing_type,
    is_synthfashion_name,
    synthfashion_attributes,
)
from .trunk_features import TrunkFeatures

__all__ = [
    'CLOTHING_TYPES',
    'DeepFashionClothes',
    'InShopClothes',
    'LabelNames',
    'SynthFashionClothes',
    'TrunkFeatures',
    'attribute_groups',
    'clothing_type',
    'in_shop_attributes',
    'in_shop_item',
    'is_synthfashion_name',
    'read_label_names',
    'read_label_rows',
    'read_labels',
    'synthfashion_attributes',
]
