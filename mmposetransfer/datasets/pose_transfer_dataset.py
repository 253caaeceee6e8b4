"""Pairs of photographs on disk, in the layout of the paper's data."""

import csv
import json
import os
from io import StringIO

from mmengine.dataset import BaseDataset

from mmposetransfer.registry import DATASETS
from mmposetransfer.utils.plain_pickle import load_plain_pickle
from mmposetransfer.utils.text_files import read_json, read_text

from .keypoint_arrays import to_openpose18
from .keypoint_files import read_keypoint_csv

__all__ = ['PoseTransferDataset', 'read_keypoint_table', 'read_pairs']


def read_pairs(path, split):
    """Read the pairs of a split.

    Args:
        path (str | Path): ``.json`` with lists of [reference, target] under
            the names of the splits, or ``.csv`` with the columns ``from``
            and ``to``, which is one split.
        split (str): Name of the split, for ``.json``.

    Returns:
        list[tuple[str]]: (reference id, target id).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: For a file, pair or line that cannot be read.
    """
    path = str(path)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"There is no file of pairs '{path}'.")
    if path.endswith('.csv'):
        return _read_pairs_csv(path)
    splits = read_json(path, 'file of pairs')
    if not isinstance(splits, dict):
        raise ValueError(
            f"'{path}' must hold an object of splits, such as "
            f'{{"{split}": [["a", "b"], ...]}}, not {_kind(splits)}.')
    if split not in splits:
        raise ValueError(f"'{path}' has no split '{split}'; it has "
                         f'{sorted(splits)}.')
    pairs = splits[split]
    if not isinstance(pairs, list):
        raise ValueError(f"'{path}': the split '{split}' must be a list of "
                         f'pairs, not {_kind(pairs)}.')
    for index, pair in enumerate(pairs):
        if not _is_pair(pair):
            raise ValueError(
                f"'{path}', split '{split}', pair {index}: expected "
                f'["reference", "target"], got {json.dumps(pair)[:60]}.')
    return [tuple(pair) for pair in pairs]


def _is_pair(value):
    return (isinstance(value, list) and len(value) == 2
            and all(isinstance(name, str) and name for name in value))


def _kind(value):
    return f'a {type(value).__name__}'


def _read_pairs_csv(path):
    rows = csv.DictReader(StringIO(read_text(path, 'file of pairs')))
    pairs = []
    try:
        if not {'from', 'to'} <= set(rows.fieldnames or ()):
            raise ValueError(f"'{path}' needs the columns 'from' and 'to' in "
                             f'its first line, it has {rows.fieldnames}.')
        for row in rows:
            if not row['from'] or not row['to']:
                raise ValueError(f"'{path}', line {rows.line_num}: a pair "
                                 "needs both 'from' and 'to'.")
            pairs.append((row['from'], row['to']))
    except csv.Error as error:
        raise ValueError(
            f"'{path}', line {rows.line_num + 1}: {error}.") from error
    return pairs


def read_keypoint_table(path):
    """Read the OpenPose-18 joints of many images.

    Args:
        path (str | Path): ``.csv`` (``name:keypoints_y:keypoints_x``) or the
            paper's ``.pkl`` (id -> 18 x [x, y]); -1 is missing.

    Returns:
        dict[str, ndarray]: Image name or id -> (18, 3).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: For a file, line or entry that cannot be read.
    """
    if str(path).endswith('.csv'):
        return read_keypoint_csv(path)
    if not str(path).endswith(('.pkl', '.pickle')):
        raise ValueError(f"'{path}': a dataset's keypoints are a .csv or a "
                         '.pkl file.')
    table = load_plain_pickle(path)
    if not isinstance(table, dict):
        raise ValueError(f"'{path}' must hold a dict, image id -> 18 x "
                         f'[x, y], not {_kind(table)}.')
    return {name: to_openpose18(points, f"'{path}' ({name})", 'openpose18')
            for name, points in table.items()}


