"""Fit any number of people in parts that survive being killed."""

import hashlib
import os
import shutil
from functools import partial

import numpy as np

from mmposetransfer.jobs import Part, filling, make_parts

from ..body_model import BodyModel
from .body_fits import BodyFits, load_fits, save_fits
from .body_fitter import BodyFitter

__all__ = ['fit_to_file']


def fit_to_file(
    path,
    keypoints,
    names,
    sizes=None,
    body=None,
    workers=1,
    batch_size=256,
    progress=None,
    **settings,
):
    """Fit people and write the fits, part by part.

    Parts are kept in the folder ``<path>.parts`` until all are there; a run
    that was killed goes on with the same call, and its file is the same byte
    for byte.

    Args:
        path (str | Path): The ``.npz`` to write.
        keypoints (np.ndarray): (N, 18, 3).
        names (Sequence[str]): N names.
        sizes (np.ndarray, optional): (N, 2) or (2,), height and width.
        body (str, optional): SMPL file. Defaults to the free body.
        workers (int): As of `mmposetransfer.jobs.run`.
        batch_size (int): People in a part.
        progress (Callable, optional): Called with the number of people done
            after each part, first with those of parts that were there.
        **settings: ``distance``, ``noise``, ``guesses`` and ``device`` of
            :class:`BodyFitter`.

    Returns:
        BodyFits: What was written.

    Raises:
        ValueError: If the keypoints are malformed, or the parts are of other
            keypoints or settings.
        ChildProcessError: If a worker was killed.
        WriteError: If a file cannot be written.
    """
    keypoints = np.asarray(keypoints, np.float32)
    names = list(map(str, names))
    sizes = np.broadcast_to(
        np.zeros(2) if sizes is None else sizes, (len(keypoints), 2)
    ).astype(np.int32)
    folder = f'{os.fspath(path)}.parts'
    parts = [
        Part(
            os.path.join(folder, f'{start:09d}.npz'),
            len(names[start : start + batch_size]),
            tuple(
                values[start : start + batch_size]
                for values in (keypoints, names, sizes)
            ),
        )
        for start in range(0, len(keypoints), batch_size)
    ]
    depends_on = dict(
        keypoints=_digest(keypoints.tobytes()),
        names=_digest('\n'.join(names).encode()),
        sizes=_digest(sizes.tobytes()),
        body=None if body is None else os.fspath(body),
        batch_size=batch_size,
        **settings,
    )
    with filling(folder, 'job.json', depends_on, alone=True):
        start = partial(_PartFitter, body, settings)
        make_parts(start, parts, workers, progress)
        if parts:
            fits = BodyFits.concatenate([load_fits(p.path) for p in parts])
        else:
            fits = start().fitter(keypoints, names, sizes)
        save_fits(path, fits)
    shutil.rmtree(folder)
    return fits


def _digest(data):
    return hashlib.sha256(data).hexdigest()


class _PartFitter:
    """Fits the people of one part after the other, and writes their file."""

    def __init__(self, body, settings):
        body = None if body is None else BodyModel(body)
        self.fitter = BodyFitter(body, **settings)

    def __call__(self, part):
        keypoints, names, sizes = part.work
        save_fits(
            part.path, self.fitter(keypoints, names, sizes, len(keypoints))
        )
