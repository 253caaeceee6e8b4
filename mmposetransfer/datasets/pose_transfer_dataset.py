"""Pairs of photographs on disk, in the layout of the paper's data."""

import csv
import json
import os

from mmengine.dataset import BaseDataset

from mmposetransfer.registry import DATASETS
from mmposetransfer.utils.plain_pickle import load_plain_pickle

from .identities import pairs_of_identities, read_identities
from .image_names import file_names, image_id
from .image_sizes import read_size
from .keypoint_arrays import to_openpose18
from .keypoint_files import read_keypoint_csv
from .keypoint_tables import read_detected_keypoints

__all__ = ['PoseTransferDataset', 'read_keypoint_table', 'read_pairs']


def read_pairs(path, split='train', max_pairs=None, seed=0):
    """Read the pairs of a split, or form them of identities.

    Args:
        path (str | Path): ``.json`` with lists of [reference, target] under
            the names of the splits, or ``.csv`` with the columns ``from``
            and ``to``, which is one split. Or who is in the images, from
            which all pairs of one person are formed: ``.csv`` with the
            columns ``name`` and ``identity``, or ``.lst`` with names of
            images that tell (see :func:`read_identities`).
        split (str): Name of the split, for ``.json``.
        max_pairs (int, optional): At most so many of the pairs that were
            formed; see :func:`pairs_of_identities`.
        seed (int): For drawing them.

    Returns:
        list[tuple[str]]: (reference id, target id).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: For a file, pair or line that cannot be read.
    """
    path = str(path)
    if not os.path.isfile(path):
        raise FileNotFoundError(f"There is no file of pairs '{path}'.")
    if path.endswith(('.lst', '.txt')) or _has_identities(path):
        return pairs_of_identities(read_identities(path), max_pairs, seed)
    if path.endswith('.csv'):
        return _read_pairs_csv(path)
    with open(path, encoding='utf-8') as file:
        try:
            splits = json.load(file)
        except json.JSONDecodeError as error:
            raise ValueError(f"'{path}' is not JSON: {error}") from error
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


def _has_identities(path):
    if not path.endswith('.csv'):
        return False
    with open(path, newline='', encoding='utf-8-sig') as file:
        return 'identity' in next(csv.reader(file), ())


def _is_pair(value):
    return (isinstance(value, list) and len(value) == 2
            and all(isinstance(name, str) and name for name in value))


def _kind(value):
    return f'a {type(value).__name__}'


def _read_pairs_csv(path):
    with open(path, newline='', encoding='utf-8') as file:
        rows = csv.DictReader(file)
        if not {'from', 'to'} <= set(rows.fieldnames or ()):
            raise ValueError(f"'{path}' needs the columns 'from' and 'to' in "
                             f'its first line, it has {rows.fieldnames}.')
        pairs = []
        for row in rows:
            if not row['from'] or not row['to']:
                raise ValueError(f"'{path}', line {rows.line_num}: a pair "
                                 "needs both 'from' and 'to'.")
            pairs.append((row['from'], row['to']))
    return pairs


def read_keypoint_table(path):
    """Read the OpenPose-18 joints of many images.

    Args:
        path (str | Path): ``.csv`` (``name:keypoints_y:keypoints_x``) or the
            paper's ``.pkl`` (id -> 18 x [x, y]); -1 is missing. Or what
            :func:`read_detected_keypoints` reads: a COCO ``.json``, or a
            folder of OpenPose's.

    Returns:
        dict[str, ndarray]: Image name or id -> (18, 3).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: For a file, line or entry that cannot be read.
    """
    if str(path).endswith('.csv'):
        return read_keypoint_csv(path)
    if str(path).endswith('.json') or os.path.isdir(path):
        return read_detected_keypoints(path)
    table = load_plain_pickle(path)
    if not isinstance(table, dict):
        raise ValueError(f"'{path}' must hold a dict, image id -> 18 x "
                         f'[x, y], not {_kind(table)}.')
    return {name: to_openpose18(points, f"'{path}' ({name})", 'openpose18')
            for name, points in table.items()}


