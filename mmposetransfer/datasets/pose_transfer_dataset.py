"""Pairs of photographs on disk, in the layout of the paper's data."""

import os
from contextlib import contextmanager
from itertools import chain

from mmengine.dataset import BaseDataset

from mmposetransfer.errors import UserFileNotFoundError, UserValueError
from mmposetransfer.io.folders import find_pictures
from mmposetransfer.io.left_out import few
from mmposetransfer.registry import DATASETS

from .flow_files import find_flow_file
from .flow_names import check_flow_names, flow_file_name
from .image_sizes import read_size
from .keypoints import index_keypoints, read_keypoint_table
from .layouts import find_layout, where_data_come_from
from .listed_pictures import ListedPictures
from .names import NameIndex, picture_id
from .pair_files import read_pairs
from .pair_lines import PAIR_FORMS

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
        raise UserFileNotFoundError(
            f"{str(error).rstrip('.')}: look at the dataset's data_root "
            '(--cfg-options train_dataloader.dataset.data_root=FOLDER, and of '
            'val_ and test_dataloader). '
            f'{where_data_come_from(name, root, size)}'
        ) from error


@DATASETS.register_module()
class PoseTransferDataset(BaseDataset):
    """Pairs of photographs of one person with the keypoints of both.

    Images are named as in DeepFashion's archive, as in the lists made of it,
    or in any other way, with or without an ending; files and tables may each
    use another way (see ``datasets/names.py``).

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

    def __init__(
        self,
        data_root='',
        ann_file='',
        keypoints_file='',
        split='train',
        fitted_keypoints_file=None,
        data_prefix=dict(img='Img/img'),  # noqa: B006
        size=None,
        keypoints_size=None,
        fitted_keypoints_size=None,
        max_pairs=None,
        seed=0,
        layout=None,
        pipeline=(),
        **kwargs,
    ):
        self.split = split
        self.max_pairs, self.seed = max_pairs, seed
        self.sizes = dict(
            size=read_size(size),
            keypoints_size=read_size(keypoints_size, 'keypoints_size'),
            fitted_keypoints_size=read_size(
                fitted_keypoints_size, 'fitted_keypoints_size'
            ),
        )
        usual = layout and find_layout(data_root, layout).img
        self._source = dict(
            name=layout,
            root=data_root,
            size=None
            if data_prefix.get('img') == usual
            else self.sizes['size'],
        )
        self.keypoints_file = os.path.join(data_root, keypoints_file)
        self.fitted, self.fitted_file = None, None
        with _explained(**self._source):
            self.keypoints = read_keypoint_table(self.keypoints_file)
            if fitted_keypoints_file:
                self.fitted_file = os.path.join(
                    data_root, fitted_keypoints_file
                )
                self.fitted = read_keypoint_table(self.fitted_file)
        super().__init__(
            ann_file=ann_file,
            data_root=data_root,
            data_prefix=dict(data_prefix),
            pipeline=list(pipeline),
            **kwargs,
        )

    def load_data_list(self):
        """One entry a pair; pairs without files or keypoints are an error."""
        with _explained(**self._source):
            pairs = read_pairs(
                self.ann_file, self.split, self.max_pairs, self.seed
            )
            self._check_folders()
        if not pairs:
            raise UserValueError(
                f"'{self.ann_file}' lists no pairs; {PAIR_FORMS}"
            )
        listed = self._listed(dict.fromkeys(chain.from_iterable(pairs)))
        images = self._images(listed)
        for transform in self.pipeline.transforms:
            if hasattr(transform, 'find_fits'):
                transform.find_fits(listed)
        entries = [self._entry(images[ref], images[tgt]) for ref, tgt in pairs]
        if 'corr' in self.data_prefix:
            self._check_flow(entries)
        return entries

    def _check_folders(self):
        for key, folder in self.data_prefix.items():
            if not os.path.isdir(folder):
                raise UserFileNotFoundError(
                    f"There is no folder '{folder}', which is the dataset's "
                    f'data_prefix.{key}{_HOW.get(key, "")}'
                )

    def _listed(self, names):
        """Files of the images in the list, all of which have to be there."""
        folder = self.data_prefix['img']
        listed = ListedPictures(names, folder)
        if listed.missing:
            raise UserValueError(
                f"'{self.ann_file}' lists images of which there is no file in "
                f"'{folder}' ({len(listed.missing)}): {few(listed.missing)}"
            )
        self.left_out = listed.found.left_out
        return listed

    def _images(self, listed):
        """What is known of each image, by its name in the list."""
        joints = self._joints_of(listed)
        fitted = (
            listed.entries(index_keypoints(self.fitted, self.fitted_file))
            if self.fitted
            else {}
        )
        images = {}
        for name, picture in listed.pictures.items():
            images[name] = dict(
                name=name,
                id=picture_id(name),
                img_path=str(picture),
                joints=joints[name],
                fitted_joints=fitted.get(name),
            )
        if 'seg' in self.data_prefix:
            parts = self._parts_of(listed)
            for name, image in images.items():
                image['parts_path'] = str(parts[name])
        return images

    def _joints_of(self, listed):
        index = index_keypoints(self.keypoints, self.keypoints_file)
        joints = listed.entries(index)
        lacking = [name for name, entry in joints.items() if entry is None]
        if lacking:
            raise UserValueError(
                f"'{self.ann_file}' lists images for which there are no "
                f'keypoints ({len(lacking)}): {few(lacking)}. Remove these '
                'pairs, or add them. '
                f'{index.why_not(listed.pictures[lacking[0]])}'
            )
        return joints

    def _parts_of(self, listed):
        """Files of body parts, or where they should be."""
        folder = self.data_prefix['seg']
        index = NameIndex(
            find_pictures(folder).pictures,
            f"the folder '{folder}'",
            'body parts',
        )
        return {
            name: file or os.path.join(folder, f'{picture_id(name)}.bmp')
            for name, file in listed.entries(index).items()
        }

    def _entry(self, ref, tgt):
        entry = {
            f'{side}_{key}': value
            for side, image in (('ref', ref), ('tgt', tgt))
            for key, value in image.items()
        }
        if 'corr' in self.data_prefix:
            entry['corr_path'] = os.path.join(
                self.data_prefix['corr'],
                flow_file_name(ref['id'], tgt['id'], '.corr'),
            )
        return entry

    def _check_flow(self, entries):
        """Files of flow are those of one pair each, and there are some."""
        files = {}
        for entry in entries:
            for side in ('ref', 'tgt'):
                path, name = entry[f'{side}_img_path'], entry[f'{side}_id']
                if files.setdefault(name, path) != path:
                    raise UserValueError(
                        f"'{files[name]}' and '{path}' would share the flow "
                        f"of '{name}': rename one of them"
                    )
        check_flow_names(
            files, [(entry['ref_id'], entry['tgt_id']) for entry in entries]
        )
        if not any(find_flow_file(entry['corr_path']) for entry in entries):
            raise UserValueError(
                f'none of {len(entries)} pairs has a file of flow, such as '
                f"'{entries[0]['corr_path']}': make them "
                '(docs/flow_truth.md), or look at data_prefix.corr'
            )

    def pair_ids(self):
        """What results of the pairs are called.

        Returns:
            list[tuple[str, str]]: Ids of reference and target.
        """
        infos = (
            super(PoseTransferDataset, self).get_data_info(index)
            for index in range(len(self))
        )
        return [(info['ref_id'], info['tgt_id']) for info in infos]

    def get_data_info(self, idx):
        """The entry of a pair with the keypoints of its two images."""
        info = dict(super().get_data_info(idx), **self.sizes)
        for side in ('ref', 'tgt'):
            entry = info.pop(f'{side}_joints')
            info[f'{side}_keypoints'] = self.keypoints[entry].copy()
            info[f'{side}_found_in'] = self.keypoints.found_in.get(entry)
            entry = info.pop(f'{side}_fitted_joints')
            if entry is not None:
                info[f'{side}_fitted_keypoints'] = self.fitted[entry].copy()
        return info
