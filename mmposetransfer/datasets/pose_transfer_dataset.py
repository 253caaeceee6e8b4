"""Pairs of photographs on disk, in the layout of the paper's data."""

import os
from contextlib import contextmanager
from itertools import chain

from mmengine.dataset import BaseDataset

from mmposetransfer.registry import DATASETS

from .image_names import file_names, image_id
from .image_sizes import read_size
from .keypoints import read_keypoint_table
from .layouts import find_layout, where_data_come_from
from .pair_files import read_pairs

__all__ = ['PoseTransferDataset']


# What is not among the published data of all pairs.
_HOW = dict(corr=' (docs/flow_truth.md says how flow is made)')


@contextmanager
def _explained(name, root, size):
    """Say of a file or folder that is missing how to get it.

    Args:
        name (str, optional): Of the layout.
        root (str): Where all of it should be.
        size (tuple[int, int], optional): (height, width) that pictures were
            brought to for it.

    Raises:
        FileNotFoundError: With what is missing, the key of the config that
            names the place, and the way to the data.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{str(error).rstrip('.')}: look at the dataset's data_root "
            '(--cfg-options train_dataloader.dataset.data_root=FOLDER, and of '
            'val_ and test_dataloader). '
            f'{where_data_come_from(name, root, size)}') from error


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
        layout (str, optional): Which data these are, one of
            ``datasets.layouts.LAYOUTS``: where files are missing, the message
            says how to get them.
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
                 layout=None,
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
        usual = layout and find_layout(data_root, layout).img
        self._source = dict(
            name=layout, root=data_root,
            size=None if data_prefix.get('img') == usual
            else self.sizes['size'])
        join = os.path.join
        with _explained(**self._source):
            self.keypoints = read_keypoint_table(
                join(data_root, keypoints_file))
            self.fitted = fitted_keypoints_file and read_keypoint_table(
                join(data_root, fitted_keypoints_file))
        super().__init__(
            ann_file=ann_file, data_root=data_root,
            data_prefix=dict(data_prefix), pipeline=list(pipeline), **kwargs)

    def load_data_list(self):
        """One entry a pair; pairs without keypoints are an error."""
        with _explained(**self._source):
            pairs = read_pairs(
                self.ann_file, self.split, self.max_pairs, self.seed)
            self._check_folders()
        if not pairs:
            raise ValueError(f"'{self.ann_file}' lists no pairs.")
        form = self._form(pairs[0][0])
        images = {name: self._image(name, form)
                  for name in dict.fromkeys(chain.from_iterable(pairs))}
        return [self._entry(images[ref], images[tgt]) for ref, tgt in pairs]

    def _check_folders(self):
        for key, folder in self.data_prefix.items():
            if not os.path.isdir(folder):
                raise FileNotFoundError(
                    f"There is no folder '{folder}', which is the dataset's "
                    f'data_prefix.{key}{_HOW.get(key, "")}')

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
            key = self._key(self.keypoints, name)
            info[f'{side}_keypoints'] = self.keypoints[key].copy()
            info[f'{side}_found_in'] = self.keypoints.found_in.get(key)
            key = self._key(self.fitted or {}, name)
            if key is not None:
                info[f'{side}_fitted_keypoints'] = self.fitted[key].copy()
        return info
