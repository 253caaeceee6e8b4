"""Make the files of flow of a work list, or of anybody's share of it."""

import hashlib
import os
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from mmposetransfer.geometry.body_model import BodyModel
from mmposetransfer.geometry.fitting import BodyFits
from mmposetransfer.geometry.fitting.flow_synthesizer import FlowSynthesizer

from ..flow_files import FLOW_FORMATS, check_flow_file, write_flow

__all__ = ['MARK', 'FlowCounts', 'FlowJob', 'FlowMaker']

#: The file that says what a folder of flow was made of.
MARK = 'flow.json'


class FlowCounts(NamedTuple):
    """What became of some pairs.

    Attributes:
        made: Files that were written, or pairs that were made and not stored.
        kept: Files that were there, and whole.
        mended: Those of ``made`` that were there, but damaged.
    """

    made: int = 0
    kept: int = 0
    mended: int = 0

    def plus(self, other):
        """The sum of two."""
        return FlowCounts(*(a + b for a, b in zip(self, other, strict=True)))


@dataclass(frozen=True)
class FlowJob:
    """What is to be made of pairs; a pair's file depends on nothing else.

    Args:
        fits (BodyFits): The people; see :func:`fits_at_size` for pictures of
            another size.
        folder (str): Where files go; not looked at where none are written.
        ending (str): ``.corr``, ``.npz``, or '' to write nothing.
        body (str, optional): SMPL file. Defaults to the free body.
        rule (str): See ``geometry.correspond``.
        median (int): See ``geometry.blur_visibility``; 0 for none.

    Raises:
        ValueError: If the ending is none of these.
    """

    fits: BodyFits
    folder: str
    ending: str = '.corr'
    body: str | None = None
    rule: str = 'depth'
    median: int = 0

    def __post_init__(self):
        if self.ending not in (*FLOW_FORMATS, ''):
            raise ValueError(
                'the ending of files of flow: expected one of '
                f'{(*FLOW_FORMATS, "")}, got {self.ending!r}'
            )

    def description(self):
        """What the files depend on, as plain values, for `jobs.filling`."""
        return dict(
            ending=self.ending,
            body=self.fits.body,
            rule=self.rule,
            median=self.median,
            fits=_digest(self.fits),
        )


def _digest(fits):
    digest = hashlib.sha256('\n'.join(map(str, fits.names)).encode())
    for name in ('betas', 'body_pose', 'global_orient', 'camera', 'sizes'):
        digest.update(np.ascontiguousarray(getattr(fits, name)).tobytes())
    return digest.hexdigest()


class FlowMaker:
    """Makes the portions of a work list, one by one.

    Args:
        job (FlowJob): What to make.
        work (WorkList): Of which pairs.
    """

    def __init__(self, job, work):
        self.job, self.work = job, work
        body = None if job.body is None else BodyModel(job.body)
        self.synthesize = FlowSynthesizer(job.fits, body, job.rule, job.median)

    def __call__(self, chunk):
        """Make what is missing of a portion.

        Args:
            chunk (int): Which.

        Returns:
            FlowCounts: What became of its pairs.

        Raises:
            ValueError: If a pair's sizes differ or are not known.
            WriteError: If a file cannot be written.
        """
        counts = FlowCounts()
        for pair in self.work.pairs(chunk):
            counts = counts.plus(self._pair(pair))
        return counts

    def _pair(self, pair):
        ref, tgt = (int(self.work.rows[place]) for place in pair)
        size = self._size(ref, tgt)
        if not self.job.ending:
            self.synthesize(ref, tgt)
            return FlowCounts(made=1)
        path = os.path.join(
            self.job.folder, self.work.file_name(pair, self.job.ending)
        )
        mended = 0
        if os.path.isfile(path):
            try:
                check_flow_file(path, size)
                return FlowCounts(kept=1)
            except ValueError:
                mended = 1
        write_flow(path, *self.synthesize(ref, tgt))
        return FlowCounts(made=1, mended=mended)

    def _size(self, ref, tgt):
        sizes = [self.synthesize.size_of(row) for row in (ref, tgt)]
        if sizes[0] != sizes[1]:
            names = [str(self.job.fits.names[row]) for row in (ref, tgt)]
            raise ValueError(
                f'the pictures of a pair differ in size: {names[0]} is of '
                f'{sizes[0][0]}x{sizes[0][1]}, {names[1]} of '
                f'{sizes[1][0]}x{sizes[1][1]}'
            )
        return sizes[1]
