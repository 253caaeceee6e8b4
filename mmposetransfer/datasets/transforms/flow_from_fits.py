"""Flow and visibility made on the fly, in place of files of them."""

import os

import numpy as np
from mmcv.transforms import BaseTransform

from mmposetransfer.geometry.body_model import BodyModel
from mmposetransfer.geometry.fitting import BodyFits, load_fits
from mmposetransfer.geometry.fitting.flow_synthesizer import FlowSynthesizer
from mmposetransfer.registry import TRANSFORMS
from mmposetransfer.structures.visibility import BACKGROUND

from ..flow_truth.fits_at_size import fits_at_size
from ..flow_truth.work_list import index_fits

__all__ = ['FlowFromFits']


@TRANSFORMS.register_module()
class FlowFromFits(BaseTransform):
    """Make flow, visibility and body parts of a pair from its two fits.

    In a loader's worker, in about seven milliseconds a pair of 256x256. A
    person takes a quarter of a kilobyte, where a ``.corr`` takes half a
    megabyte a pair. Requires ``ref_id``, ``tgt_id`` (or ``ref_name`` and
    ``tgt_name``, which count more) and ``tgt_img``, so it comes behind
    :class:`LoadPair` (``with_flow=False``).

    Adds ``flow`` (2, H, W), ``visibility`` (1, H, W), ``ref_parts`` and
    ``tgt_parts`` (H, W) and, ``with_keypoints``, ``ref_fitted_keypoints`` and
    ``tgt_fitted_keypoints`` (18, 3).

    Args:
        fits_file (str | Sequence[str]): One or more files of fits; images
            are looked up by their names (see ``datasets/names.py``).
        body (str, optional): SMPL file of the user's. Defaults to the free
            body.
        rule (str): ``'depth'`` or ``'face'``; see ``geometry.correspond``.
        median (int): Side of the window in which visibility is smoothed
            within the body, 5 in the paper's implementation; 0 leaves it.
        with_keypoints (bool): Whether to add the bodies' joints.
        missing (str): What a pair without two trusted fits gets:
            ``'background'`` everywhere, as a missing ``.corr`` file means,
            or an ``'error'``.

    Raises:
        FileNotFoundError: If there is no such file of fits.
        ValueError: If it is none, of another body, or ``missing`` is unknown.
    """

    def __init__(
        self,
        fits_file,
        body=None,
        rule='depth',
        median=5,
        with_keypoints=False,
        missing='background',
    ):
        if missing not in ('background', 'error'):
            raise ValueError(
                f"missing: expected 'background' or 'error', got {missing!r}"
            )
        paths = (
            [fits_file]
            if isinstance(fits_file, (str, os.PathLike))
            else fits_file
        )
        self.fits = BodyFits.concatenate([load_fits(path) for path in paths])
        self.index, self.rows = index_fits(self.fits)
        self._fits_of = {}
        self.body = None if body is None else BodyModel(body)
        self.rule, self.median, self.missing = rule, median, missing
        self.with_keypoints = with_keypoints
        self._size, self._synthesize = None, None
        # A wrong body or rule shows before training begins.
        FlowSynthesizer(self.fits[:0], self.body, rule, median)

    def find_fits(self, listed):
        """Look up all pictures of a data set, which calls this once.

        Args:
            listed (ListedPictures): The pictures.

        Raises:
            ValueError: If no fit is that of a picture, or it cannot be said
                which.
        """
        self._fits_of = listed.entries(self.index)

    def transform(self, results):
        """Add the truth of the pair."""
        size = results['tgt_img'].shape[:2]
        rows = [
            self._row(results.get(f'{side}_name') or results[f'{side}_id'])
            for side in ('ref', 'tgt')
        ]
        if None in rows:
            return dict(results, **_nothing(size))
        synthesize = self._at(size)
        flow, visibility = synthesize(*rows)
        results = dict(results, flow=flow, visibility=visibility)
        for side, row in zip(('ref', 'tgt'), rows, strict=True):
            results[f'{side}_parts'] = synthesize.parts(row)
            if self.with_keypoints:
                results[f'{side}_fitted_keypoints'] = synthesize.keypoints(row)
        return results

    def _row(self, name):
        fit = (
            self._fits_of[name]
            if name in self._fits_of
            else (self.index.find(name))
        )
        row = self.rows.get(fit)
        if row is not None and self.fits.success[row]:
            return row
        if self.missing == 'error':
            raise ValueError(
                f'there is no {"" if row is None else "trusted "}fit of '
                f"'{name}': fit it, take its pairs out, or let missing be "
                "'background'"
            )
        return None

    def _at(self, size):
        """The synthesizer for pictures of a size; there is seldom a second."""
        if self._size != size:
            self._size = size
            self._synthesize = FlowSynthesizer(
                fits_at_size(self.fits, size),
                self.body,
                self.rule,
                self.median,
            )
        return self._synthesize


def _nothing(size):
    """What a pair without a body has, as one without a ``.corr`` file."""
    parts = np.zeros(size, np.uint8)
    return dict(
        flow=np.zeros((2, *size), np.float32),
        visibility=np.full((1, *size), BACKGROUND, np.uint8),
        ref_parts=parts,
        tgt_parts=parts.copy(),
    )
