"""Transforms that bring surface coordinates: fitted, of fits, of files."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from mmposetransfer.datasets.image_sizes import fit_field
from mmposetransfer.datasets.listed_pictures import ListedPictures
from mmposetransfer.datasets.names import NameIndex
from mmposetransfer.datasets.transforms.flow_from_fits import FlowFromFits
from mmposetransfer.datasets.transforms.poses import target_size
from mmposetransfer.errors import UserKeyError, UserValueError
from mmposetransfer.io.folders import find_pictures
from mmposetransfer.io.image_io import read_image
from mmposetransfer.io.picture_formats import split_ending
from mmposetransfer.registry import TRANSFORMS
from mmposetransfer.structures import FIELDS

from .charts import SurfaceCharts
from .fields import NUM_PARTS
from .surface_fitter import SurfaceFitter

__all__ = ['FitIUV', 'IUVFromFits', 'LoadIUV']

_SIDES = ('ref', 'tgt')


@TRANSFORMS.register_module()
class FitIUV(BaseTransform):
    """Surface coordinates of bodies fitted to the poses of a pair.

    As :class:`DPT` would fit them itself; about 0.1 s a pair, so that a cache
    pays. Comes after what changes the poses, such as a mirror. Requires
    ``ref_keypoints``, ``tgt_keypoints`` and a picture or map of the target;
    pictures are of one size. Adds ``ref_iuv`` and ``tgt_iuv`` (3, H, W) uint8,
    background everywhere where a fit is not trusted.

    Args:
        distance (float): Metres between camera and person, see
            :class:`BodyFitter`.
        noise (float): Metres by which joints usually miss, likewise.
    """

    def __init__(self, distance: float = 4.0, noise: float = 0.015) -> None:
        self.surface = SurfaceFitter(distance, noise, cache=256)

    def prepare(self, pairs: Sequence[dict]) -> None:
        """Fit the bodies of pairs to come together, in half the time.

        Args:
            pairs (Sequence[dict]): As :meth:`transform` will get them, up to
                128.
        """
        by_size = defaultdict(list)
        for pair in pairs:
            by_size[tuple(target_size(pair))] += self._poses(pair)
        for size, poses in by_size.items():
            self.surface.fit(np.stack(poses), size)

    def transform(self, results: dict) -> dict:
        """Add the surface of both pictures.

        Raises:
            KeyError: If the pair has no poses.
        """
        poses = np.stack(self._poses(results))
        ref_iuv, tgt_iuv = self.surface(poses, tuple(target_size(results)))
        return dict(results, ref_iuv=ref_iuv, tgt_iuv=tgt_iuv)

    @staticmethod
    def _poses(results):
        poses = [results.get(f'{side}_keypoints') for side in _SIDES]
        if any(pose is None for pose in poses):
            raise UserKeyError(
                "FitIUV needs 'ref_keypoints' and 'tgt_keypoints' of the "
                f'pair {results.get("ref_id")} -> {results.get("tgt_id")}: '
                'give the dataset a file of keypoints.'
            )
        return poses


@TRANSFORMS.register_module()
class IUVFromFits(FlowFromFits):
    """Surface coordinates of a pair's two fits, of files of fits.

    Those that ``mmposetransfer fit-bodies`` writes, or imports from HMR and
    its line. Requires ``ref_id``, ``tgt_id`` and ``tgt_img``, so it comes
    behind :class:`LoadPair`. Adds ``ref_iuv`` and ``tgt_iuv``, (3, H, W)
    uint8.

    Args:
        fits_file (str | Sequence[str]): One or more files of fits; images
            are looked up by their names.
        body (str, optional): SMPL file of the user's. Defaults to the free
            body.
        missing (str): What a picture without a trusted fit gets:
            ``'background'`` everywhere, or an ``'error'``.

    Raises:
        FileNotFoundError: If there is no such file of fits.
        ValueError: If it is none, of another body, or ``missing`` is unknown.
    """

    def __init__(
        self,
        fits_file: str | Sequence[str],
        body: str | None = None,
        missing: str = 'background',
    ) -> None:
        super().__init__(fits_file, body, missing=missing)
        self.charts = SurfaceCharts(self.body)

    def transform(self, results: dict) -> dict:
        """Add the surface of both pictures."""
        size = results['tgt_img'].shape[:2]
        results = dict(results)
        for side in _SIDES:
            name = results.get(f'{side}_name') or results[f'{side}_id']
            row = self._row(name)
            results[f'{side}_iuv'] = (
                np.zeros((3, *size), np.uint8)
                if row is None
                else self.charts.iuv(self._at(size).raster(row))
            )
        return results


@TRANSFORMS.register_module()
class LoadIUV(BaseTransform):
    """Surface coordinates of a detector's files, such as DensePose's.

    One picture of three channels for each photograph, of its size: part (0
    is none), u and v. Requires ``ref_img``, so it comes behind
    :class:`LoadPair`, and adds ``ref_iuv`` and ``tgt_iuv``, (3, H, W) uint8,
    at the size of the pictures. What mirrors or moves pictures before they
    are loaded is not undone.

    Args:
        folder (str): Of the pictures; sub-folders are looked into.
        suffix (str): Between a photograph's name and the ending: DensePose
            writes ``a_IUV.png`` of ``a.jpg``.
        parts_first (bool): Whether the part is the first channel as OpenCV
            reads it (blue), which is how DensePose writes it; False for files
            that were written by Pillow or the like, with red first.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If it holds no such pictures, or two of one photograph.
    """

    def __init__(
        self, folder: str, suffix: str = '_IUV', parts_first: bool = True
    ) -> None:
        self.folder, self.suffix = folder, suffix
        self.parts_first = parts_first
        self._files: dict[str, str] = {}
        for picture in find_pictures(folder).pictures:
            name = _without(suffix, picture.name)
            if name and self._files.setdefault(name, str(picture)) != str(
                picture
            ):
                raise UserValueError(
                    f"LoadIUV: '{self._files[name]}' and '{picture}' are both "
                    f"of the photograph '{name}': leave one of them there"
                )
        if not self._files:
            raise UserValueError(
                f"LoadIUV: no picture in '{folder}' is called NAME{suffix}.png"
                ": look at 'folder' and 'suffix'"
            )
        self._index = NameIndex(
            self._files, f"the folder '{folder}'", 'surface', endings=False
        )
        self._found = {}

    def find_fits(self, listed: ListedPictures) -> None:
        """Look up all pictures of a data set, which calls this once.

        Args:
            listed (ListedPictures): The pictures.

        Raises:
            ValueError: If no file is that of a picture, or it cannot be said
                which.
        """
        self._found = listed.entries(self._index)

    def transform(self, results: dict) -> dict:
        """Read the files of a pair.

        Raises:
            ValueError: If there is no file of a picture, or it holds
                something else.
        """
        results = dict(results)
        for side in _SIDES:
            name = results.get(f'{side}_name') or results[f'{side}_id']
            entry = self._found.get(name) or self._index[name]
            size = results[f'{side}_img'].shape[:2]
            results[f'{side}_iuv'] = fit_field(
                FIELDS[f'{side}_iuv'], self._read(self._files[entry]), size
            )
        return results

    def _read(self, path):
        iuv = read_image(path)  # blue, green, red
        if not self.parts_first:
            iuv = iuv[..., ::-1]
        if iuv[..., 0].max() > NUM_PARTS:
            raise UserValueError(
                f"'{path}': the first channel, of parts, holds "
                f'{iuv[..., 0].max()}, and there are {NUM_PARTS} parts: set '
                f'parts_first={not self.parts_first} in LoadIUV where the '
                'channels stand in the other order'
            )
        iuv = iuv.transpose(2, 0, 1)
        return np.where(iuv[:1] > 0, iuv, np.uint8(0))


def _without(suffix, name):
    """The photograph's name without ending; None of a file of another."""
    stem = split_ending(name)[0]
    return stem.removesuffix(suffix) if stem.endswith(suffix) else None