@DATASETS.register_module()
class PoseTransferDataset(BaseDataset):
    """Pairs of photographs of one person with the keypoints of both.

    Args:
        data_root (str): Folder that the other paths are relative to.
        ann_file (str): Pairs; see :func:`read_pairs`.
        keypoints_file (str): Joints; see :func:`read_keypoint_table`. They
            are looked up by the name that ``ann_file`` uses, else without
            its suffix, else with ``img_suffix``.
        split (str): Split within ``ann_file``.
        fitted_keypoints_file (str, optional): Joints rendered from fitted
            bodies, which the flow regressor learns from.
        data_prefix (dict): Folders of images (``img``), of segmentations
            (``seg``) and of ``.corr`` files (``corr``); the latter two may
            be absent.
        img_suffix (str): Added to an id that has none.
        pipeline (Sequence): Transforms; the first one is
            :class:`LoadPair`.
    """

    METAINFO = dict(dataset_type='pose_transfer')

    def __init__(self,
                 data_root='',
                 ann_file='',
                 keypoints_file='',
                 split='train',
                 fitted_keypoints_file=None,
                 data_prefix=dict(img='Img/img'),  # noqa: B006
                 img_suffix='.jpg',
                 pipeline=(),
                 **kwargs):
        self.split = split
        self.img_suffix = img_suffix
        join = os.path.join
        self.keypoints = read_keypoint_table(join(data_root, keypoints_file))
        self.fitted = fitted_keypoints_file and read_keypoint_table(
            join(data_root, fitted_keypoints_file))
        super().__init__(
            ann_file=ann_file, data_root=data_root,
            data_prefix=dict(data_prefix), pipeline=list(pipeline), **kwargs)

    def load_data_list(self):
        """One entry a pair; pairs without keypoints are an error."""
        pairs = read_pairs(self.ann_file, self.split)
        if not pairs:
            raise ValueError(f"'{self.ann_file}' lists no pairs.")
        for key, folder in self.data_prefix.items():
            if not os.path.isdir(folder):
                raise FileNotFoundError(
                    f"There is no folder '{folder}': look at the dataset's "
                    f'data_root and data_prefix.{key}.')
        return [self._entry(*pair) for pair in pairs]

    def _entry(self, ref, tgt):
        entry = {}
        for side, name in (('ref', ref), ('tgt', tgt)):
            stem = os.path.splitext(name)[0]
            entry[f'{side}_id'] = stem
            entry[f'{side}_name'] = name
            entry[f'{side}_img_path'] = os.path.join(
                self.data_prefix['img'],
                name if name != stem else stem + self.img_suffix)
            if 'seg' in self.data_prefix:
                entry[f'{side}_parts_path'] = os.path.join(
                    self.data_prefix['seg'], stem + '.bmp')
            if self._key(self.keypoints, name) is None:
                raise ValueError(
                    f"'{self.ann_file}' lists '{name}', for which there are "
                    'no keypoints: remove the pair or add them.')
        if 'corr' in self.data_prefix:
            entry['corr_path'] = os.path.join(
                self.data_prefix['corr'],
                f"{entry['tgt_id']}_{entry['ref_id']}.corr")
        return entry

    def _key(self, table, name):
        stem = os.path.splitext(name)[0]
        for key in (name, stem, stem + self.img_suffix):
            if key in table:
                return key
        return None

    def get_data_info(self, idx):
        """The entry of a pair with the keypoints of its two images."""
        info = super().get_data_info(idx)
        for side in ('ref', 'tgt'):
            name = info[f'{side}_name']
            info[f'{side}_keypoints'] = self.keypoints[
                self._key(self.keypoints, name)].copy()
            key = self._key(self.fitted or {}, name)
            if key is not None:
                info[f'{side}_fitted_keypoints'] = self.fitted[key].copy()
        return info
