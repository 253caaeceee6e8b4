"""Datasets of (reference, target) pairs and their transforms."""

from .clothing import (
    CLOTHING_TYPES,
    DeepFashionClothes,
    InShopClothes,
    SynthFashionClothes,
    TrunkFeatures,
    attribute_groups,
    clothing_type,
)
from .flow_files import check_flow_file, read_flow, write_flow
from .flow_io import read_corr, write_corr
from .identities import (
    pairs_of_identities,
    read_identities,
    read_image_list,
)
from .keypoints import (
    KEYPOINT_FORMATS,
    load_keypoints,
    load_persons,
    read_keypoint_table,
    write_keypoint_csv,
    write_openpose_json,
)
from .names import AmbiguousNameError, NameIndex, picture_id
from .pair_files import read_pairs
from .pose_transfer_dataset import PoseTransferDataset
from .published_names import (
    DEEPFASHION_CATEGORIES,
    DeepFashionName,
    identity_of,
    parse_deepfashion_name,
)
from .synthfashion_dataset import SynthFashionDataset

__all__ = [
    'AmbiguousNameError',
    'CLOTHING_TYPES',
    'DEEPFASHION_CATEGORIES',
    'DeepFashionClothes',
    'DeepFashionName',
    'InShopClothes',
    'KEYPOINT_FORMATS',
    'NameIndex',
    'PoseTransferDataset',
    'SynthFashionClothes',
    'SynthFashionDataset',
    'TrunkFeatures',
    'attribute_groups',
    'check_flow_file',
    'clothing_type',
    'identity_of',
    'load_keypoints',
    'load_persons',
    'pairs_of_identities',
    'parse_deepfashion_name',
    'picture_id',
    'read_corr',
    'read_flow',
    'read_identities',
    'read_image_list',
    'read_keypoint_table',
    'read_pairs',
    'write_corr',
    'write_flow',
    'write_keypoint_csv',
    'write_openpose_json',
]