@DATASETS.register_module()
class PoseTransferDataset(BaseDataset):
    """Pairs of photographs of one person with the keypoints of both.

    Images are named as in DeepFashion's archive, as in the lists made of it,
    or in any other way, with or without an ending; files and tables may each
    use another way (see :func:`file_names`).

    Args:
        data_root (str): Folder that the other paths are relative to.
        ann_file (str): Pairs, or images and who is in them; see
            :func:`read_pairs`.
        keypoints_file (str): Joints; see :func:`read_keypoint_table`.
        split (str): Split within ``ann_file``.
        fitted_keypoints_file (str, optional): Joints rendered from fitted
            bodies, which the flow regressor learns from.
        data_prefix (dict): Folders of images (``img``), of segmentations
            (``seg``) and of ``.corr`` files (``corr``); the latter two may
            be absent.
        img_suffix (str): Added to an id that has none, and tried where there
            is no file of the name's own ending.
        size (tuple[int, int], optional): (height, width) that pictures are
            brought to, with all that belongs to them; see
            ``datasets/image_sizes.py``. Defaults to that of the files.
        keypoints_size (tuple[int, int], optional): (height, width) of the
            pictures that ``keypoints_file`` is about, such as (256, 176) for
            the lists of PATN. Defaults to that of the image files.
        fitted_keypoints_size (tuple[int, int], optional): Likewise for
            ``fitted_keypoints_file``.
        max_pairs (int, optional): Of pairs formed of identities.
        seed (int): For drawing them.
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
                 size=None,
                 keypoints_size=None,
                 fitted_keypoints_size=None,
                 max_pairs=None,
                 seed=0,
                 pipeline=(),
                 **kwargs):
        self.split = split
        self.img_suffix = img_suffix
        self.max_pairs, self.seed = max_pairs, seed
        self.sizes = dict(
            size=read_size(size),
            keypoints_size=read_size(keypoints_size, 'keypoints_size'),
            fitted_keypoints_size=read_size(
                fitted_keypoints_size, 'fitted_keypoints_size'))
        join = os.path.join
        self.keypoints = read_keypoint_table(join(data_root, keypoints_file))
        self.fitted = fitted_keypoints_file and read_keypoint_table(
            join(data_root, fitted_keypoints_file))
        super().__init__(
            ann_file=ann_file, data_root=data_root,
            data_prefix=dict(data_prefix), pipeline=list(pipeline), **kwargs)

    def load_data_list(self):
        """One entry a pair; pairs without keypoints are an error."""
        pairs = read_pairs(
            self.ann_file, self.split, self.max_pairs, self.seed)
        if not pairs:
            raise ValueError(f"'{self.ann_file}' lists no pairs.")
        form = self._form(pairs[0][0])
        images = {name: self._image(name, form)
                  for name in dict.fromkeys(sum(pairs, ()))}
        return [self._entry(images[ref], images[tgt]) for ref, tgt in pairs]

    def _form(self, name):
        """Which of the ways to write a name the image files have."""
        names = file_names(name, self.img_suffix)
        for form, file in enumerate(names):
            if os.path.isfile(os.path.join(self.data_prefix['img'], file)):
                return form
        return 0

    def _image(self, name, form):
        """What is known of an image."""
        if self._key(self.keypoints, name) is None:
            raise ValueError(
                f"'{self.ann_file}' lists '{name}', for which there are "
                'no keypoints: remove the pair or add them.')
        image = dict(
            name=name, id=image_id(name), img_path=os.path.join(
                self.data_prefix['img'],
                file_names(name, self.img_suffix)[form]))
        if 'seg' in self.data_prefix:
            image['parts_path'] = os.path.join(
                self.data_prefix['seg'], image['id'] + '.bmp')
        return image

    def _entry(self, ref, tgt):
        entry = {f'{side}_{key}': value
                 for side, image in (('ref', ref), ('tgt', tgt))
                 for key, value in image.items()}
        if 'corr' in self.data_prefix:
            entry['corr_path'] = os.path.join(
                self.data_prefix['corr'], f"{tgt['id']}_{ref['id']}.corr")
        return entry

    def _key(self, table, name):
        """The name that a table has for an image, or None."""
        for key in (name, image_id(name)):
            if key in table:
                return key
        names = file_names(name, self.img_suffix)
        for key in (*names, *map(image_id, names)):
            if key in table:
                return key
        return None

    def get_data_info(self, idx):
        """The entry of a pair with the keypoints of its two images."""
        info = dict(super().get_data_info(idx), **self.sizes)
        for side in ('ref', 'tgt'):
            name = info[f'{side}_name']
            info[f'{side}_keypoints'] = self.keypoints[
                self._key(self.keypoints, name)].copy()
            key = self._key(self.fitted or {}, name)
            if key is not None:
                info[f'{side}_fitted_keypoints'] = self.fitted[key].copy()
        return info
